package ami

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"
)

// The defaults of [Client].
const (
	DefaultAddr             = "127.0.0.1:5038"
	DefaultConnectTimeout   = 10 * time.Second
	DefaultBootTimeout      = 3 * time.Second
	DefaultKeepalive        = 15 * time.Second
	DefaultKeepaliveTimeout = 45 * time.Second
)

// Client is a user of one Asterisk's Manager. Set its fields, then call [Client.Connect]; a zero field means its default.
// The fields must not change after that, and a Client must not be copied. All methods may be called by several goroutines
// at once, also from inside a range over [Client.Events].
//
// The life of a Client is one connection: when that is lost, or Close is called, the client has ended. [Client.Done] is
// closed then, [Client.Err] says why, every range over Events ends with the same error, and every action that waits for its
// answer fails with an [*ActionError]. Whoever wants to go on makes a new Client.
type Client struct {
	// Addr is "host:port". Default: [DefaultAddr].
	Addr string
	// Username and Secret are those of a user in manager.conf. The secret appears in no error and no log line.
	Username, Secret string
	// PlainLogin sends the secret as it is instead of an MD5 digest of it with a challenge: for what cannot do otherwise,
	// such as some proxies. Without TLS, anybody on the way can read it.
	PlainLogin bool
	// EventMask chooses the classes of events that Asterisk sends, separated by commas, such as "call,agent,user"; "on" and
	// "off" mean all and none. Classes that manager.conf does not let the user read do not come. Default: "on".
	EventMask string
	// TLS, if not nil, makes the connection a TLS one (tlsenable in manager.conf; its port is 5039 by default). If
	// ServerName is empty, it is the host of Addr.
	TLS *tls.Config
	// Dial, if not nil, makes the connection in place of [net.Dialer].
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// ConnectTimeout bounds Connect, the wait for FullyBooted apart. Default: [DefaultConnectTimeout].
	ConnectTimeout time.Duration
	// BootTimeout bounds how long Connect waits for FullyBooted when that did not come with the login; see Connect.
	// Negative: it does not wait. Default: [DefaultBootTimeout].
	BootTimeout time.Duration
	// Keepalive is how long the connection may be silent until the client sends a Ping. Negative: it never does. Default:
	// [DefaultKeepalive].
	Keepalive time.Duration
	// KeepaliveTimeout is how long after such a Ping the connection may go on being silent until it counts as lost.
	// Asterisk carries out the actions of a connection one after the other and is silent meanwhile: an Originate without
	// Async takes up to its Timeout, 30 s if it has none. So this should be longer than the longest. Default:
	// [DefaultKeepaliveTimeout].
	KeepaliveTimeout time.Duration
	// QueueSize is how many events may wait for one consumer until some are lost; see Events. Default: [DefaultQueueSize].
	QueueSize int
	// MaxMessageSize is the largest message in bytes that is taken; a larger one ends the connection. Default:
	// [DefaultMaxMessageSize].
	MaxMessageSize int
	// Logger, if not nil, is told when the connection is up or lost, and what looks wrong.
	Logger *slog.Logger

	once     sync.Once
	audience audience
	metrics  metrics
	running  sync.WaitGroup

	mu      sync.Mutex
	state   State
	session *session                // while Up
	cancel  context.CancelCauseFunc // while Connecting
	done    chan struct{}
	err     error
}

// Connect dials, logs in, and waits until Asterisk is fully booted. When it returns nil, actions can be sent and events
// come. If it fails, no connection is left, and it may be called again. A refused login is a [*ResponseError], which
// Asterisk sends only after a second; a peer that is no Asterisk a [*ProtocolError].
//
// A booted Asterisk sends the event FullyBooted with the answer to the login; one that is still loading its modules sends
// it when it is done. But it sends it only to users who may read the class system (action_login in main/manager.c). Nothing
// on the wire tells a user who may not from an Asterisk that is loading. So if a Ping behind the login is answered and
// there was no FullyBooted, Connect waits for BootTimeout and then takes Asterisk for booted. If EventMask leaves system
// out it does not wait.
func (c *Client) Connect(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if err := c.begin(cancel); err != nil {
		return err
	}
	s, err := c.open(ctx)
	if err != nil {
		c.abort()
		return err
	}
	return c.adopt(s)
}

// Close ends the client: its connection is closed without a Logoff, events that wait are dropped, ranges over Events end
// with [ErrClosed] and so do actions that wait for their answers. When Close returns, no goroutine of the client is left.
// It always returns nil, and may be called more than once.
func (c *Client) Close() error {
	c.mu.Lock()
	s, cancel := c.session, c.cancel
	c.mu.Unlock()
	c.end(ErrClosed, true)
	if cancel != nil {
		cancel(ErrClosed)
	}
	if s != nil {
		s.fail(ErrClosed)
	}
	c.running.Wait()
	return nil
}

// Done returns a channel that is closed when the client has ended.
func (c *Client) Done() <-chan struct{} {
	c.setup()
	return c.done
}

// Err returns nil until the client has ended, then why: [ErrClosed], or an error that wraps [ErrConnectionLost].
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// State returns where the client is in its life.
func (c *Client) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

func (c *Client) setup() {
	c.once.Do(func() { c.done = make(chan struct{}) })
}

// begin makes the client Connecting.
func (c *Client) begin(cancel context.CancelCauseFunc) error {
	c.setup()
	if err := checkMask(c.EventMask); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch c.state {
	case Idle:
		c.state, c.cancel = Connecting, cancel
		c.running.Add(1)
		return nil
	case Ended:
		return c.err
	default:
		return fmt.Errorf("ami: Connect of a client that is %v", c.state)
	}
}

// abort makes a client whose Connect has failed Idle again.
func (c *Client) abort() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == Connecting {
		c.state = Idle
	}
	c.cancel = nil
	c.running.Done()
}

// adopt makes a client with a session that is logged in Up, unless Close was faster.
func (c *Client) adopt(s *session) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancel = nil
	if c.state != Connecting {
		s.fail(ErrClosed)
		go c.watch(s)
		return c.err
	}
	c.state, c.session = Up, s
	go c.watch(s)
	c.log().Info("ami: connected", "addr", c.addr(), "banner", s.banner)
	return nil
}

// watch waits for the end of the session, which is the end of the client. A client that reconnects would do so here.
func (c *Client) watch(s *session) {
	defer c.running.Done()
	s.wait()
	c.end(s.err, false)
	if !errors.Is(s.err, ErrClosed) {
		c.log().Warn("ami: connection lost", "addr", c.addr(), "error", s.err)
	}
}

// end makes the client Ended. Events that wait can still be taken, unless drop is true.
func (c *Client) end(why error, drop bool) {
	c.setup()
	c.mu.Lock()
	if c.err == nil {
		c.err, c.state = why, Ended
		close(c.done)
	}
	why = c.err
	c.mu.Unlock()
	c.audience.end(why, drop)
}

func (c *Client) log() *slog.Logger {
	if c.Logger != nil {
		return c.Logger
	}
	return slog.New(slog.DiscardHandler)
}

func (c *Client) addr() string {
	if c.Addr != "" {
		return c.Addr
	}
	return DefaultAddr
}

// orDefault returns value, or the default if it is zero, or 0 if it is negative.
func orDefault(value, otherwise time.Duration) time.Duration {
	switch {
	case value == 0:
		return otherwise
	case value < 0:
		return 0
	}
	return value
}

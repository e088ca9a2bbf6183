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
	DefaultReconnectWait    = 500 * time.Millisecond
	DefaultMaxReconnectWait = 30 * time.Second
)

// Client is a user of one Asterisk's Manager. Set its fields, then call [Client.Connect]; a zero field means its default.
// The fields must not change after that, and a Client must not be copied. All methods may be called by several goroutines
// at once, also from inside a range over [Client.Events].
//
// The life of a Client begins with Connect. When the connection is lost, the client makes another by itself, again and again
// until it succeeds, logs in and goes on; what it cannot mend it says. Every action that waits for its answer fails with an
// [*ActionError] that tells whether it was sent, and so does every action until the connection is up again; [Client.Ready]
// waits for that. A range over Events goes on, with a mark [Disconnected] where events are missing and one [ResyncEnd] where
// the state of Asterisk is known again. [Client.States] tells it all. Set ReconnectWait to -1 for a client that ends with its
// connection instead.
//
// The life ends with Close or Drain. [Client.Done] is closed then, [Client.Err] says why, and every range over Events ends
// with the same error.
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
	// Subscribe, if not nil, names the events that are wanted, as they are spelt on the wire ("Newexten"), and has Asterisk
	// send no others, which saves most of the traffic: the client asks for their classes and adds a filter for each name
	// after each login. EventMask must be empty then. Some that the client itself needs come all the same: FullyBooted,
	// Shutdown and OriginateResponse.
	Subscribe []string
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
	// Async takes up to its Timeout, 30 s if it has none. So this should be longer than the longest. On Linux it is also
	// how long the kernel waits for the other side to acknowledge what was sent, unless Dial is set. Default:
	// [DefaultKeepaliveTimeout].
	KeepaliveTimeout time.Duration
	// ReconnectWait is how long the client waits before it makes another connection in place of one that was lost; the wait
	// doubles with each attempt that fails, up to MaxReconnectWait, and up to a half of it is left out by chance. Negative:
	// the client does not reconnect but ends. Defaults: [DefaultReconnectWait], [DefaultMaxReconnectWait].
	ReconnectWait, MaxReconnectWait time.Duration
	// Snapshots chooses what of the state of Asterisk is read after each login and put into the stream of [Client.Events]
	// between the marks [ResyncBegin] and [ResyncEnd], so that a model is made by the same code that keeps it. Default: none;
	// then the marks come after a reconnect only.
	Snapshots Snapshots
	// QueueSize is how many events may wait for one consumer until some are lost; see Events. Default: [DefaultQueueSize].
	QueueSize int
	// MaxMessageSize is the largest message in bytes that is taken; a larger one ends the connection. Default:
	// [DefaultMaxMessageSize].
	MaxMessageSize int
	// Logger, if not nil, is told when the connection is up or lost, and what looks wrong.
	Logger *slog.Logger
	// Hooks, where not nil, are told what happens.
	Hooks Hooks

	once      sync.Once
	audience  audience
	metrics   metrics
	supported supported
	running   sync.WaitGroup // keep, and the second connection
	done      chan struct{}
	dialing2  chan struct{} // has room for whoever makes the second connection

	mu       sync.Mutex
	state    State
	why      error                   // the client is in this state
	watchers map[*watcher]bool       // of the state
	session  *session                // while Up or Draining
	second   *session                // for actions that block; nil until one comes
	since    time.Time               // when it was Up last
	attempts int                     // to reconnect since then
	cancel   context.CancelCauseFunc // while a connection is being made
	err      error                   // of the end
}

// Hooks are functions that a [Client] calls. They are called where things happen, so they must return soon and must not call
// methods of the client.
type Hooks struct {
	// State is called with each state that the client gets into, and why; see [Client.States].
	State func(state State, why error)
	// Message is called with each message that comes over the main connection, answers included, those to the login too, in
	// order. Record of a [Recorder] is such a function.
	Message func(Message)
	// Action is called when an action is over: with its name, how long that took, and the error that is returned.
	Action func(name string, took time.Duration, err error)
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
	if err == nil {
		if err = c.adopt(s); err == nil {
			go c.keep(s)
			return nil
		}
		s.wait()
	}
	c.abort()
	return err
}

// Start is Connect for those who do not wait: it returns at once, and the client tries to connect until it succeeds, as it does
// after the loss of a connection. [Client.Ready] waits for that. The error says only that the client cannot be started.
func (c *Client) Start() error {
	ctx, cancel := context.WithCancelCause(context.Background())
	if err := c.begin(cancel); err != nil {
		cancel(nil)
		return err
	}
	go func() {
		defer cancel(nil)
		c.keep(c.retry(ctx, false))
	}()
	return nil
}

// Close ends the client: its connections are closed without a Logoff, events that wait are dropped, ranges over Events end
// with [ErrClosed] and so do actions that wait for their answers. When Close returns, no goroutine of the client is left.
// It always returns nil, and may be called more than once.
func (c *Client) Close() error {
	c.end(ErrClosed, true)
	c.running.Wait()
	return nil
}

// Drain ends the client gently: it sends no more actions (they fail with [ErrClosed]), waits for the answers to those that
// were sent, logs off, and closes its connections. Events that have come by then can still be taken; then ranges over Events
// end with ErrClosed. If ctx ends before the answers are there, the actions that wait for them fail, and Drain returns the
// cause. When Drain returns, no goroutine of the client is left.
func (c *Client) Drain(ctx context.Context) error {
	c.mu.Lock()
	var sessions []*session
	if c.state == Up {
		c.become(Draining, nil)
		sessions = append(sessions, c.session)
		if c.second != nil {
			sessions = append(sessions, c.second)
		}
	}
	c.mu.Unlock()
	var err error
	for _, s := range sessions {
		err = errors.Join(err, s.drain(ctx))
	}
	c.end(ErrClosed, false)
	c.running.Wait()
	return err
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

func (c *Client) setup() {
	c.once.Do(func() {
		c.done = make(chan struct{})
		c.dialing2 = make(chan struct{}, 1)
	})
}

// begin makes the client Connecting.
func (c *Client) begin(cancel context.CancelCauseFunc) error {
	c.setup()
	if err := c.checkSubscription(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch c.state {
	case Idle:
		c.cancel = cancel
		c.become(Connecting, nil)
		c.running.Add(1) // until abort, or the end of keep
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
		c.become(Idle, nil)
	}
	c.cancel = nil
	c.running.Done()
}

// end makes the client Ended and closes its connections. Events that wait can still be taken, unless drop is true.
func (c *Client) end(why error, drop bool) {
	c.setup()
	c.mu.Lock()
	if c.err == nil {
		c.err = why
		c.become(Ended, why)
		close(c.done)
		c.log().Info("ami: ended", "addr", c.addr(), "error", why)
	}
	why = c.err
	if c.cancel != nil {
		c.cancel(why)
	}
	for _, s := range []*session{c.session, c.second} {
		if s != nil {
			s.fail(why)
		}
	}
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

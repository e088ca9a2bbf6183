package sipphone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"github.com/google/uuid"
)

// Config says what phone to make.
type Config struct {
	// Server is the address of Asterisk, SIP over UDP.
	Server netip.AddrPort
	// User is the phone's name: in its address, and for its authentication.
	User string
	// Password lets the phone register at the server and answer its challenges. Empty: it does not register, as a peer
	// beyond a trunk.
	Password string
	// Expires is how long a registration lasts; the phone renews it in time. The server may refuse what it finds too brief
	// (Asterisk: less than the AOR's minimum_expiration). At least a second, in whole ones. Default: 1 hour.
	Expires time.Duration
	// Tone is what it sends, in Hz: one of [Frequencies]. Zero: silence.
	Tone float64
	// Tones are those it listens for. Default: all of [Frequencies].
	Tones []float64
	// OnInvite is called for every incoming call, in a goroutine of its own. The call ends when it returns without having
	// answered or let it ring. Close waits for it: it must not outlive the call ([Call.Done]) by much. Default: the phone
	// rings, and nobody answers.
	OnInvite func(*Call)
	// OnRefer is called when the other side of a call asks the phone to call a number instead (REFER), in a goroutine of its own. It
	// calls it, and the phone hangs up then; its error tells that it did not. Default: the phone declines.
	OnRefer func(c *Call, number string) error
	// Deaf makes a phone that takes a NOTIFY with Event: talk or hold and does nothing, as one that is not set up for it.
	Deaf bool
	// Logger, if not nil, is told what SIP does.
	Logger *slog.Logger
}

// requestTimeout bounds a request to a server that does not answer.
const requestTimeout = 10 * time.Second

// Phone is a SIP phone. Its methods may be called by several goroutines at once.
type Phone struct {
	cfg     Config
	conn    *net.UDPConn
	ua      *sipgo.UserAgent
	client  *sipgo.Client
	contact sip.ContactHeader
	serving sync.WaitGroup
	work    sync.WaitGroup // whatever may still send
	renewal renewal
	deaf    atomic.Bool // takes no requests any more
	lastID  string      // the Call-ID of its last request, to itself

	mu        sync.Mutex
	calls     map[string]*Call // by Call-ID
	transfers map[string]*Call // those that are being transferred, by Call-ID
	made      int              // calls
	closed    bool             // no calls any more
	down      bool             // no requests any more
}

// errClosed is the error of what a closed phone cannot do.
var errClosed = errors.New("sipphone: the phone is closed")

// errEnded is the error of what needs a call that is still there.
var errEnded = errors.New("sipphone: the call has ended")

// StatusError is a refusal.
type StatusError struct {
	Code   int
	Reason string
}

func (e *StatusError) Error() string { return fmt.Sprintf("sipphone: %d %s", e.Code, e.Reason) }

// New makes a phone on a free port of loopback, and registers it if it has a password. Close ends it; ctx bounds the
// registration only. A password that the server does not take is a [*StatusError].
func New(ctx context.Context, cfg Config) (*Phone, error) {
	if cfg.Tones == nil {
		cfg.Tones = Frequencies()
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.OnInvite == nil {
		cfg.OnInvite = func(c *Call) { c.Ring(context.Background()) } //nolint:errcheck // a caller who has given up already
	}
	if cfg.Expires == 0 {
		cfg.Expires = time.Hour
	}
	if cfg.Expires < time.Second {
		return nil, fmt.Errorf("sipphone: %s: Config.Expires is %v: want a second or more", cfg.User, cfg.Expires)
	}
	p := &Phone{cfg: cfg, calls: map[string]*Call{}, transfers: map[string]*Call{}, lastID: uuid.NewString()}
	if err := p.open(ctx); err != nil {
		return nil, fmt.Errorf("sipphone: %s: %w", cfg.User, err)
	}
	if cfg.Password == "" {
		return p, nil
	}
	if err := p.register(ctx, cfg.Expires); err != nil {
		p.shut()
		return nil, fmt.Errorf("sipphone: %s: registering: %w", cfg.User, err)
	}
	p.renewal.start(p)
	return p, nil
}

// open binds the port and starts to serve requests.
func (p *Phone) open(ctx context.Context) error {
	var err error
	if p.conn, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
		return err
	}
	p.contact = sip.ContactHeader{Address: p.uri(p.Addr(), p.cfg.User)}
	server, err := p.userAgent()
	if err != nil {
		return errors.Join(err, p.conn.Close())
	}
	server.OnInvite(p.onInvite)
	server.OnAck(p.onAck)
	server.OnBye(p.onBye)
	server.OnNotify(p.onNotify)
	server.OnRefer(p.onRefer)
	for _, method := range []sip.RequestMethod{sip.OPTIONS, sip.INFO, sip.MESSAGE, sip.UPDATE} {
		server.OnRequest(method, p.onOther)
	}
	p.serving.Go(func() {
		if err := server.ServeUDP(p.conn); err != nil {
			p.cfg.Logger.Debug("sipphone: serving", "user", p.cfg.User, "error", err)
		}
	})
	return p.waitServing(ctx)
}

func (p *Phone) userAgent() (*sipgo.Server, error) {
	log := p.cfg.Logger
	ua, err := sipgo.NewUA(
		sipgo.WithUserAgent(p.cfg.User), sipgo.WithUserAgentHostname(p.Addr().Addr().String()),
		sipgo.WithUserAgentTransactionLayerOptions(
			sip.WithTransactionLayerLogger(log),
			sip.WithTransactionLayerUnhandledResponseHandler(func(res *sip.Response) {
				p.cfg.Logger.Debug("sipphone: a response too late", "user", p.cfg.User, "response", res.Short())
			}),
		),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(log), sip.WithTransportLayerReadFilter(p.filter)),
	)
	if err != nil {
		return nil, err
	}
	p.ua = ua
	if p.client, err = sipgo.NewClient(ua, sipgo.WithClientLogger(log), sipgo.WithClientConnectionAddr(p.Addr().String())); err != nil {
		return nil, err
	}
	return sipgo.NewServer(ua, sipgo.WithServerLogger(log))
}

// waitServing waits until requests leave by the phone's own port: that is so when the transport has begun to read.
func (p *Phone) waitServing(ctx context.Context) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := p.ua.TransportLayer().GetConnection("udp", p.Addr().String()); err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			p.shut()
			return context.Cause(ctx)
		}
	}
}

// Addr is the phone's SIP address.
func (p *Phone) Addr() netip.AddrPort { return addrPort(p.conn.LocalAddr()) }

// Close hangs up all calls, ends the registration and frees the port. It may be called more than once. If the server does
// not answer any more, it gives up after 10 s.
func (p *Phone) Close() error {
	p.mu.Lock()
	was := p.closed
	p.closed = true
	calls := make([]*Call, 0, len(p.calls))
	for _, c := range p.calls {
		calls = append(calls, c)
	}
	p.mu.Unlock()
	if was {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	var hangups sync.WaitGroup
	for _, c := range calls {
		hangups.Go(func() {
			if err := c.Hangup(ctx); err != nil {
				c.end(err)
			}
		})
	}
	hangups.Wait()
	var err error
	if p.cfg.Password != "" {
		p.renewal.stop()
		if err = p.register(ctx, 0); err != nil {
			err = fmt.Errorf("sipphone: %s: ending the registration: %w", p.cfg.User, err)
		}
	}
	p.shut()
	return err
}

// request makes a request to the server.
func (p *Phone) request(method sip.RequestMethod, to sip.Uri) *sip.Request {
	req := sip.NewRequest(method, to)
	req.SetDestination(p.cfg.Server.String())
	req.Laddr = sip.Addr{IP: net.IP(p.Addr().Addr().AsSlice()), Port: int(p.Addr().Port())}
	return req
}

func (p *Phone) uri(addr netip.AddrPort, user string) sip.Uri {
	return sip.Uri{Scheme: "sip", User: user, Host: addr.Addr().String(), Port: int(addr.Port())}
}

// refusal is the error of a final response that is no success.
func refusal(res *sip.Response) error {
	if res.IsSuccess() {
		return nil
	}
	return &StatusError{Code: res.StatusCode, Reason: res.Reason}
}

func newTag() string { return sip.GenerateTagN(16) }

func tag(value string) sip.HeaderParams {
	var params sip.HeaderParams
	params.Add("tag", value)
	return params
}

func addrPort(addr net.Addr) netip.AddrPort {
	udp := addr.(*net.UDPAddr)
	return netip.AddrPortFrom(udp.AddrPort().Addr().Unmap(), udp.AddrPort().Port())
}

package ari

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// The defaults of [Client].
const (
	DefaultURL             = "http://127.0.0.1:8088/ari"
	DefaultTimeout         = 10 * time.Second
	DefaultMaxResponseSize = 64 << 20
	DefaultMaxConnections  = 64
)

// idleTimeout is how long a connection may be idle. Asterisk closes those that are idle for 15 s (session_keep_alive in
// http.conf); a request on one that is just being closed would be lost.
const idleTimeout = 10 * time.Second

// Client sends requests to one Asterisk's REST interface. Set its fields and use it; a zero field means its default. The
// fields must not change after that, and a Client must not be copied. All methods may be called by several goroutines at once.
//
// Every operation of Asterisk is a method of its resource:
//
//	channels, err := client.Channels().List(ctx)
//	err = client.Channels().Answer(ctx, id)
//
// A no of Asterisk is an [*Error]. A request that got no answer ends with a [*RequestError], and [SafeToRetry] says whether it
// may be sent again. An [App] has the events, and handles that wait for them.
type Client struct {
	// URL is where Asterisk's REST interface is, up to and with /ari. It must hold no credentials. Default: [DefaultURL].
	URL string
	// Username and Password are those of a user in ari.conf. They are sent in a header, and appear in no address, no error
	// and no log line.
	Username, Password string
	// Timeout bounds each request, if the context does not end earlier; of a download only the wait for its beginning.
	// Negative: none. Default: [DefaultTimeout].
	Timeout time.Duration
	// MaxResponseSize is the largest answer in bytes that is taken, downloads apart. Default: [DefaultMaxResponseSize].
	MaxResponseSize int64
	// MaxConnections is how many connections the client makes at once, the websocket of each application apart; further
	// requests wait for one. Asterisk takes 100 from everybody together and drops the others, with the requests on them (sessionlimit in
	// http.conf). Default: [DefaultMaxConnections]; at least one is made.
	MaxConnections int
	// Transport, if not nil, carries the requests in place of the client's own: for TLS with certificates of one's own, or an
	// [App] whose Transport sends them over its websocket. An error of it that has a method NotSent() bool, and returns true,
	// says that nothing has left.
	Transport http.RoundTripper
	// Logger, if not nil, is told what looks wrong, and at level debug of each request.
	Logger *slog.Logger
	// Tracer, if not nil, gets a span for each request, for each call of a [Server], and for what takes time: play, record,
	// collect, dial, connect. Spans hold ids and statuses, but no numbers, digits, variables or names of sounds.
	Tracer trace.Tracer
	// Hooks, where not nil, are told what happens.
	Hooks Hooks

	once    sync.Once
	base    string // without a slash at its end
	badURL  error
	login   []string // the header Authorization
	carrier http.RoundTripper
	sockets http.RoundTripper // makes websockets
	metrics requestMetrics
}

// Hooks are functions that a [Client] and its [App]s call. They are called where things happen, so they must return soon.
type Hooks struct {
	// Request is called when a request is over: with its operation, how long that took, and the error that is returned.
	Request func(operation string, took time.Duration, err error)
	// State is called with each state that an application gets into, and why.
	State func(app string, state State, why error)
}

// Close closes the connections that are idle. The client can still be used.
func (c *Client) Close() error {
	c.setup()
	if c.Transport != nil {
		return nil
	}
	for _, t := range []http.RoundTripper{c.carrier, c.sockets} {
		if closer, ok := t.(interface{ CloseIdleConnections() }); ok {
			closer.CloseIdleConnections()
		}
	}
	return nil
}

func (c *Client) setup() {
	c.once.Do(func() {
		c.base, c.badURL = cleanURL(c.URL)
		c.login = []string{"Basic " + base64.StdEncoding.EncodeToString([]byte(c.Username+":"+c.Password))}
		c.carrier, c.sockets = c.Transport, c.Transport
		if _, own := c.Transport.(*socketTransport); c.Transport != nil && !own {
			return
		}
		most := orDefault(c.MaxConnections, DefaultMaxConnections)
		usual := usualTransport(most)
		c.sockets = usual
		switch {
		case c.Transport != nil: // an App must not be asked for a websocket over itself
		case strings.HasPrefix(c.base, "https:"):
			c.carrier = usual
		default:
			c.carrier = newDirect(max(most, 1))
		}
	})
}

// usualTransport is that of net/http, for websockets and for TLS.
func usualTransport(most int) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = nil
	t.ForceAttemptHTTP2 = false
	t.MaxConnsPerHost, t.MaxIdleConns, t.MaxIdleConnsPerHost = most, most, most
	t.IdleConnTimeout = idleTimeout
	t.DisableCompression = true
	return t
}

// cleanURL checks the address of a client. Its errors never hold the address, which may hold a secret.
func cleanURL(address string) (string, error) {
	if address == "" {
		address = DefaultURL
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return "", fmt.Errorf("ari: Client.URL cannot be parsed: want one like %s", DefaultURL)
	case u.User != nil:
		return "", errors.New("ari: Client.URL holds credentials: they belong into Username and Password")
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.RawQuery != "", u.Fragment != "":
		return "", fmt.Errorf("ari: Client.URL is not like %s", DefaultURL)
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func (c *Client) log() *slog.Logger {
	if c.Logger != nil {
		return c.Logger
	}
	return slog.New(slog.DiscardHandler)
}

// timeout bounds a request.
func (c *Client) timeout(ctx context.Context) (context.Context, context.CancelFunc) {
	timeout := orDefault(c.Timeout, DefaultTimeout)
	if timeout < 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, timeout, &timeoutError{timeout})
}

// timeoutError says that Asterisk has not answered in time.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string {
	return fmt.Sprintf("no answer within %v (Client.Timeout)", e.after)
}
func (e *timeoutError) Timeout() bool        { return true }
func (e *timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

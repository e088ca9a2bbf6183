package ari

import (
	"bytes"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// protocol is the subprotocol of Asterisk's websockets (res/ari/ari_websockets.c).
const protocol = "ari"

// session is one websocket.
type session struct {
	app  *App
	conn socket
	done chan struct{} // closed when the websocket is lost, or given up
	// registered is closed when Asterisk says that the application is: what it has kept came before that
	registered  chan struct{}
	isAnnounced sync.Once

	mu       sync.Mutex
	err      error
	requests map[string]chan<- restAnswer // over this websocket
}

func newSession(a *App, conn socket) *session {
	if ours, ok := conn.(*websocket.Conn); ok {
		ours.SetReadLimit(orDefault(a.MaxEventSize, DefaultMaxEventSize))
	}
	return &session{app: a, conn: conn, done: make(chan struct{}), registered: make(chan struct{}), requests: map[string]chan<- restAnswer{}}
}

// open returns a websocket that Asterisk has accepted, or that Asterisk has made.
func (a *App) open(ctx context.Context) (*session, error) {
	if a.Outbound {
		select {
		case s := <-a.offered:
			return s, nil
		case <-ctx.Done():
			return nil, fmt.Errorf("ari: waiting for Asterisk to connect: %w", context.Cause(ctx))
		}
	}
	if a.Listen != nil {
		feed, err := a.Listen(ctx)
		if err != nil {
			return nil, err
		}
		return newSession(a, feedSocket{feed}), nil
	}
	op := &operations[opEventsEventWebsocket]
	ctx, cancel := a.Client.timeout(ctx)
	defer cancel()
	address := "ws" + strings.TrimPrefix(a.Client.base, "http") + op.Path + "?app=" + escape(a.Name)
	if a.SubscribeAll {
		address += "&subscribeAll=true"
	}
	login := &http.Request{Header: http.Header{}}
	login.SetBasicAuth(a.Client.Username, a.Client.Password)
	//nolint:bodyclose // the library has read it and closed it
	conn, resp, err := websocket.Dial(ctx, address, &websocket.DialOptions{
		HTTPClient: a.Client.forSockets(), HTTPHeader: login.Header, Subprotocols: []string{protocol},
	})
	if err == nil {
		return newSession(a, conn), nil
	}
	if resp != nil && resp.StatusCode != http.StatusSwitchingProtocols {
		text, _ := io.ReadAll(resp.Body)
		return nil, refusal(op, resp.StatusCode, string(text))
	}
	var failed *url.Error // holds the address
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return nil, unanswered(ctx, op, false, err)
}

// forSockets is the HTTP client that makes websockets.
func (c *Client) forSockets() *http.Client {
	return &http.Client{
		Transport: c.sockets,
		// a redirect would carry the credentials elsewhere; Asterisk never sends one
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// ServeHTTP takes the websocket that Asterisk makes for an application that is Outbound, in place of the one that there may
// be. What happened while there was none comes first: Asterisk keeps it, in order and with its times (websocket_client.conf,
// connection_type = persistent).
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := a.check(); err != nil || !a.Outbound {
		http.Error(w, "this application does not take websockets", http.StatusNotFound)
		return
	}
	if !a.isAsterisk(r) {
		w.Header().Set("WWW-Authenticate", `Basic realm="ari"`)
		http.Error(w, "not authorised", http.StatusUnauthorized)
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{protocol}})
	if err != nil {
		a.log().Warn("ari: a connection to the application that is no websocket", "app", a.Name, "from", r.RemoteAddr, "error", err)
		return
	}
	a.offer(newSession(a, conn))
}

// isAsterisk compares credentials in a time that does not depend on where they differ.
func (a *App) isAsterisk(r *http.Request) bool {
	if a.AcceptUsername == "" && a.AcceptPassword == "" {
		return true
	}
	user, password, _ := r.BasicAuth()
	same := subtle.ConstantTimeCompare([]byte(user), []byte(a.AcceptUsername)) & subtle.ConstantTimeCompare([]byte(password), []byte(a.AcceptPassword))
	return same == 1
}

// offer has the App take a websocket in place of the one that it has. One that was offered before and not taken is closed.
func (a *App) offer(s *session) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err != nil {
		s.conn.CloseNow() //nolint:errcheck // nobody wants it
		return
	}
	select {
	case old := <-a.offered:
		old.fail(errSuperseded)
	default:
	}
	a.offered <- s
	if a.session != nil {
		a.session.fail(errSuperseded)
	}
}

var errSuperseded = fmt.Errorf("%w: Asterisk has made another", ErrConnectionLost)

// fail ends the websocket. One that is not lost is ended with a farewell: Asterisk 22.10 may never connect again if a websocket
// that it has made goes while it writes to it (__ast_websocket_write in res/res_http_websocket.c closes it twice).
func (s *session) fail(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return
	}
	s.err = why
	close(s.done)
	for id, answer := range s.requests {
		answer <- restAnswer{err: why}
		delete(s.requests, id)
	}
	s.app.closing.Go(func() {
		if errors.Is(why, ErrConnectionLost) {
			s.conn.CloseNow() //nolint:errcheck // it is gone either way
			return
		}
		s.conn.Close(websocket.StatusGoingAway, "") // waits for Asterisk's farewell, but not long
	})
}

func (s *session) why() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// read takes what comes until the websocket is lost.
func (s *session) read() {
	var buffer bytes.Buffer
	for {
		_, message, err := s.conn.Reader(context.Background())
		if err == nil {
			buffer.Reset()
			_, err = buffer.ReadFrom(message)
		}
		if err != nil {
			s.fail(fmt.Errorf("%w: %w", ErrConnectionLost, err))
			return
		}
		s.take(buffer.String())
		if buffer.Cap() > maxBuffer {
			buffer = bytes.Buffer{}
		}
	}
}

// maxBuffer is how large a buffer may be that is kept for the next event.
const maxBuffer = 64 << 10

// take gives what has come to who waits for it.
func (s *session) take(text string) {
	e, err := parseEvent(text)
	switch {
	case err != nil:
		s.app.counts.bad.Add(1)
		s.app.log().Warn("ari: what came is no event", "app", s.app.Name, "error", err)
	case e.Type == "RESTResponse":
		s.answered(e)
	default:
		s.app.receive(s, e)
	}
}

// watchSilence finds connections that are gone without a word: half-open ones.
func (s *session) watchSilence() {
	every := orDefault(s.app.Keepalive, DefaultKeepalive)
	if every < 0 {
		return
	}
	patience := orDefault(s.app.KeepaliveTimeout, DefaultKeepaliveTimeout)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		err := s.conn.Ping(ctx)
		cancel()
		if err != nil {
			s.fail(fmt.Errorf("%w: no answer to a ping within %v", ErrConnectionLost, patience))
			return
		}
	}
}

// adopt makes a websocket the one of the App, and has Asterisk send on it what is wanted.
func (a *App) adopt(ctx context.Context, s *session) error {
	a.order.Lock()
	a.past = past{} // what a former connection has told is older than any list that will be read
	a.order.Unlock()
	a.mu.Lock()
	if a.err != nil {
		defer a.mu.Unlock()
		s.fail(a.err)
		return a.err
	}
	a.session = s
	a.mu.Unlock()
	a.running.Go(s.read)
	a.running.Go(s.watchSilence)
	err := s.waitRegistered(ctx)
	if err == nil {
		err = a.prepare(ctx)
	}
	if err != nil {
		s.fail(err)
		a.lost(s)
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err != nil {
		return a.err
	}
	if a.session != s {
		return s.why()
	}
	a.become(Up, nil)
	a.log().Info("ari: connected", "app", a.Name, "outbound", a.Outbound)
	return nil
}

// waitRegistered waits until an Asterisk that has connected to us says that the application is registered. Until then it may
// swallow what is sent to it with the handshake.
func (s *session) waitRegistered(ctx context.Context) error {
	if !s.app.Outbound {
		return nil
	}
	select {
	case <-s.registered:
		return nil
	case <-s.done:
		return s.why()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// prepare says which events are wanted.
func (a *App) prepare(ctx context.Context) error {
	if a.Filter != nil {
		if _, err := a.Client.Applications().Filter(ctx, a.Name, *a.Filter); err != nil {
			return err
		}
	}
	if len(a.Subscriptions) > 0 {
		if _, err := a.Client.Applications().Subscribe(ctx, a.Name, a.Subscriptions); err != nil {
			return err
		}
	}
	return nil
}

// lost notes that a websocket is not the App's any more.
func (a *App) lost(s *session) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.session == s {
		a.session = nil
	}
}

// keep goes on from a websocket that is adopted, or from none, until the App ends.
func (a *App) keep(life context.Context, s *session) {
	defer a.running.Done()
	first := true
	for {
		if s == nil {
			if s = a.retry(life, first); s == nil {
				return
			}
		}
		again := !first
		first = false
		resync, stop := context.WithCancel(life)
		finished := make(chan struct{})
		go func() {
			defer close(finished)
			a.resyncAfterConnect(resync, again)
		}()
		<-s.done
		stop()
		<-finished
		why := s.why()
		a.lost(s)
		a.Client.Close() // its idle connections may be as dead, and nothing would tell
		if life.Err() != nil {
			return
		}
		a.order.Lock() // not in the middle of a Resync
		a.router.publish(Event{Type: "Disconnected", Application: a.Name, Mark: Disconnected, why: why})
		a.order.Unlock()
		if orDefault(a.ReconnectWait, DefaultReconnectWait) < 0 {
			a.end(why)
			return
		}
		a.note(why)
		s = nil
	}
}

// note says that the App has no websocket, and why.
func (a *App) note(why error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err == nil {
		a.become(Reconnecting, why)
		a.log().Warn("ari: no connection", "app", a.Name, "error", why)
	}
}

// retry makes a websocket, however often that takes; nil says that the App has ended.
func (a *App) retry(life context.Context, first bool) *session {
	wait := orDefault(a.ReconnectWait, DefaultReconnectWait)
	most := orDefault(a.MaxReconnectWait, DefaultMaxReconnectWait)
	for attempt := 0; ; attempt++ {
		if (attempt > 0 || !first) && !a.Outbound {
			if !pause(life, wait-time.Duration(rand.Int64N(int64(wait/2)+1))) { //nolint:gosec // it is not a secret
				return nil
			}
			wait = min(2*wait, most)
		}
		s, err := a.open(life)
		if err == nil {
			if err = a.adopt(life, s); err == nil {
				a.counts.reconnected(first)
				return s
			}
		}
		if life.Err() != nil {
			return nil
		}
		a.note(err)
	}
}

// pause waits, and reports whether to go on.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Package asyncagi lets a server of package agi serve AsyncAGI: sessions that Asterisk offers over the Manager, where a
// dialplan calls AGI(agi:async). There is one listener for it, and the rest is as with FastAGI:
//
//	client := &ami.Client{ ... } // connected
//	srv := &agi.Server{Handler: mux}
//	err := srv.Serve(asyncagi.Listen(client))
//
// The manager user needs read and write permission for the class agi. Every session that Asterisk offers is taken, so only
// one program should listen on an Asterisk.
//
// What is different, as Asterisk does it (launch_asyncagi in res/res_agi.c):
//
//   - Asterisk looks for a command ten times a second. A command takes 100 ms; [agi.Session.Batch] sends several at once.
//   - A prompt is not stopped by the end of its context, but ends by itself; the next command waits for that.
//   - The end of the session is told as a hangup, and nothing is permitted after it: commands of
//     [agi.Session.Dead] fail with [agi.ErrDead].
//   - The script, by which an [agi.Mux] chooses the handler, is the first argument: AGI(agi:async,helpdesk/sales).
//   - AGISTATUS does not tell how it went. The channel variable ASYNCAGISTATUS does: it is SUCCESS or FAILURE.
//   - A command may have 900 bytes. A longer one fails with an [*agi.ArgumentError]; one that the Manager refuses with an
//     [*agi.CommandError] of code 503.
//
// Asterisk passes on at most 1,024 bytes of a reply, and the rest in front of the next one; here the rest is fetched at
// once. It also cuts what has more than 2,047 bytes when it is encoded, three for each byte that is neither a letter nor a
// digit. Values of variables are read so that this does not happen; another reply, such as that of DATABASE GET, that was
// cut ends the session with [agi.ErrConnectionLost].
package asyncagi

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"sync"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/ami"
)

// Client is what is needed of an [*ami.Client].
type Client interface {
	Do(ctx context.Context, action ami.Action) (ami.Message, error)
	Events(ctx context.Context) iter.Seq2[ami.Message, error]
}

var (
	_ Client       = (*ami.Client)(nil)
	_ net.Listener = (*Listener)(nil)
	_              = (*agi.Server)(nil) // for the documentation
)

// Listener accepts the sessions that Asterisk offers. Close ends that; sessions that have begun go on.
type Listener struct {
	client   Client
	accept   chan net.Conn
	stop     context.CancelFunc // of the events
	finished chan struct{}      // closed when no events come any more
	running  sync.WaitGroup

	mu       sync.Mutex
	sessions map[string]*session // by Uniqueid
	left     []*session          // to be given back when the Manager is back
	closed   chan struct{}
	why      error // no session is accepted any more
}

// Listen returns a listener for the sessions of the client's Asterisk that begin from now on. It ends with the client's
// connection.
func Listen(client Client) *Listener {
	ctx, stop := context.WithCancel(context.Background())
	l := &Listener{
		client: client, accept: make(chan net.Conn), stop: stop, finished: make(chan struct{}),
		sessions: map[string]*session{}, closed: make(chan struct{}),
	}
	events := client.Events(ctx)
	go l.follow(events)
	return l
}

// Accept returns the next session as a connection.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.accept:
		return conn, nil
	case <-l.closed:
		return nil, fmt.Errorf("asyncagi: %w: %w", net.ErrClosed, l.why)
	}
}

// Close lets Accept return. Sessions that Asterisk offers from now on are given back to the dialplan as failed, as long as
// others go on.
func (l *Listener) Close() error {
	l.shut(net.ErrClosed)
	return nil
}

func (l *Listener) shut(why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.why == nil {
		l.why = why
		close(l.closed)
	}
	if len(l.sessions) == 0 {
		l.stop()
	}
}

// Addr says that the sessions come from a Manager.
func (l *Listener) Addr() net.Addr { return addr{} }

type addr struct{}

func (addr) Network() string { return "ami" }
func (addr) String() string  { return "agi:async" }

// follow gives each session its events, in their order.
func (l *Listener) follow(events iter.Seq2[ami.Message, error]) {
	defer close(l.finished)
	for event, err := range events {
		var gap *ami.GapError
		switch {
		case errors.As(err, &gap):
			l.endAll() // nobody knows what was lost
			continue
		case err != nil:
			l.shut(err)
			l.endAll()
			return
		}
		l.take(event)
	}
}

func (l *Listener) take(event ami.Message) {
	switch event.Mark() {
	case ami.Disconnected:
		l.endAll()
		return
	case ami.ResyncEnd:
		l.giveBack()
		return
	case ami.Live:
	default:
		return
	}
	id := event.Get("Uniqueid")
	switch event.Event() {
	case "AsyncAGIStart":
		l.begin(id, event.Get("Env"))
	case "AsyncAGIExec":
		if s := l.session(id); s != nil {
			s.result(event.Get("CommandID"), event.Get("Result"))
		}
	case "AsyncAGIEnd":
		if s := l.session(id); s != nil {
			s.hangup()
			l.forget(s)
		}
	}
}

func (l *Listener) session(id string) *session {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sessions[id]
}

// begin makes a session and waits for nobody.
func (l *Listener) begin(id, environment string) {
	s, theirs := newSession(l, id)
	l.mu.Lock()
	old := l.sessions[id]
	l.sessions[id] = s
	l.mu.Unlock()
	if old != nil { // its end was lost
		old.hangup()
	}
	l.running.Go(s.feed)
	l.running.Go(s.command)
	l.running.Go(func() {
		select {
		case l.accept <- theirs:
		case <-l.closed:
			theirs.Write([]byte("failure\n")) //nolint:errcheck // a pipe to command
			theirs.Close()
		}
	})
	s.take(environment)
}

// forget takes a session out, and ends the events if it was the last one of a closed listener.
func (l *Listener) forget(s *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sessions[s.id] == s {
		delete(l.sessions, s.id)
	}
	if l.why != nil && len(l.sessions) == 0 {
		l.stop()
	}
}

// later remembers a session that could not be given back to the dialplan.
func (l *Listener) later(s *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left = append(l.left, s)
}

// giveBack gives the calls of sessions that were lost with the Manager back to the dialplan, as failed.
func (l *Listener) giveBack() {
	l.mu.Lock()
	left := l.left
	l.left = nil
	l.mu.Unlock()
	for _, s := range left {
		l.running.Go(func() { s.leave("FAILURE") })
	}
}

func (l *Listener) endAll() {
	l.mu.Lock()
	sessions := l.sessions
	l.sessions = map[string]*session{}
	l.mu.Unlock()
	for _, s := range sessions {
		s.end()
	}
}

// Wait returns when nothing of the listener is left running: after Close and the end of its sessions, or after the end of
// the client.
func (l *Listener) Wait() {
	<-l.finished
	l.running.Wait()
}

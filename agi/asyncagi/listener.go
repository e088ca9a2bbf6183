package asyncagi

import (
	"cmp"
	"context"
	"net"
	"sync"

	"github.com/asterism-go/asterism/ami"
)

// Listener is a [net.Listener] whose connections are the calls that come to AGI(agi:async). Use [Listen] to make one. Its
// methods may be called by several goroutines at once.
type Listener struct {
	client *ami.Client
	ctx    context.Context //nolint:containedctx // the life of the events
	cancel context.CancelFunc
	calls  chan *conn
	closed chan struct{}

	mu    sync.Mutex
	conns map[string]*conn // by Uniqueid, which stays when a channel is renamed
	lost  []string         // calls whose session was lost with the connection to the Manager
	work  sync.WaitGroup
}

// backlog is how many calls may wait to be accepted. A server accepts at once.
const backlog = 1024

// Listen listens to the events of a client from now on; the client may connect later. Calls that already wait in
// AGI(agi:async) are not noticed. Close the listener before the client.
func Listen(client *ami.Client) *Listener {
	l := &Listener{client: client, calls: make(chan *conn, backlog), closed: make(chan struct{}), conns: map[string]*conn{}}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	events := client.Events(l.ctx)
	l.work.Go(func() {
		for event, err := range events {
			l.take(event, err)
		}
		l.Close()
		l.lose()
	})
	return l
}

// Accept returns the next call.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.calls:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept. Calls that were not accepted go on in the dialplan with ASYNCAGISTATUS=FAILURE; those that were go on
// as long as their sessions do. [Listener.Wait] waits for them.
func (l *Listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.closed:
		return nil
	default:
	}
	close(l.closed)
	for len(l.calls) > 0 {
		c := <-l.calls
		c.fail()
		c.Close()
	}
	l.endIfDone()
	return nil
}

// Wait returns when the listener is closed and Asterisk has been told of the end of every session.
func (l *Listener) Wait() { l.work.Wait() }

// endIfDone ends the events when nobody wants them any more. The lock must be held.
func (l *Listener) endIfDone() {
	select {
	case <-l.closed:
		if len(l.conns) == 0 {
			l.cancel()
		}
	default:
	}
}

// Addr is the Manager's address.
func (l *Listener) Addr() net.Addr { return address(cmp.Or(l.client.Addr, ami.DefaultAddr)) }

// address is that of a Manager.
type address string

func (address) Network() string  { return "asyncagi" }
func (a address) String() string { return string(a) }

// take deals with one event.
func (l *Listener) take(event ami.Message, err error) {
	switch {
	case err != nil: // events are missing, perhaps replies
		l.lose()
		l.dismiss()
	case event.Mark() == ami.Disconnected:
		l.lose()
	case event.Mark() == ami.ResyncEnd:
		l.dismiss()
	case event.Mark() != ami.Live:
	case event.Event() == "AsyncAGIStart":
		l.begin(event)
	case event.Event() == "AsyncAGIExec":
		if c := l.conn(event); c != nil {
			c.result(event.Get("CommandId"), event.Get("Result"))
		}
	case event.Event() == "AsyncAGIEnd":
		if c := l.conn(event); c != nil {
			c.end("HANGUP\n")
		}
	}
}

func (l *Listener) conn(event ami.Message) *conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conns[event.Get("Uniqueid")]
}

// begin takes a new call.
func (l *Listener) begin(event ami.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := event.Get("Uniqueid")
	select {
	case <-l.closed:
		return
	default:
	}
	if id == "" || l.conns[id] != nil {
		return
	}
	c := newConn(l, id)
	l.conns[id] = c
	c.start(event.Get("Env"))
	select {
	case l.calls <- c:
	default: // nobody accepts
		c.fail()
		c.Close()
	}
}

// forget is called when a session is over and Asterisk knows.
func (l *Listener) forget(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conns[c.id] == c {
		delete(l.conns, c.id)
	}
	l.endIfDone()
}

// lose ends all sessions: what they wait for may never come.
func (l *Listener) lose() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, c := range l.conns {
		l.lost = append(l.lost, id)
		c.end("")
		delete(l.conns, id)
	}
	l.endIfDone()
}

// dismiss lets the calls of lost sessions go on in the dialplan.
func (l *Listener) dismiss() {
	l.mu.Lock()
	lost := l.lost
	l.lost = nil
	l.mu.Unlock()
	if len(lost) == 0 {
		return
	}
	l.work.Go(func() {
		for _, id := range lost {
			l.leave(id, failure) //nolint:errcheck // the call is over, or the connection is lost once more
		}
	})
}

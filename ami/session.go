package ami

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// session is one connection to Asterisk from its banner to its end. It has a goroutine that reads, one that writes and one
// that watches over silence. Only the reader takes what comes, and it never waits for anybody: Asterisk ends the session of
// a client that does not read for 100 ms (writetimeout in manager.conf).
type session struct {
	conn      net.Conn
	reader    *Reader
	banner    string
	log       *slog.Logger
	publish   func(...Message)
	hook      func(Message) // Hooks.Message
	keepalive time.Duration
	patience  time.Duration // after the Ping of the keepalive
	idleOnly  bool          // the keepalive leaves the connection alone while actions are being carried out

	rtt *atomic.Int64 // of the last Ping of the keepalive, in ns

	announces bool   // the first thing it publishes is a ResyncBegin
	cause     string // of that
	beginning sync.Once
	resyncing chan struct{} // has room for whoever reads the state again

	booted  chan struct{} // closed at the first FullyBooted
	done    chan struct{} // closed at the end
	err     error         // why it has ended; set before done is closed
	failed  sync.Once
	leaving atomic.Bool // a Logoff was sent
	tasks   sync.WaitGroup

	began time.Time
	heard atomic.Int64 // when the last byte came: nanoseconds since began

	inflight inflight
	outcomes outcomes
	batch    []Message // to be published; the reader's
	most     int       // of them
}

func newSession(conn net.Conn, c *Client) *session {
	s := &session{
		conn:      conn,
		log:       c.log(),
		publish:   c.publish,
		keepalive: orDefault(c.Keepalive, DefaultKeepalive),
		patience:  orDefault(c.KeepaliveTimeout, DefaultKeepaliveTimeout),
		booted:    make(chan struct{}),
		done:      make(chan struct{}),
		resyncing: make(chan struct{}, 1),
		began:     time.Now(),
		rtt:       &c.metrics.rtt,
		most:      min(batchSize, c.queueSize()/4+1),
	}
	s.inflight.init()
	s.reader = NewReader(listener{s})
	s.reader.MaxMessageSize = c.MaxMessageSize
	return s
}

// listener reads from the connection and notes when something came. Before it may have to wait, it publishes all that there
// is.
type listener struct{ s *session }

func (l listener) Read(p []byte) (int, error) {
	l.s.flush()
	n, err := l.s.conn.Read(p)
	if n > 0 {
		l.s.heard.Store(int64(time.Since(l.s.began)))
	}
	return n, err
}

// silence returns how long nothing has come.
func (s *session) silence() time.Duration {
	return time.Since(s.began) - time.Duration(s.heard.Load())
}

// alive reports whether the session has not ended.
func (s *session) alive() bool {
	select {
	case <-s.done:
		return false
	default:
		return true
	}
}

func (s *session) start() {
	s.tasks.Go(s.read)
	s.tasks.Go(s.write)
	if s.keepalive > 0 {
		s.tasks.Go(s.watchSilence)
	}
}

// wait returns when the session has ended, everything that was read is dealt with, and none of its goroutines is left.
func (s *session) wait() {
	<-s.done
	s.tasks.Wait()
}

// fail ends the session. The first reason counts.
func (s *session) fail(why error) {
	s.failed.Do(func() {
		s.err = why
		close(s.done)
	})
	s.conn.Close()
}

func (s *session) lost(why error) {
	s.fail(fmt.Errorf("%w: %w", ErrConnectionLost, why))
}

// read takes every message as soon as it is there.
func (s *session) read() {
	defer s.flush()
	booted := false
	for {
		m, err := s.reader.ReadMessage()
		if err != nil {
			s.flush() // before anybody hears that the connection is lost
			s.lost(err)
			return
		}
		if s.hook != nil {
			s.hook(m)
		}
		if !booted && m.Event() == "FullyBooted" {
			booted = true
			close(s.booted)
		}
		s.dispatch(m)
	}
}

// batchSize is how many events are published at once, at most, when they come in quick succession: fewer if that would be
// more than a quarter of what a consumer's queue holds.
const batchSize = 512

// dispatch gives a message to whoever it is for. Answers and items are given at once, but not before the events that came
// before them.
func (s *session) dispatch(m Message) {
	switch {
	case m.IsResponse():
		s.flush()
		if !s.inflight.response(m) {
			s.log.Debug("ami: an answer that nobody waits for", "response", m.Response())
		}
	case s.inflight.mayBeItem():
		s.flush()
		if !s.inflight.item(m) {
			s.outcomes.tell(m)
			s.begin()
			s.publish(m)
		}
	default:
		s.outcomes.tell(m)
		s.batch = append(s.batch, m)
		if len(s.batch) >= s.most {
			s.flush()
		}
	}
}

// flush publishes the events that have been gathered.
func (s *session) flush() {
	if len(s.batch) == 0 {
		return
	}
	s.begin()
	s.publish(s.batch...)
	clear(s.batch)
	s.batch = s.batch[:0]
}

// begin announces, where that is to be, that the events of a new connection begin here.
func (s *session) begin() {
	if s.announces {
		s.beginning.Do(func() {
			s.publish(announce(ResyncBegin, Header{"Event", "Resync"}, Header{"Phase", "Begin"}, Header{"Cause", s.cause}))
		})
	}
}

// drain waits until every action is answered, and logs off.
func (s *session) drain(ctx context.Context) error {
	select {
	case <-s.inflight.empty():
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.done:
		return s.err
	}
	s.leaving.Store(true)
	_, err := s.do(ctx, Action{Name: "Logoff"})
	return err
}

// write sends the actions that wait, in one piece if there are several.
func (s *session) write() {
	var buf []byte
	for {
		select {
		case <-s.inflight.unsentReady:
		case <-s.done:
			return
		}
		buf = s.inflight.takeUnsent(buf[:0])
		if len(buf) == 0 {
			continue
		}
		if _, err := s.conn.Write(buf); err != nil {
			s.lost(err)
			return
		}
	}
}

// do sends an action and waits for its answer. An Error is a [*ResponseError].
func (s *session) do(ctx context.Context, a Action) (Message, error) {
	list, err := s.ask(ctx, a, nil)
	return list.Response, err
}

// ask sends an action and waits for its answer. If each is not nil that may be a list: each gets its items.
func (s *session) ask(ctx context.Context, a Action, each func(Message)) (List, error) {
	if ctx.Err() != nil {
		return List{}, &ActionError{Action: a.Name, Err: context.Cause(ctx)}
	}
	p, err := s.inflight.add(a, each)
	if err != nil {
		return List{}, err
	}
	select {
	case answer := <-p.answer:
		return answer, refused(a, answer.Response)
	case <-ctx.Done():
		sent := s.inflight.abandon(p)
		return List{}, &ActionError{Action: a.Name, Sent: sent, Err: context.Cause(ctx)}
	case <-s.done:
	}
	select {
	case answer := <-p.answer: // it came just before the end
		return answer, refused(a, answer.Response)
	default:
		return List{}, &ActionError{Action: a.Name, Sent: s.inflight.abandon(p), Err: s.err}
	}
}

func refused(a Action, answer Message) error {
	if answer.Response() != "Error" {
		return nil
	}
	return &ResponseError{Action: a.Name, Message: answer.Get("Message"), Response: answer}
}

// newPrefix returns what all ActionIDs of a session begin with. It is random, because the events that an action causes
// carry its ActionID to everybody, and nobody may be able to guess that of an answer.
func newPrefix() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:]) + "-"
}

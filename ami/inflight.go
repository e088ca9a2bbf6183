package ami

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// inflight holds the actions of a session that are not answered yet, and matches answers to them by ActionID. The answer
// is the message that Asterisk wrote for it, whatever events come in between.
type inflight struct {
	// unsentReady holds a token if there is something to send.
	unsentReady chan struct{}
	prefix      string // of ActionIDs
	serial      atomic.Uint64

	mu      sync.Mutex
	byID    map[string]*pending
	unsent  []*pending
	emptied chan struct{} // see empty

	open int // lists that have begun; only the reader of the session looks at it
}

// pending is an action that waits for its answer.
type pending struct {
	id     string
	wire   []byte // until it is sent
	sent   bool
	each   func(Message) // takes the items if the answer may be a list; nil if not
	orphan bool          // nobody waits any more, but the rest of the list will come
	so     List          // as far as it has come
	answer chan List     // has room for the answer
}

func (f *inflight) init() {
	f.unsentReady = make(chan struct{}, 1)
	f.prefix = newPrefix()
	f.byID = map[string]*pending{}
}

// add checks an action and puts it in line to be sent.
func (f *inflight) add(a Action, each func(Message)) (*pending, error) {
	id := a.ID
	if id == "" {
		id = f.newID()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	wire, err := a.wire(id)
	if err != nil {
		return nil, err
	}
	if _, taken := f.byID[id]; taken {
		return nil, &InvalidActionError{Action: a.Name, Field: "ActionID", Problem: "is that of an action that is not answered yet"}
	}
	p := &pending{id: id, wire: wire, each: each, answer: make(chan List, 1)}
	f.byID[id] = p
	f.unsent = append(f.unsent, p)
	select {
	case f.unsentReady <- struct{}{}:
	default:
	}
	return p, nil
}

// takeUnsent appends the actions in line to buf. They count as sent from now on: some of their bytes may leave.
func (f *inflight) takeUnsent(buf []byte) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.unsent {
		buf = append(buf, p.wire...)
		p.wire, p.sent = nil, true
	}
	clear(f.unsent)
	f.unsent = f.unsent[:0]
	return buf
}

// abandon says that nobody waits for the answer any more, and returns whether the action was sent. If it was not, it will
// not be.
func (f *inflight) abandon(p *pending) (sent bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case !p.sent:
		f.unsent = slices.DeleteFunc(f.unsent, func(q *pending) bool { return q == p })
		delete(f.byID, p.id)
	case p.each != nil: // its events must not be taken for news
		p.orphan, p.so = true, List{}
	default:
		delete(f.byID, p.id)
	}
	f.checkEmpty()
	return p.sent
}

// response takes an answer and reports whether somebody was waiting for it.
func (f *inflight) response(m Message) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.byID[m.Get("ActionID")]
	if p == nil || !p.sent {
		return false
	}
	p.so.Response = m
	if p.each != nil && strings.EqualFold(m.Get("EventList"), "start") {
		f.open++
		return true
	}
	f.finish(p)
	return true
}

// mayBeItem reports whether a list has begun.
func (f *inflight) mayBeItem() bool { return f.open > 0 }

// item takes an event that belongs to a list and reports whether it did.
func (f *inflight) item(m Message) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.byID[m.Get("ActionID")]
	if p == nil || p.so.Response.Len() == 0 && !p.orphan {
		return false
	}
	switch {
	case strings.EqualFold(m.Get("EventList"), "Complete"):
		f.open--
		p.so.Complete = m
		f.finish(p)
	case !p.orphan:
		p.each(m)
	}
	return true
}

func (f *inflight) finish(p *pending) {
	delete(f.byID, p.id)
	p.answer <- p.so
	f.checkEmpty()
}

// newID returns an ActionID that no other action has.
func (f *inflight) newID() string {
	return f.prefix + strconv.FormatUint(f.serial.Add(1), 10)
}

// empty returns a channel that is closed as soon as every action is answered.
func (f *inflight) empty() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.emptied == nil {
		f.emptied = make(chan struct{})
	}
	emptied := f.emptied
	f.checkEmpty()
	return emptied
}

// checkEmpty is called with the lock held when an action is over.
func (f *inflight) checkEmpty() {
	if f.emptied != nil && len(f.byID) == 0 {
		close(f.emptied)
		f.emptied = nil
	}
}

// busy reports whether an action waits for its answer.
func (f *inflight) busy() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.byID) > 0
}

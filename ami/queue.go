package ami

import (
	"context"
	"sync"
	"sync/atomic"
)

// DefaultQueueSize is how many events may wait for one consumer: what the busiest Asterisk that was measured sends in two
// seconds. With events of the usual size, that is some 50 MB for a consumer that stands still.
const DefaultQueueSize = 1 << 16

// queue holds the events that one consumer has not taken yet, in a ring that grows on demand up to a bound. Its producer,
// the reader of the connection, never waits.
//
// When the queue is full, events are dropped and counted until the consumer has worked off half of it. So a consumer that
// is too slow sees few large gaps and stretches without any in between, not one gap between any two events.
type queue struct {
	bound int
	gaps  *atomic.Uint64 // counts those that open; nil: nobody does
	// ready holds a token if the consumer should look again.
	ready chan struct{}

	mu    sync.Mutex
	ring  []item
	head  int
	size  int
	gap   *GapError   // the gap that is open: its events are being dropped
	ended error       // why nothing will come any more
	drop  atomic.Bool // what waits is not wanted any more; changed with the lock held
}

// item is an event, or a gap in its place.
type item struct {
	event Message
	note  *note // nil for most
}

// note is what is to be said of an item.
type note struct {
	gap    *GapError // there is one in the place of the event
	server string    // of a cluster that the event comes from
}

func newQueue(bound int) *queue {
	return &queue{bound: bound, ready: make(chan struct{}, 1)}
}

// put appends events and returns how many there was no room for. There is always room for a mark.
func (q *queue) put(events ...Message) (lost int) { return q.putFrom(nil, events) }

// putFrom is put for the events of one server among several.
func (q *queue) putFrom(server *note, events []Message) (lost int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended != nil {
		return 0
	}
	for _, event := range events {
		if !q.fits(event) {
			q.lose(event)
			lost++
			continue
		}
		q.push(item{event: event, note: server})
	}
	return lost
}

// fits reports whether there is room for an event, and opens or closes the gap.
func (q *queue) fits(event Message) bool {
	announcement := event.mark != Live && event.mark != Snapshot
	if q.gap != nil {
		if q.size > q.bound/2 && !announcement {
			return false
		}
		q.push(item{note: &note{gap: q.gap}})
		q.gap = nil
	}
	if q.size >= q.bound && !announcement {
		q.gap = &GapError{First: event}
		if q.gaps != nil {
			q.gaps.Add(1)
		}
		return false
	}
	return true
}

// depth returns how much waits.
func (q *queue) depth() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.size
}

func (q *queue) lose(event Message) {
	q.gap.Lost++
	q.gap.Last = event
}

func (q *queue) push(it item) {
	if q.size == len(q.ring) {
		q.grow()
	}
	q.ring[(q.head+q.size)&(len(q.ring)-1)] = it
	q.size++
	if q.size == 1 {
		q.wake()
	}
}

// grow doubles the ring, whose length is a power of two. A gap may come on top of the bound.
func (q *queue) grow() {
	ring := make([]item, max(64, 2*len(q.ring)))
	n := copy(ring, q.ring[q.head:])
	copy(ring[n:], q.ring[:q.head])
	q.ring, q.head = ring, 0
}

func (q *queue) wake() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// take moves what waits into batch, as far as there is room, and returns how much that was. Only when nothing is left it
// returns why nothing will come any more; nil means that the consumer should wait for ready.
func (q *queue) take(batch []item) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.drop.Load() {
		return 0, q.ended
	}
	n := min(len(batch), q.size) // none if there is no ring yet
	for i := range n {
		at := (q.head + i) & (len(q.ring) - 1)
		batch[i] = q.ring[at]
		q.ring[at] = item{}
	}
	q.size -= n
	if q.head += n; q.head >= len(q.ring) {
		q.head -= len(q.ring)
	}
	switch {
	case n > 0:
		return n, nil
	case q.gap != nil: // the gap is the last thing that has happened
		batch[0], q.gap = item{note: &note{gap: q.gap}}, nil
		return 1, nil
	}
	return 0, q.ended
}

// end says that nothing will come any more. What waits can still be taken, unless drop is true.
func (q *queue) end(why error, drop bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended == nil {
		q.ended = why
	}
	if drop {
		q.drop.Store(true)
		q.ring, q.size, q.gap = nil, 0, nil
	}
	q.wake()
}

// dropped returns why what the consumer has already taken is not wanted any more, if so.
func (q *queue) dropped(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if !q.drop.Load() {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ended
}

package ari

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// DefaultQueueSize is how many events may wait for one consumer.
const DefaultQueueSize = 1 << 16

// GapError says that events are missing here, because the consumer was slower than Asterisk for so long that its queue was
// full. The events go on after it. It is an [ErrSlowConsumer].
type GapError struct {
	// Lost is how many events are missing.
	Lost uint64
	// First and Last are the first and the last of them.
	First, Last Event
}

func (e *GapError) Error() string {
	return fmt.Sprintf("ari: slow consumer: %d events lost, from %s to %s", e.Lost, e.First.Type, e.Last.Type)
}

// Is makes every GapError an [ErrSlowConsumer].
func (e *GapError) Is(target error) bool { return target == ErrSlowConsumer }

// queue holds the events that one consumer has not taken yet, in a ring that grows on demand up to a bound. Its producer,
// the reader of the websocket, never waits: Asterisk cuts off a reader that stands still for 100 ms
// (websocket_write_timeout in ari.conf).
//
// When the queue is full, events are dropped and counted until the consumer has worked off half of it. So a consumer that is
// too slow sees few large gaps, not one gap between any two events.
type queue struct {
	bound  int
	losses *losses
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

// losses counts what the queues of an application have lost.
type losses struct{ gaps, events atomic.Uint64 }

// item is an event, or a gap in its place.
type item struct {
	event Event
	gap   *GapError
}

func newQueue(bound int, losses *losses) *queue {
	return &queue{bound: bound, losses: losses, ready: make(chan struct{}, 1)}
}

// put appends an event, or counts it as lost. There is always room for a mark.
func (q *queue) put(e Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.ended != nil:
	case q.fits(e):
		q.push(item{event: e})
	default:
		q.gap.Lost++
		q.gap.Last = e
		q.losses.events.Add(1)
	}
}

// fits reports whether there is room for an event, and opens or closes the gap.
func (q *queue) fits(e Event) bool {
	announcement := e.Mark == Disconnected || e.Mark == ResyncBegin || e.Mark == ResyncEnd
	if q.gap != nil {
		if q.size > q.bound/2 && !announcement {
			return false
		}
		q.push(item{gap: q.gap})
		q.gap = nil
	}
	if q.size >= q.bound && !announcement {
		q.gap = &GapError{First: e}
		q.losses.gaps.Add(1)
		return false
	}
	return true
}

func (q *queue) push(it item) {
	if q.size == len(q.ring) {
		ring := make([]item, max(16, 2*len(q.ring))) // a power of two
		n := copy(ring, q.ring[q.head:])
		copy(ring[n:], q.ring[:q.head])
		q.ring, q.head = ring, 0
	}
	q.ring[(q.head+q.size)&(len(q.ring)-1)] = it
	q.size++
	if q.size == 1 {
		q.wake()
	}
}

func (q *queue) wake() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// depth returns how much waits.
func (q *queue) depth() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.size
}

// take returns what waits first. Only when nothing is left it returns why nothing will come any more; ok is false if the
// consumer should wait for ready.
func (q *queue) take() (it item, ok bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.drop.Load():
		return item{}, false, q.ended
	case q.size > 0:
		it, q.ring[q.head] = q.ring[q.head], item{}
		q.head = (q.head + 1) & (len(q.ring) - 1)
		q.size--
		if q.size > 0 {
			q.wake()
		}
		return it, true, nil
	case q.gap != nil: // the gap is the last thing that has happened
		it.gap, q.gap = q.gap, nil
		return it, true, nil
	}
	return item{}, false, q.ended
}

// next waits for the next event. The error is a [*GapError] in the place of events that are lost, after which there are more;
// any other is the end.
func (q *queue) next(ctx context.Context) (Event, error) {
	for {
		if ctx.Err() != nil {
			return Event{}, context.Cause(ctx)
		}
		it, ok, err := q.take()
		switch {
		case err != nil:
			return Event{}, err
		case it.gap != nil:
			return Event{}, it.gap
		case ok:
			return it.event, nil
		}
		select {
		case <-q.ready:
		case <-ctx.Done():
		}
	}
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

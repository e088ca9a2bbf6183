package ami

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
)

// errOver is what a second range over the same events yields.
var errOver = errors.New("ami: the range over these events has ended")

// Events returns the events from now on, in the order in which Asterisk sends them:
//
//	for event, err := range client.Events(ctx) {
//		if errors.Is(err, ami.ErrSlowConsumer) {
//			// events are missing here; more come
//			continue
//		}
//		if err != nil {
//			return err
//		}
//		fmt.Println(event.Event())
//	}
//
// From now on means from this call, not from the start of the range: every message that the client reads after it is kept
// until the range takes it. Events called before Connect misses nothing, not even FullyBooted; called before an action, it
// misses none of the events that the action causes.
//
// Each call has a queue of its own, so consumers do not slow each other down, nor the connection. If QueueSize events are
// waiting, later ones are lost until the consumer has worked off half of them. The loss is yielded in its place as a
// [*GapError], once, with the exact count; after it the events go on.
//
// A lost connection does not end the range. Where events are missing it yields a message of the client's own, with the mark
// [Disconnected]; after the next login those with the marks [ResyncBegin] and [ResyncEnd], and what Client.Snapshots asks for
// in between. They have headers like any other, so a consumer that does not care need not know of them.
//
// The last thing that a range yields is an error: the cause of ctx, which ends it at once; [ErrClosed] after Close, also
// at once; or, when all events that had come are taken, ErrClosed after Drain, and one that wraps [ErrConnectionLost] if the
// client does not reconnect. Breaking out of the loop ends it too. Events can be ranged over once. Until that range, ctx or
// the client ends, they are kept.
//
// Yielded is everything that Asterisk sends but answers: responses, and the items of a [Client.List]. A message that is
// neither event nor response, which only forged data can make, is yielded as well: its Event is "".
func (c *Client) Events(ctx context.Context) iter.Seq2[Message, error] {
	q := newQueue(c.queueSize())
	q.gaps = &c.metrics.gaps
	c.audience.join(listening{queue: q})
	stop := context.AfterFunc(ctx, func() { c.leave(q, context.Cause(ctx)) })
	return func(yield func(Message, error) bool) {
		defer c.leave(q, errOver)
		defer stop()
		err := q.each(ctx, yield)
		if err != nil {
			yield(Message{}, err)
		}
	}
}

func (c *Client) queueSize() int {
	if c.QueueSize > 0 {
		return c.QueueSize
	}
	return DefaultQueueSize
}

func (c *Client) leave(q *queue, why error) {
	c.audience.leave(q)
	q.end(why, true)
}

// publish gives events to everybody who listens. It does not wait.
func (c *Client) publish(events ...Message) {
	lost := c.audience.publish(events)
	c.metrics.count(events, lost)
}

// each yields what comes until the consumer has enough (nil) or nothing comes any more (why).
func (q *queue) each(ctx context.Context, yield func(Message, error) bool) error {
	return q.eachItem(ctx, func(it item) bool { return it.yield(yield) })
}

func (q *queue) eachItem(ctx context.Context, yield func(item) bool) error {
	var batch [256]item
	for {
		n, err := q.take(batch[:])
		if err != nil {
			return err
		}
		if n == 0 {
			<-q.ready
			continue
		}
		for i, it := range batch[:n] {
			batch[i] = item{}
			if err := q.dropped(ctx); err != nil {
				return err
			}
			if !yield(it) {
				return nil
			}
		}
	}
}

func (it item) yield(yield func(Message, error) bool) bool {
	if it.note != nil && it.note.gap != nil {
		return yield(Message{}, it.note.gap)
	}
	return yield(it.event, nil)
}

// audience is everybody who listens to the events of a client.
type audience struct {
	all atomic.Pointer[[]listening] // replaced, never changed

	mu    sync.Mutex
	ended error
}

// listening is one who listens.
type listening struct {
	*queue
	server *note // what the events are to be tagged with; nil if it listens to one client only
}

func (a *audience) current() []listening {
	if all := a.all.Load(); all != nil {
		return *all
	}
	return nil
}

// depth returns how much waits for the one for whom most waits.
func (a *audience) depth() (most int) {
	for _, l := range a.current() {
		most = max(most, l.depth())
	}
	return most
}

// publish returns how many events the queues had no room for.
func (a *audience) publish(events []Message) (lost int) {
	for _, l := range a.current() {
		lost += l.putFrom(l.server, events)
	}
	return lost
}

func (a *audience) join(l listening) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended != nil {
		if l.server == nil {
			l.end(a.ended, false)
		}
		return
	}
	all := append(slices.Clone(a.current()), l)
	a.all.Store(&all)
}

func (a *audience) leave(q *queue) {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := slices.DeleteFunc(slices.Clone(a.current()), func(l listening) bool { return l.queue == q })
	a.all.Store(&all)
}

func (a *audience) end(why error, drop bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended == nil {
		a.ended = why
	}
	for _, l := range a.current() {
		if l.server == nil {
			l.end(why, drop)
		}
	}
}

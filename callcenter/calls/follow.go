package calls

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"github.com/asterism-go/asterism/ami"
)

const (
	// tickInterval is how often a followed Tracker is told the time.
	tickInterval = 250 * time.Millisecond
	// auditInterval is how often it is compared with what Asterisk lists.
	auditInterval = time.Minute
)

// Follow feeds the events of a connected client to a Tracker and yields the changes. Every change is followed by a nil
// error; a non-nil error comes with an empty Change.
//
// It begins with a snapshot, so calls in progress are known, with what they do not show marked uncertain. It takes another
// one when events were lost, and each minute it looks for channels whose end was never told. If Asterisk refuses a list, as
// for lack of a right, the error is yielded and the following goes on.
//
// A client that reconnects is followed over that; what happened in between is made good as far as it can be known. It ends
// when the range over the client's events does; the last thing that it yields is that error. To go on after that, connect
// another client and follow that one with the same Tracker. Events are taken from when Follow is called, not from when it is ranged over. Use the Tracker for nothing
// else meanwhile.
func Follow(ctx context.Context, client *ami.Client, tracker *Tracker) iter.Seq2[Change, error] {
	ctx, cancel := context.WithCancel(ctx)
	events := client.Events(ctx)
	return func(yield func(Change, error) bool) {
		f := &follower{
			client: client, tracker: tracker, yield: yield, items: make(chan item), snapshots: make(chan taken, 1),
		}
		defer f.running.Wait()
		defer cancel()
		f.lost()
		if !f.gap.Start.IsZero() {
			tracker.Lost(Gap{Start: f.gap.Start, End: f.now()})
		}
		f.ready = true
		f.running.Go(func() { f.pump(ctx, events) })
		f.run(ctx)
	}
}

// follower is one range over Follow. All but pump and take runs in the goroutine that ranges.
type follower struct {
	client    *ami.Client
	tracker   *Tracker
	yield     func(Change, error) bool
	items     chan item
	snapshots chan taken
	running   sync.WaitGroup

	behind time.Duration // what the clock of the stream is behind ours
	gap    *Gap          // a gap that no snapshot has made good
	ready  bool          // a snapshot may be asked for
	asking bool
}

type item struct {
	event ami.Message
	err   error
}

// taken is a snapshot that was asked for, and the gap that it is to make good; nil for an audit.
type taken struct {
	snapshot *Snapshot
	gap      *Gap
	err      error
}

func (f *follower) pump(ctx context.Context, events iter.Seq2[ami.Message, error]) {
	for event, err := range events {
		select {
		case f.items <- item{event, err}:
		case <-ctx.Done():
			return
		}
	}
}

func (f *follower) run(ctx context.Context) {
	tick, audit := time.NewTicker(tickInterval), time.NewTicker(auditInterval)
	defer tick.Stop()
	defer audit.Stop()
	for more := true; more; {
		if f.gap != nil && f.ready && !f.asking {
			f.ask(ctx, f.gap)
			f.gap, f.ready = nil, false
		}
		select {
		case it := <-f.items:
			more = f.take(it)
		case <-ctx.Done(): // what the events end with, if nobody took it any more
			f.yield(Change{}, context.Cause(ctx))
			more = false
		case s := <-f.snapshots:
			f.asking = false
			more = f.apply(s)
		case <-tick.C:
			f.ready = true // to try again what has failed
			more = f.tell(f.tracker.Tick(f.now()))
		case <-audit.C:
			if !f.asking {
				f.ask(ctx, nil)
			}
		}
	}
}

// now is our time in the clock of the stream.
func (f *follower) now() time.Time { return time.Now().Round(0).Add(-f.behind) }

func (f *follower) take(it item) bool {
	switch {
	case errors.Is(it.err, ami.ErrSlowConsumer):
		f.lost()
		f.ready = true
		return f.yield(Change{}, it.err)
	case it.err != nil:
		f.yield(Change{}, it.err)
		return false
	}
	switch it.event.Mark() {
	case ami.Disconnected:
		f.lost()
		f.ready = false // nobody could answer
		return true
	case ami.ResyncBegin:
		f.ready = true
		if f.gap != nil {
			f.tracker.Lost(Gap{Start: f.gap.Start, End: f.now()})
		}
		return true
	case ami.Snapshot, ami.ResyncEnd: // of the client's own; Follow takes a snapshot when it needs one
		return true
	case ami.Live:
	}
	if at, ok := parseTimestamp(it.event.Get("Timestamp")); ok {
		f.behind = time.Since(at)
	}
	return f.tell(f.tracker.Feed(it.event, f.now()))
}

// lost notes that events are missing since the last one that was seen.
func (f *follower) lost() {
	if f.gap == nil {
		f.gap = &Gap{Start: f.tracker.now}
	}
}

func (f *follower) ask(ctx context.Context, gap *Gap) {
	f.asking = true
	f.running.Go(func() {
		s := taken{gap: gap}
		s.snapshot, s.err = Take(ctx, f.client)
		select {
		case f.snapshots <- s:
		case <-ctx.Done():
		}
	})
}

func (f *follower) apply(s taken) bool {
	if s.err != nil && !f.yield(Change{}, s.err) {
		return false
	}
	if !s.snapshot.Complete() {
		if f.gap == nil {
			f.gap = s.gap
		}
		return true
	}
	s.snapshot.At = f.now()
	if s.gap == nil {
		return f.tell(f.tracker.Audit(s.snapshot))
	}
	return f.tell(f.tracker.Resync(s.snapshot, Gap{Start: s.gap.Start, End: s.snapshot.At}))
}

func (f *follower) tell(changes []Change) bool {
	for _, change := range changes {
		if !f.yield(change, nil) {
			return false
		}
	}
	return true
}

// Take asks Asterisk for a Snapshot. Lists that it refuses are named by the error; the Snapshot holds the others, and is
// [Snapshot.Complete] if the channels are among them.
func Take(ctx context.Context, client *ami.Client) (*Snapshot, error) {
	s := NewSnapshot(time.Now().Round(0))
	var errs []error
	for _, action := range SnapshotActions {
		list, err := client.List(ctx, ami.Action{Name: action})
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, item := range list.Items {
			s.Add(item)
		}
		s.Add(list.Complete)
	}
	return s, errors.Join(errs...)
}

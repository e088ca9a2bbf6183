package agents

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

const (
	// tickInterval is how often a followed Model is told the time.
	tickInterval = 250 * time.Millisecond
	// retryInterval is how long after a snapshot that failed the next one is taken.
	retryInterval = 5 * time.Second
	// auditInterval is how often the Model is compared with what Asterisk lists: a QueueReset, say, is told by no event.
	auditInterval = time.Minute
)

// Sources are what a Model is fed beside the events of its client.
type Sources struct {
	// Calls, if not nil, follows calls until ctx ends: [calls.Follow] with everything but ctx given. It is for a Model whose
	// [Config.Calls] is set, is called by [FollowWith] and ranged over in a goroutine of its own. What a calls.Change is to
	// others it can hand on before it yields it. Its errors are yielded too.
	Calls func(ctx context.Context) iter.Seq2[calls.Change, error]
	// Edits, if not nil, are carried out one by one in the loop that has the Model, and what they return is yielded: this is
	// how a person is assigned to a telephone, or an own queue tells of its members, while a Model is followed.
	Edits <-chan Edit
}

// Edit changes a Model and returns what that has changed.
type Edit func(*Model) []Change

// Follow feeds the events of a connected client to a Model and yields the changes. Every change is followed by a nil error; a
// non-nil error comes with an empty Change.
//
// It begins with a snapshot ([SnapshotActions]), and takes another one after a reconnect, when events were lost, and each
// minute. While events are missing all agents are [Unknown]. If Asterisk refuses a list, as for lack of a right, the error is
// yielded and the following goes on; without QueueStatus the agents stay Unknown, and it tries again every 5 s.
//
// It ends when the range over the client's events does, or with ctx; the last thing that it yields is that error. Events are
// taken from when Follow is called, not from when it is ranged over. Use the Model for nothing else meanwhile but in the
// loop itself.
func Follow(ctx context.Context, client *ami.Client, model *Model) iter.Seq2[Change, error] {
	return FollowWith(ctx, client, model, Sources{})
}

// FollowWith is [Follow] with more to feed, such as calls:
//
//	agents.FollowWith(ctx, client, model, agents.Sources{
//		Calls: func(ctx context.Context) iter.Seq2[calls.Change, error] { return calls.Follow(ctx, client, tracker) },
//	})
func FollowWith(ctx context.Context, client *ami.Client, model *Model, sources Sources) iter.Seq2[Change, error] {
	ctx, cancel := context.WithCancel(ctx)
	events := client.Events(ctx)
	var changes iter.Seq2[calls.Change, error]
	if sources.Calls != nil {
		changes = sources.Calls(ctx)
	}
	return func(yield func(Change, error) bool) {
		f := &follower{
			client: client, model: model, yield: yield, edits: sources.Edits, items: make(chan item), snapshots: make(chan taken, 1),
			due: true, up: true,
		}
		defer f.running.Wait()
		defer cancel()
		f.running.Go(func() { f.pump(ctx, events) })
		if changes != nil {
			f.running.Go(func() { f.pumpCalls(ctx, changes) })
		}
		f.run(ctx)
	}
}

// follower is one range over Follow. All but pump, pumpCalls and take runs in the goroutine that ranges.
type follower struct {
	client    *ami.Client
	model     *Model
	yield     func(Change, error) bool
	edits     <-chan Edit
	items     chan item
	snapshots chan taken
	running   sync.WaitGroup

	behind time.Duration // what the clock of the stream is behind ours
	up     bool          // Asterisk can be asked
	due    bool          // a snapshot is to be taken
	asking bool
	stale  bool          // events were lost since the snapshot was asked for
	after  []ami.Message // came since then
}

// item is an event, a change of a call, or an error.
type item struct {
	event ami.Message
	call  *calls.Change
	err   error
	last  bool
}

type taken struct {
	snapshot *Snapshot
	err      error
}

func (f *follower) pump(ctx context.Context, events iter.Seq2[ami.Message, error]) {
	for event, err := range events {
		last := err != nil && !errors.Is(err, ami.ErrSlowConsumer)
		select {
		case f.items <- item{event: event, err: err, last: last}:
		case <-ctx.Done():
			return
		}
	}
}

func (f *follower) pumpCalls(ctx context.Context, changes iter.Seq2[calls.Change, error]) {
	for change, err := range changes {
		select {
		case f.items <- item{call: &change, err: err}:
		case <-ctx.Done():
			return
		}
	}
}

func (f *follower) run(ctx context.Context) {
	tick, audit := time.NewTicker(tickInterval), time.NewTicker(auditInterval)
	retry := time.NewTimer(0)
	<-retry.C
	defer tick.Stop()
	defer audit.Stop()
	defer retry.Stop()
	for more := true; more; {
		if f.due && f.up && !f.asking {
			f.ask(ctx)
		}
		select {
		case it := <-f.items:
			more = f.take(it)
		case edit, ok := <-f.edits:
			if !ok {
				f.edits = nil
				continue
			}
			more = f.tell(edit(f.model))
		case s := <-f.snapshots:
			f.asking = false
			if !s.snapshot.Complete() {
				retry.Reset(retryInterval)
			}
			more = f.apply(s)
		case <-retry.C:
			f.due = true
		case <-tick.C:
			more = f.tell(f.model.Tick(f.now()))
		case <-audit.C:
			f.due = true
		case <-ctx.Done():
			f.yield(Change{}, context.Cause(ctx))
			return
		}
	}
}

// now is our time in the clock of the stream.
func (f *follower) now() time.Time { return time.Now().Round(0).Add(-f.behind) }

func (f *follower) take(it item) bool {
	switch {
	case errors.Is(it.err, ami.ErrSlowConsumer):
		return f.lose() && f.yield(Change{}, it.err)
	case it.err != nil:
		return f.yield(Change{}, it.err) && !it.last
	case it.call != nil:
		return f.tell(f.model.FeedCall(*it.call))
	}
	switch it.event.Mark() {
	case ami.Disconnected:
		f.up = false
		return f.lose()
	case ami.ResyncBegin, ami.Snapshot: // of the client's own; Follow takes a snapshot when it needs one
		return true
	case ami.ResyncEnd: // after a login, or because somebody has asked for it
		f.up = true
		return true
	case ami.Live:
	}
	if at, ok := parseTimestamp(it.event.Get("Timestamp")); ok {
		f.behind = time.Since(at)
	}
	if _, known := handlers[it.event.Event()]; known && f.asking {
		f.after = append(f.after, it.event)
	}
	return f.tell(f.model.Feed(it.event, f.now()))
}

// lose notes that events are missing, and that a snapshot must make that good: one that was asked for after this.
func (f *follower) lose() bool {
	f.due, f.stale, f.after = true, true, nil
	return f.tell(f.model.Lost(f.now()))
}

func (f *follower) ask(ctx context.Context) {
	f.asking, f.due, f.stale, f.after = true, false, false, nil
	f.running.Go(func() {
		var s taken
		s.snapshot, s.err = Take(ctx, f.client)
		f.snapshots <- s
	})
}

func (f *follower) apply(s taken) bool {
	after := f.after
	f.after = nil
	if s.err != nil && !f.stale && !f.yield(Change{}, s.err) {
		return false
	}
	if f.stale || !s.snapshot.Complete() {
		return true
	}
	return f.tell(f.model.Resync(s.snapshot, f.now(), after...))
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
// [Snapshot.Complete] if the members are among them.
func Take(ctx context.Context, client *ami.Client) (*Snapshot, error) {
	s := &Snapshot{}
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

package agents

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// AppQueue are the queues of Asterisk's app_queue.
type AppQueue struct {
	Client *ami.Client
	// Timeout is that of [Desk].
	Timeout time.Duration
}

var _ Queues = (*AppQueue)(nil)

// Carry implements [Queues].
func (q *AppQueue) Carry(ctx context.Context, c Command) ([]Done, error) {
	switch c.Verb {
	case LogIn:
		return q.logIn(ctx, c)
	case LogOut:
		return q.logOut(ctx, c)
	case Pause, Unpause:
		return q.pause(ctx, c)
	case SetPenalty:
		return q.setPenalty(ctx, c)
	default:
		return nil, c.Validate()
	}
}

// members asks where a member is.
func (q *AppQueue) members(ctx context.Context, c Command) ([]Member, error) {
	ask := ami.Action{Name: "QueueStatus"}.With("Member", c.Interface)
	if c.Queue != "" {
		ask = ask.With("Queue", c.Queue)
	}
	list, err := q.Client.List(ctx, ask)
	if err != nil {
		return nil, err
	}
	var found []Member
	known := c.Queue == ""
	for _, item := range list.Items {
		known = known || strings.EqualFold(item.Get("Queue"), c.Queue)
		if item.Event() == "QueueMember" && strings.EqualFold(interfaceOf(item), c.Interface) { // else it has that name
			found = append(found, memberFrom(item))
		}
	}
	switch {
	case !known:
		return nil, ErrNoSuchQueue
	case len(found) == 0:
		return nil, ErrNotMember
	}
	return found, nil
}

// memberFrom makes a Member of an event or an item of a list.
func memberFrom(event ami.Message) Member {
	b := member{Member: Member{Queue: event.Get("Queue"), Interface: interfaceOf(event)}}
	b.take(event)
	return b.Member
}

func (q *AppQueue) logIn(ctx context.Context, c Command) ([]Done, error) {
	add := ami.Action{Name: "QueueAdd"}.With("Queue", c.Queue).With("Interface", c.Interface).With("Penalty", strconv.Itoa(c.Penalty))
	if c.Name != "" {
		add = add.With("MemberName", c.Name)
	}
	if c.StateInterface != "" {
		add = add.With("StateInterface", c.StateInterface)
	}
	if c.Paused {
		add = add.With("Paused", "true")
		if c.Reason != "" {
			add = add.With("Reason", c.Reason)
		}
	}
	w := q.watch(ctx)
	defer w.stop()
	w.expect(c.Queue, c.Interface, func(event ami.Message, _ *Member) bool { return event.Event() == "QueueMemberAdded" })
	if err := q.do(w.ctx, add); err != nil {
		if !errors.Is(err, errAlready) {
			return nil, err
		}
		there, err := q.members(ctx, c)
		if err != nil {
			return nil, err
		}
		return []Done{{Member: there[0]}}, nil
	}
	done, err := w.wait()
	if err != nil || !c.Paused || done[0].Member.PausedReason == c.Reason {
		return done, err
	}
	c.Verb = Pause // Asterisk 16 takes no reason with QueueAdd
	return q.pause(ctx, c)
}

func (q *AppQueue) logOut(ctx context.Context, c Command) ([]Done, error) {
	there, err := q.members(ctx, c)
	if errors.Is(err, ErrNotMember) {
		return nil, nil // as it is to be
	}
	if err != nil {
		return nil, err
	}
	var all []Done
	var errs []error
	for _, place := range there {
		done, err := q.remove(ctx, place)
		all = append(all, done...)
		if err != nil {
			errs = append(errs, err)
		}
	}
	return all, errors.Join(errs...)
}

func (q *AppQueue) remove(ctx context.Context, place Member) ([]Done, error) {
	w := q.watch(ctx)
	defer w.stop()
	w.expect(place.Queue, place.Interface, func(event ami.Message, _ *Member) bool { return event.Event() == "QueueMemberRemoved" })
	remove := ami.Action{Name: "QueueRemove"}.With("Queue", place.Queue).With("Interface", place.Interface)
	if err := q.do(w.ctx, remove); err != nil {
		if errors.Is(err, errNotThere) { // somebody else was faster
			return []Done{{Member: place}}, nil
		}
		return nil, err
	}
	return w.wait()
}

func (q *AppQueue) pause(ctx context.Context, c Command) ([]Done, error) {
	pausing := c.Verb == Pause
	pause := ami.Action{Name: "QueuePause"}.With("Interface", c.Interface).With("Paused", strconv.FormatBool(pausing))
	if pausing && c.Reason != "" {
		pause = pause.With("Reason", c.Reason)
	}
	return q.set(ctx, c, pause, func(is *Member) bool {
		return is.Paused == pausing && (!pausing || is.PausedReason == c.Reason)
	})
}

func (q *AppQueue) setPenalty(ctx context.Context, c Command) ([]Done, error) {
	set := ami.Action{Name: "QueuePenalty"}.With("Interface", c.Interface).With("Penalty", strconv.Itoa(c.Penalty))
	return q.set(ctx, c, set, func(is *Member) bool { return is.Penalty == c.Penalty })
}

// set sends an action that changes members wherever they are, unless all are as they are to be, and waits until all are.
func (q *AppQueue) set(ctx context.Context, c Command, a ami.Action, isSo func(*Member) bool) ([]Done, error) {
	w := q.watch(ctx)
	defer w.stop()
	there, err := q.members(ctx, c)
	if err != nil {
		return nil, err
	}
	if c.Queue != "" {
		a = a.With("Queue", there[0].Queue)
	}
	var so []Done
	for _, place := range there {
		if isSo(&place) {
			so = append(so, Done{Member: place})
			continue
		}
		w.expect(place.Queue, place.Interface, func(_ ami.Message, is *Member) bool { return isSo(is) })
	}
	if len(so) == len(there) {
		return so, nil
	}
	if err := q.do(w.ctx, a); err != nil {
		return nil, err
	}
	done, err := w.wait()
	return append(so, done...), err
}

var (
	errAlready  = errors.New("agents: already there")
	errNotThere = errors.New("agents: not there")
)

// refusals are what Asterisk says when it does not carry out (manager_add_queue_member and the functions after it in
// apps/app_queue.c).
var refusals = []struct {
	words string
	err   error
}{
	{"No such queue", ErrNoSuchQueue},
	{"Already there", errAlready},
	{"Not there", errNotThere},
	{"Member not dynamic", ErrNotDynamic},
	{"Interface not found", ErrNotMember},
	{"Invalid interface, queuename or penalty", ErrNotMember},
}

func (q *AppQueue) do(ctx context.Context, a ami.Action) error {
	_, err := q.Client.Do(ctx, a)
	var refused *ami.ResponseError
	if errors.As(err, &refused) {
		for _, r := range refusals {
			if strings.Contains(refused.Message, r.words) {
				return errors.Join(r.err, err)
			}
		}
	}
	return err
}

func (q *AppQueue) watch(ctx context.Context) *watch {
	return newWatch(ctx, q.Client, cmp.Or(q.Timeout, DefaultTimeout))
}

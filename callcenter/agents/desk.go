package agents

import (
	"context"
	"errors"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// Desk does what agents and their supervisors do from a screen. What it returns is what Asterisk's events have told, not that
// Asterisk has said "Success". Each of its methods may be called again: what is so already is no error and changes nothing.
// Errors are [*CommandError].
//
// A Desk knows no persons: whoever sits at a telephone is logged in by its interface. Its methods may be called by several
// goroutines at once; its fields must not change then.
type Desk struct {
	// Client is connected, with the write classes agent and call and the read classes agent and call.
	Client *ami.Client
	// Own, if not nil, are queues that are not app_queue's. They are asked first; what they do not know app_queue is asked.
	Own Queues
	// Timeout is how long an event is waited for after Asterisk has taken a command. Default: [DefaultTimeout].
	Timeout time.Duration
	// DND is the beginning of the names of devices that [Desk.Busy] sets, as [Config.DND]. Default: [DefaultDND].
	DND string
}

// DefaultTimeout is the default of [Desk.Timeout].
const DefaultTimeout = 5 * time.Second

// Login logs a member in to a queue. Who is there already stays as it is: Done says with what penalty.
func (d *Desk) Login(ctx context.Context, c Command) (Done, error) {
	c.Verb = LogIn
	done, err := d.Carry(ctx, c)
	if err != nil || len(done) == 0 {
		return Done{}, err
	}
	return done[0], nil
}

// Logout logs a member out of a queue, or of all those that it has logged in to if queue is empty. A call that goes on is
// not touched. Members of queues.conf are [ErrNotDynamic], those that were named and those among all.
func (d *Desk) Logout(ctx context.Context, endpoint, queue string) ([]Done, error) {
	return d.Carry(ctx, Command{Verb: LogOut, Interface: endpoint, Queue: queue})
}

// Pause has a member get no more calls of a queue, or of all if queue is empty. A pause for another reason changes its reason.
func (d *Desk) Pause(ctx context.Context, endpoint, queue, reason string) ([]Done, error) {
	return d.Carry(ctx, Command{Verb: Pause, Interface: endpoint, Queue: queue, Reason: reason})
}

// Unpause ends the pauses of a member in a queue, or in all if queue is empty.
func (d *Desk) Unpause(ctx context.Context, endpoint, queue string) ([]Done, error) {
	return d.Carry(ctx, Command{Verb: Unpause, Interface: endpoint, Queue: queue})
}

// SetPenalty sets the penalty of a member in a queue, or in all that it is in if queue is empty.
func (d *Desk) SetPenalty(ctx context.Context, endpoint, queue string, penalty int) ([]Done, error) {
	return d.Carry(ctx, Command{Verb: SetPenalty, Interface: endpoint, Queue: queue, Penalty: penalty})
}

// Carry carries out any command: all the others do it.
func (d *Desk) Carry(ctx context.Context, c Command) ([]Done, error) {
	fail := func(err error) error {
		return &CommandError{Verb: c.Verb, Queue: c.Queue, Interface: c.Interface, Err: err}
	}
	if err := c.Validate(); err != nil {
		return nil, fail(err)
	}
	var own []Done
	if d.Own != nil {
		var err error
		own, err = d.Own.Carry(ctx, c)
		elsewhere := errors.Is(err, ErrNoSuchQueue) || errors.Is(err, ErrNotMember)
		if err != nil && !elsewhere {
			return own, fail(err)
		}
		if err == nil && c.Queue != "" {
			return own, nil
		}
	}
	done, err := (&AppQueue{Client: d.Client, Timeout: d.Timeout}).Carry(ctx, c)
	done = append(own, done...)
	if err != nil && len(own) > 0 && errors.Is(err, ErrNotMember) {
		return done, nil
	}
	if err != nil {
		return done, fail(err)
	}
	return done, nil
}

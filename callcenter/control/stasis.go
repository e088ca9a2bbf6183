package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// Applications that decide what can be done with a channel, as Status names them.
const (
	inStasis = "Stasis"   // an application of ARI has it
	inOrigin = "AppDial2" // it is rung by an originate, of AMI or of ARI, and not by a caller (main/dial.c)
)

// ApplicationError says that a command cannot be carried out because of the application that has the channel in Asterisk.
type ApplicationError struct {
	Verb Verb
	// Channel is the leg's, Application what it is in: "Stasis" for an application of ARI.
	Channel, Application string
	// Problem is why.
	Problem string
}

func (e *ApplicationError) Error() string {
	return fmt.Sprintf("control: %s: %s is in %s: %s", e.Verb, e.Channel, cmp.Or(e.Application, "no application"), e.Problem)
}

// others are the channels that a leg talks with. That it talks is told a moment after it has begun to, so it gets one.
func (c *Control) others(ctx context.Context, cmd *Command) []string {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	var with []string
	c.live.wait(ctx, func(b *board) bool { //nolint:errcheck // then it talks with nobody
		if call, ok := b.byID(cmd.Leg.Uniqueid); ok {
			cmd.Call, with = call, talking(&call, cmd.Leg.Channel)
		}
		return len(with) > 0
	})
	return with
}

// application asks Asterisk in which application a leg is.
func (c *Control) application(ctx context.Context, leg calls.Leg) (string, error) {
	list, err := c.Client.List(ctx, ami.Action{Name: "Status"}.With("Channel", leg.Uniqueid))
	if err != nil {
		return "", goneOr(err)
	}
	for _, status := range list.Items {
		if status.Get("Uniqueid") == leg.Uniqueid {
			return status.Get("Application"), nil
		}
	}
	return "", ErrGone
}

// sendOn is a blind transfer of a leg in Stasis. Asterisk's own leaves both parties in a bridge that nobody serves, so the
// other party is redirected into the dialplan, which takes it out of the application. The application, which sees it leave, may
// have hung up on the leg by then.
func (d *Desk) sendOn(ctx context.Context, cmd Command, in, number string) error {
	others := d.control.others(ctx, &cmd)
	if len(others) != 1 {
		return &ApplicationError{cmd.Verb, cmd.Leg.Channel, inStasis, fmt.Sprintf("it talks with %d parties, and one can be sent on", len(others))}
	}
	other := legOf(cmd.Call, others[0])
	if other == nil {
		return ErrGone
	}
	action := ami.Action{Name: "Redirect"}.With("Channel", other.Uniqueid).With("Context", in).With("Exten", number).With("Priority", "1")
	if err := d.control.do(ctx, action); err != nil {
		return err
	}
	if err := d.control.left(ctx, *other); err != nil {
		return err
	}
	err := d.control.do(ctx, ami.Action{Name: "Hangup"}.With("Channel", cmd.Leg.Uniqueid))
	if isGone(err) {
		return nil
	}
	return err
}

// left waits until a redirected leg has left Stasis. Before that its application, seeing the other leg end, would hang up on it.
func (c *Control) left(ctx context.Context, leg calls.Leg) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.confirm(), &UnconfirmedError{What: "the leaving of Stasis"})
	defer cancel()
	for {
		application, err := c.application(ctx, leg)
		switch {
		case isGone(err):
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return err
		case application != inStasis:
			return nil
		}
		if err := pause(ctx, leavePause); err != nil {
			return err
		}
	}
}

// leavePause is from one look to the next.
const leavePause = 20 * time.Millisecond

// hold holds those that talk with a leg in Stasis, or ends that: they hear music and not the leg, and are not heard. The leg
// is muted too: the music alone does not silence it where Asterisk just forwards packets between the two. Asterisk does not
// tell of it in events, so what ARI answers is all that is known.
func (d *Desk) hold(ctx context.Context, cmd Command) error {
	channels := d.control.ARI.Channels()
	music, quiet := channels.Hold, channels.Mute
	if cmd.Verb == VerbResume {
		music, quiet = channels.Unhold, channels.Unmute
	}
	others := d.control.others(ctx, &cmd)
	if len(others) == 0 && cmd.Verb == VerbHold {
		return &ValueError{Field: "channel", Problem: "talks with nobody"}
	}
	if err := goneFromARI(quiet(ctx, cmd.Leg.Uniqueid, ari.DirectionIn)); err != nil {
		return err
	}
	if len(others) == 0 {
		return &ValueError{Field: "channel", Problem: "talks with nobody"} // whom it held has gone, and it is to be heard again
	}
	for _, other := range others {
		leg := legOf(cmd.Call, other)
		if leg == nil {
			return ErrGone
		}
		err := errors.Join(goneFromARI(music(ctx, leg.Uniqueid)), goneFromARI(quiet(ctx, leg.Uniqueid, ari.DirectionIn)))
		if err != nil {
			return err
		}
	}
	return nil
}

// goneFromARI says of an answer of ARI that it knows no such channel.
func goneFromARI(err error) error {
	if ari.IsNotFound(err) {
		return fmt.Errorf("%w: %w", ErrGone, err)
	}
	return err
}

// bargeIn takes a third party into the conversation of a leg in Stasis. Only the application can add to its bridge, so the party
// comes in as one who barges in: it hears both, and both hear it.
func (d *Desk) bargeIn(ctx context.Context, cmd Command, order ami.Originate) (calls.Call, error) {
	order.Application, order.Data = "ChanSpy", cmd.Leg.Channel+",qBES"
	joined := func(call calls.Call) int {
		n := 0
		for _, spy := range call.Spies {
			if spy.Target == cmd.Leg.Channel && spy.End.IsZero() {
				n++
			}
		}
		return n
	}
	var call calls.Call
	before := joined(cmd.Call)
	err := d.fetch(ctx, order, fetching{"the third party", cmd.Call.ID, func(now calls.Call) bool {
		call = now
		return joined(now) > before
	}})
	return call, err
}

// refuseIn refuses a command for a leg that is in one of some applications.
func (c *Control) refuseIn(ctx context.Context, cmd Command, problem string, applications ...string) error {
	application, err := c.application(ctx, cmd.Leg)
	if err == nil && slices.Contains(applications, application) {
		return &ApplicationError{cmd.Verb, cmd.Leg.Channel, application, problem}
	}
	return err
}

// NoExtensionError says that the dialplan has no such number. The call is as it was.
type NoExtensionError struct{ Number, Context string }

func (e *NoExtensionError) Error() string {
	return fmt.Sprintf("control: there is no %s in %s", e.Number, e.Context)
}

// checkExtension asks the dialplan for a number, as the leg would find it: with patterns, includes, switches, and the leg's
// caller id (DIALPLAN_EXISTS in funcs/func_dialplan.c). If Asterisk lacks the function nothing is refused.
func (c *Control) checkExtension(ctx context.Context, leg calls.Leg, in, number string) error {
	ask := ami.Action{Name: "Getvar"}.With("Channel", leg.Uniqueid).With("Variable", "DIALPLAN_EXISTS("+in+","+number+",1)")
	answer, err := c.Client.Do(ctx, ask)
	switch {
	case isGone(goneOr(err)):
		return goneOr(err)
	case err != nil:
		var refused *ami.ResponseError
		if errors.As(err, &refused) {
			return nil // not known
		}
		return err
	case answer.Get("Value") == "0":
		return &NoExtensionError{Number: number, Context: in}
	}
	return nil
}

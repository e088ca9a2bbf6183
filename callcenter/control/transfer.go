package control

import (
	"cmp"
	"context"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// Transferred is how a transfer has gone.
type Transferred struct {
	calls.Transfer
	// Outcome is that of the telephone that it went to, if it did not take the call: busy, no answer.
	Outcome calls.Outcome
	// Call is the call as it was known then.
	Call calls.Call
}

// Transfer sends the other party of a leg to a number, blind: the leg ends. channel is the leg of who transfers. It returns when
// the target has taken the call, or has not; it waits for that as long as it rings, and ctx lets. A number that the dialplan has
// not is a [*NoExtensionError], and the call goes on: Asterisk itself would take any, and the call would end.
//
// For a leg in Stasis it is the other party that is redirected, so who transfers is not known (Transfer.By), and there must be
// one other party only.
func (d *Desk) Transfer(ctx context.Context, channel, number string) (Transferred, error) {
	return d.blind(ctx, channel, number, d.control.context())
}

// ToVoicemail sends the other party of a leg to a mailbox.
func (d *Desk) ToVoicemail(ctx context.Context, channel, mailbox string) (Transferred, error) {
	c := d.control
	return d.blind(ctx, channel, c.VoicemailPrefix+mailbox, cmp.Or(c.VoicemailContext, c.context()))
}

func (d *Desk) blind(ctx context.Context, channel, number, in string) (Transferred, error) {
	var out Transferred
	err := d.onLeg(ctx, VerbTransfer, channel, func(ctx context.Context, cmd Command) error {
		if err := checkNumber("number", number); err != nil {
			return err
		}
		if err := d.control.checkExtension(ctx, cmd.Leg, in, number); err != nil {
			return err
		}
		before := len(cmd.Call.Transfers)
		if err := d.send(ctx, cmd, in, number); err != nil {
			return err
		}
		seen := func(b *board) bool { return out.read(b, cmd, before) }
		if err := d.control.until(ctx, "the transfer", seen); err != nil {
			return err
		}
		return d.control.live.wait(ctx, func(b *board) bool { return out.read(b, cmd, before) && out.decided() })
	})
	return out, err
}

// send sends the other party of a leg to a number, as it is done where the leg is.
func (d *Desk) send(ctx context.Context, cmd Command, in, number string) error {
	application, err := d.control.application(ctx, cmd.Leg)
	switch {
	case err != nil:
		return err
	case application == inStasis:
		return d.sendOn(ctx, cmd, in, number)
	}
	return d.control.do(ctx, ami.Action{Name: "BlindTransfer"}.With("Channel", cmd.Leg.Uniqueid).With("Context", in).With("Exten", number))
}

// read takes the transfer that a leg has made since, from its call.
func (t *Transferred) read(b *board, cmd Command, before int) bool {
	call, ok := b.byID(cmd.Call.ID)
	if !ok {
		return false
	}
	t.Call = call
	for i := min(before, len(call.Transfers)); i < len(call.Transfers); i++ {
		if call.Transfers[i].By == cmd.Leg.Channel || call.Transfers[i].By == "" {
			t.Transfer = call.Transfers[i]
			t.Outcome = t.outcome()
			return true
		}
	}
	return false
}

// outcome is why the target has not taken the call; empty as long as it may.
func (t *Transferred) outcome() calls.Outcome {
	if t.Result == calls.Completed {
		return ""
	}
	if to := legOf(t.Call, t.To); to != nil {
		return to.Outcome
	}
	return ""
}

// decided tells whether the transfer has gone one way or the other.
func (t *Transferred) decided() bool {
	if t.Result != calls.NotAnswered || t.Outcome != "" || !t.Call.Ended.IsZero() {
		return true
	}
	return t.Call.Voicemail != nil && !t.Call.Voicemail.Entered.Before(t.At.Add(-time.Second)) ||
		len(t.Call.Queues) > 0 && !t.Call.Queues[len(t.Call.Queues)-1].Entered.Before(t.At.Add(-time.Second))
}

// Consultation is an attended transfer that has begun: the other party waits, and the actor talks, or will, with the target.
type Consultation struct {
	desk   *Desk
	cmd    Command
	before int
}

// Consult begins an attended transfer: the other party of the leg hears music, and the number is dialled for the leg. It is
// the feature atxfer of features.conf, which the dialplan must allow. A leg in Stasis has no features: that is an
// [*ApplicationError], as the application must do it.
func (d *Desk) Consult(ctx context.Context, channel, number string) (*Consultation, error) {
	var out *Consultation
	err := d.onLeg(ctx, VerbConsult, channel, func(ctx context.Context, cmd Command) error {
		if err := checkNumber("number", number); err != nil {
			return err
		}
		if len(d.control.others(ctx, &cmd)) == 0 {
			return &ValueError{Field: "channel", Problem: "talks with nobody"}
		}
		if err := d.control.checkExtension(ctx, cmd.Leg, d.control.context(), number); err != nil {
			return err
		}
		if err := d.control.refuseIn(ctx, cmd, "only its application can ask a target first", inStasis); err != nil {
			return err
		}
		action := ami.Action{Name: "Atxfer"}.With("Channel", cmd.Leg.Uniqueid).With("Context", d.control.context()).With("Exten", number)
		if err := d.control.do(ctx, action); err != nil {
			return err
		}
		out = &Consultation{desk: d, cmd: cmd, before: len(cmd.Call.Transfers)}
		return d.control.until(ctx, "the consultation: may the party transfer at all", func(b *board) bool {
			call, ok := b.byID(cmd.Call.ID)
			return !ok || !call.Ended.IsZero() || len(talking(&call, cmd.Leg.Channel)) == 0 || len(call.Transfers) > out.before
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// talking are the channels that a leg talks with now.
func talking(call *calls.Call, channel string) []string {
	var with []string
	for _, t := range call.Conversations {
		switch {
		case !t.End.IsZero():
		case t.A == channel:
			with = append(with, t.B)
		case t.B == channel:
			with = append(with, t.A)
		}
	}
	return with
}

// Answered waits until the target talks with the actor, and tells which leg it is. It returns false if the consultation has
// ended without.
func (c *Consultation) Answered(ctx context.Context) (channel string, ok bool, err error) {
	err = c.desk.control.live.wait(ctx, func(b *board) bool {
		call, known := b.byID(c.cmd.Call.ID)
		if !known || !call.Ended.IsZero() || len(call.Transfers) > c.before {
			return true
		}
		if with := talking(&call, c.cmd.Leg.Channel); len(with) > 0 {
			channel, ok = with[0], true
		}
		return ok
	})
	return channel, ok, err
}

// Complete hands the other party over to the target: the actor's leg ends. If the target still rings, it rings for the
// other party.
func (c *Consultation) Complete(ctx context.Context) (Transferred, error) {
	action := ami.Action{Name: "Hangup"}.With("Channel", c.cmd.Leg.Uniqueid)
	return c.end(ctx, action)
}

// Cancel ends the consultation: the actor talks with the other party again.
func (c *Consultation) Cancel(ctx context.Context) (Transferred, error) {
	return c.end(ctx, ami.Action{Name: "CancelAtxfer"}.With("Channel", c.cmd.Leg.Uniqueid))
}

func (c *Consultation) end(ctx context.Context, action ami.Action) (Transferred, error) {
	var out Transferred
	err := c.desk.onLeg(ctx, VerbConsult, c.cmd.Leg.Channel, func(ctx context.Context, _ Command) error {
		if err := c.desk.control.do(ctx, action); err != nil {
			return err
		}
		return c.wait(ctx, &out)
	})
	return out, err
}

// Wait waits until the consultation has ended by itself: the target has refused or hung up, and the other party was given back.
func (c *Consultation) Wait(ctx context.Context) (Transferred, error) {
	var out Transferred
	err := c.wait(ctx, &out)
	return out, err
}

func (c *Consultation) wait(ctx context.Context, out *Transferred) error {
	return c.desk.control.live.wait(ctx, func(b *board) bool {
		if !out.read(b, c.cmd, c.before) {
			return !out.Call.Ended.IsZero()
		}
		return out.decided()
	})
}

package control

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// Hangup ends a leg, with a cause of Q.850 that its telephone or trunk is told: 0 and 16 are a normal end, 17 is busy, 21 is
// refused. It returns when the leg has ended.
func (d *Desk) Hangup(ctx context.Context, channel string, cause int) error {
	return d.onLeg(ctx, VerbHangup, channel, func(ctx context.Context, cmd Command) error {
		if cause < 0 || cause > 127 {
			return &ValueError{Field: "cause", Problem: "must be from 0 to 127"}
		}
		action := ami.Action{Name: "Hangup"}.With("Channel", cmd.Leg.Uniqueid)
		if cause > 0 {
			action = action.With("Cause", strconv.Itoa(cause))
		}
		if err := d.control.do(ctx, action); err != nil {
			return err
		}
		return d.control.until(ctx, "the end", ended(cmd.Leg.Uniqueid))
	})
}

// ended tells whether a leg has ended.
func ended(uniqueid string) func(*board) bool {
	return func(b *board) bool {
		leg := b.uniqueid(uniqueid)
		return leg == nil || !leg.Ended.IsZero()
	}
}

// uniqueid finds a leg; the board is locked.
func (b *board) uniqueid(uniqueid string) *calls.Leg {
	call := b.calls[b.legs[uniqueid]]
	for i := range call.Legs {
		if call.Legs[i].Uniqueid == uniqueid {
			return &call.Legs[i]
		}
	}
	return nil
}

// Answer takes the call that rings at the leg, at the telephone itself, by [Control.Phones], and returns when it is answered. A
// telephone that does not do as it is told is an [*UnconfirmedError].
func (d *Desk) Answer(ctx context.Context, channel string) error {
	return d.onLeg(ctx, VerbAnswer, channel, func(ctx context.Context, cmd Command) error {
		if !cmd.Leg.Answered.IsZero() {
			return &ValueError{Field: "channel", Problem: "does not ring"}
		}
		if d.control.Phones == nil {
			return ErrNoPhones
		}
		if err := d.control.Phones.Answer(ctx, cmd.Leg); err != nil {
			return err
		}
		return d.shown(ctx, cmd, "the answer", func(_ *calls.Call, leg *calls.Leg) bool { return !leg.Answered.IsZero() })
	})
}

// Hold keeps the others on hold, at the telephone itself, by [Control.Phones], and returns when they are. Without Phones, and
// for a leg in Stasis, [Control.ARI] lets the others hear music and not be heard; no event and no call tells of that.
func (d *Desk) Hold(ctx context.Context, channel string) error {
	return d.atPhone(ctx, VerbHold, channel, Phones.Hold)
}

// Resume ends a hold in the way in which Hold has begun it.
func (d *Desk) Resume(ctx context.Context, channel string) error {
	return d.atPhone(ctx, VerbResume, channel, Phones.Resume)
}

func (d *Desk) atPhone(ctx context.Context, verb Verb, channel string, tell func(Phones, context.Context, calls.Leg) error) error {
	return d.onLeg(ctx, verb, channel, func(ctx context.Context, cmd Command) error {
		if d.control.Phones == nil {
			return d.holdWithout(ctx, cmd)
		}
		switch {
		case verb == VerbHold && len(d.control.others(ctx, &cmd)) == 0:
			return &ValueError{Field: "channel", Problem: "talks with nobody"}
		case verb == VerbResume && len(talking(&cmd.Call, channel)) > 0:
			return &ValueError{Field: "channel", Problem: "holds nobody"}
		}
		if err := tell(d.control.Phones, ctx, cmd.Leg); err != nil {
			return err
		}
		return d.shown(ctx, cmd, "the "+string(verb), func(call *calls.Call, _ *calls.Leg) bool {
			return (len(talking(call, channel)) > 0) == (verb == VerbResume)
		})
	})
}

// holdWithout holds, or ends that, for a telephone that cannot be told to.
func (d *Desk) holdWithout(ctx context.Context, cmd Command) error {
	if d.control.ARI == nil {
		return ErrNoPhones
	}
	application, err := d.control.application(ctx, cmd.Leg)
	switch {
	case err != nil:
		return err
	case application != inStasis:
		return ErrNoPhones
	}
	return d.hold(ctx, cmd)
}

// shown waits until the calls show something of a leg that lives.
func (d *Desk) shown(ctx context.Context, cmd Command, what string, shows func(*calls.Call, *calls.Leg) bool) error {
	gone := false
	err := d.control.until(ctx, what, func(b *board) bool {
		leg := b.uniqueid(cmd.Leg.Uniqueid)
		if leg == nil || !leg.Ended.IsZero() {
			gone = true
			return true
		}
		call, ok := b.byID(cmd.Leg.Uniqueid)
		return ok && shows(&call, leg)
	})
	if gone {
		return ErrGone
	}
	return err
}

// SendDigits sends digits to the party of a leg, as if the other side had pressed them: 0 to 9, *, #, A to D.
func (d *Desk) SendDigits(ctx context.Context, channel, digits string) error {
	return d.onLeg(ctx, VerbDigits, channel, func(ctx context.Context, cmd Command) error {
		digits := strings.ToUpper(digits)
		if err := check("digits", digits, maxNumber, func(r rune) bool { return strings.ContainsRune("0123456789*#ABCD", r) }); err != nil {
			return err
		}
		for i, digit := range digits {
			if i > 0 {
				if err := pause(ctx, digitPause); err != nil {
					return err
				}
			}
			if err := d.control.do(ctx, ami.Action{Name: "PlayDTMF"}.With("Channel", cmd.Leg.Uniqueid).With("Digit", string(digit))); err != nil {
				return err
			}
		}
		return nil
	})
}

// digitPause is from one digit to the next: a digit lasts 100 ms, and needs as long a silence after it.
const digitPause = 200 * time.Millisecond

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Direction says which side of a leg is muted.
type Direction string

// The directions, as MuteAudio names them.
const (
	In   Direction = "in"  // what the party says
	Out  Direction = "out" // what the party hears
	Both Direction = "all"
)

// Mute mutes a leg, or ends that.
func (d *Desk) Mute(ctx context.Context, channel string, direction Direction, muted bool) error {
	return d.onLeg(ctx, VerbMute, channel, func(ctx context.Context, cmd Command) error {
		switch direction {
		case In, Out, Both:
		default:
			return &ValueError{Field: "direction", Problem: "is none that is known"}
		}
		state := "off"
		if muted {
			state = "on"
		}
		return d.control.do(ctx, ami.Action{Name: "MuteAudio"}.With("Channel", cmd.Leg.Uniqueid).With("Direction", string(direction)).With("State", state))
	})
}

// PlayTo plays a sound to the party of a leg; nobody else hears it. It needs [Control.PromptContext], or for a leg in Stasis
// [Control.ARI]. A sound is named as in
// Playback, without its ending: "custom/one-moment". PlayTo returns when the playing has begun.
func (d *Desk) PlayTo(ctx context.Context, channel, sound string) error {
	return d.onLeg(ctx, VerbPrompt, channel, func(ctx context.Context, cmd Command) error {
		if d.control.PromptContext == "" && d.control.ARI != nil {
			return d.playInStasis(ctx, cmd, sound)
		}
		return d.control.playTo(ctx, cmd.Leg.Channel, sound)
	})
}

// playInStasis plays a sound by ARI; the party hears nothing else meanwhile.
func (d *Desk) playInStasis(ctx context.Context, cmd Command, sound string) error {
	if err := checkSound("sound", sound); err != nil {
		return err
	}
	application, err := d.control.application(ctx, cmd.Leg)
	switch {
	case err != nil:
		return err
	case application != inStasis:
		return &ValueError{Field: "PromptContext", Problem: "is missing"}
	}
	_, err = d.control.ARI.Channels().Play(ctx, cmd.Leg.Uniqueid, ari.ChannelPlayParams{Media: []string{"sound:" + sound}})
	return goneFromARI(err)
}

// playTo plays a sound by whispering it: a Local channel plays it at its one end, and its other end is a spy.
func (c *Control) playTo(ctx context.Context, channel, sound string) error {
	if c.PromptContext == "" {
		return &ValueError{Field: "PromptContext", Problem: "is missing"}
	}
	if err := firstError(checkSound("sound", sound), checkChannel("channel", channel)); err != nil {
		return err
	}
	playing, err := c.Client.Originate(ctx, ami.Originate{
		Channel: "Local/play@" + c.PromptContext + "/n", Application: "ChanSpy", Data: channel + ",qwES",
		Variables: []ami.Header{{Key: "__ASTERISM_PROMPT", Value: sound}},
	})
	if err != nil {
		return err
	}
	outcome, err := playing.Wait(ctx)
	if err == nil && outcome.Reason != ami.Answered {
		err = &NotTakenError{Endpoint: "play@" + c.PromptContext, Reason: outcome.Reason}
	}
	return err
}

// checkSound keeps a sound inside the directory of sounds.
func checkSound(field, sound string) error {
	if strings.Contains(sound, "..") || strings.HasPrefix(sound, "/") {
		return &ValueError{Field: field, Problem: "leaves the directory of sounds"}
	}
	return check(field, sound, maxName, func(r rune) bool { return alphanumeric(r) || strings.ContainsRune("-_./", r) })
}

package control

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// Spy is an order to listen to somebody: the actor's telephone rings, and hears the call when it is taken.
type Spy struct {
	// Endpoint is the telephone that listens. Default: the actor's.
	Endpoint string
	// Channel is the leg that is listened to. Whispering is heard by this party only.
	Channel string
	// Target is whom to listen to if no Channel is given: an endpoint, in the call that it is in, or will be in next.
	Target string
	// Mode is [calls.Listen] by default.
	Mode calls.SpyMode
	// GoOn listens to the endpoint's next calls too, until it is ended. Without it the spying ends with the call.
	GoOn bool
	// Notice is a sound that the leg hears when the spying begins, where it must be told: "beep". It needs
	// [Control.PromptContext].
	Notice string
	// Group limits the spying to channels whose variable SPYGROUP names this group.
	Group string
	// AutoAnswer asks the telephone to answer by itself.
	AutoAnswer AutoAnswer
}

// The keys by which the spy changes the mode at the telephone (ChanSpy's option d), and by which Switch does.
var modeKeys = map[calls.SpyMode]string{calls.Listen: "4", calls.Whisper: "5", calls.Barge: "6"}

// modeOptions are the options of ChanSpy for a mode.
var modeOptions = map[calls.SpyMode]string{calls.Listen: "", calls.Whisper: "w", calls.Barge: "B"}

// Spying is somebody who listens.
type Spying struct {
	// ID is the Uniqueid of the spy's channel.
	ID string

	desk  *Desk
	order *ami.Origination
	cmd   Command
	goOn  bool
}

// PrivateVariable is the channel variable that marks a call as private: nobody may listen to it if it is 1, yes, true or on.
const PrivateVariable = "PRIVATE"

// Spy orders that the actor's telephone listens to a call; it returns when the spying has begun. A call that is private
// is refused with [ErrPrivate].
func (d *Desk) Spy(ctx context.Context, order Spy) (*Spying, error) {
	c := d.control
	order.Endpoint = cmp.Or(order.Endpoint, d.actor.Endpoint)
	order.Mode = cmp.Or(order.Mode, calls.Listen)
	cmd := Command{Verb: VerbSpy, Endpoint: order.Endpoint, Mode: order.Mode}
	problem := order.check()
	if problem == nil {
		cmd.Call, cmd.Leg, problem = c.live.spied(order)
	}
	if problem != nil {
		return nil, d.refuse(ctx, cmd, problem)
	}
	var spying *Spying
	err := d.carryOut(ctx, cmd, func(ctx context.Context) (err error) {
		if c.Private != nil && c.Private(cmd.Call) {
			return ErrPrivate
		}
		if err := c.checkMarks(ctx, cmd.Call); err != nil {
			return err
		}
		spying, err = d.spy(ctx, order, cmd)
		return err
	})
	return spying, err
}

func (o *Spy) check() error {
	if err := checkEndpoint("Endpoint", o.Endpoint); err != nil {
		return err
	}
	if err := o.AutoAnswer.check(); err != nil {
		return err
	}
	if _, ok := modeKeys[o.Mode]; !ok {
		return &ValueError{Field: "Mode", Problem: "is none that is known"}
	}
	if o.Group != "" {
		if err := checkContext("Group", o.Group); err != nil {
			return err
		}
	}
	if o.Notice != "" {
		if err := checkSound("Notice", o.Notice); err != nil {
			return err
		}
	}
	if o.Channel != "" {
		return checkChannel("Channel", o.Channel)
	}
	return checkEndpoint("Target", o.Target)
}

// spied finds whom an order is about: the leg, or that of the endpoint; none if it has no call and will be listened to in its
// next ones.
func (b *board) spied(order Spy) (calls.Call, calls.Leg, error) {
	if order.Channel != "" {
		return b.leg(order.Channel)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, call := range b.calls {
		for _, leg := range call.Legs {
			if leg.Endpoint == order.Target && leg.Ended.IsZero() && !leg.Spy && !leg.Answered.IsZero() {
				return call, leg, nil
			}
		}
	}
	if order.GoOn {
		return calls.Call{}, calls.Leg{Endpoint: order.Target}, nil
	}
	return calls.Call{}, calls.Leg{}, ErrGone
}

// checkMarks refuses a call that is marked private on any of its channels. A channel that has gone in the meantime has none.
func (c *Control) checkMarks(ctx context.Context, call calls.Call) error {
	for _, leg := range call.Legs {
		if !leg.Ended.IsZero() {
			continue
		}
		answer, err := c.Client.Do(ctx, ami.Action{Name: "Getvar"}.With("Channel", leg.Uniqueid).With("Variable", PrivateVariable))
		switch {
		case isGone(goneOr(err)):
		case err != nil:
			return err
		case slices.Contains([]string{"1", "yes", "true", "on"}, strings.ToLower(answer.Get("Value"))):
			return ErrPrivate
		}
	}
	return nil
}

func (d *Desk) spy(ctx context.Context, order Spy, cmd Command) (*Spying, error) {
	c := d.control
	prefix := cmd.Leg.Channel
	if order.GoOn {
		prefix = cmd.Leg.Endpoint + "-" // ChanSpy takes every channel that begins so: PJSIP/101- is not PJSIP/1011-1
	}
	options := "qd" + modeOptions[order.Mode]
	if !order.GoOn {
		options += "ES"
	}
	if order.Group != "" {
		options += "g(" + order.Group + ")"
	}
	placed := ami.Originate{
		Channel: order.Endpoint, Application: "ChanSpy", Data: prefix + "," + options,
		Variables: shown("CONNECTEDLINE", ",i", cmd.Leg.Number, strings.ToUpper(string(order.Mode))+" "+cmp.Or(cmd.Leg.Name, cmd.Leg.Number, cmd.Leg.Endpoint)),
	}
	placed.Variables = append(placed.Variables, order.AutoAnswer.header(placed.Channel)...)
	ring, err := c.Client.Originate(ctx, placed)
	if err != nil {
		return nil, err
	}
	spying := &Spying{ID: ring.ID, desk: d, order: ring, cmd: cmd, goOn: order.GoOn}
	if err := spying.begin(ctx); err != nil {
		return nil, err
	}
	if order.Notice != "" {
		if err := c.playTo(ctx, cmd.Leg.Channel, order.Notice); err != nil {
			return nil, errors.Join(err, spying.Stop(context.WithoutCancel(ctx))) // nobody listens without notice
		}
	}
	return spying, nil
}

// begin waits until the telephone was taken, and the spying has begun.
func (s *Spying) begin(ctx context.Context) error {
	outcome, err := s.order.Wait(ctx)
	if err != nil {
		s.order.Hangup(context.WithoutCancel(ctx)) //nolint:errcheck // nobody waits for it any more
		return err
	}
	if outcome.Reason != ami.Answered {
		return &NotTakenError{Endpoint: s.cmd.Endpoint, Reason: outcome.Reason}
	}
	if s.goOn && s.cmd.Leg.Channel == "" {
		return nil // there is nobody to listen to yet
	}
	return s.desk.control.until(ctx, "the spying", func(b *board) bool {
		call, ok := b.byID(s.cmd.Leg.Uniqueid)
		return !ok || slices.ContainsFunc(call.Spies, func(spy calls.Spy) bool { return spy.Channel == outcome.Channel })
	})
}

// Switch changes the mode while the spying goes on. It is checked as a new order would be.
func (s *Spying) Switch(ctx context.Context, mode calls.SpyMode) error {
	key, ok := modeKeys[mode]
	if !ok {
		return &ValueError{Field: "Mode", Problem: "is none that is known"}
	}
	cmd := s.cmd
	cmd.Mode = mode
	return s.desk.carryOut(ctx, cmd, func(ctx context.Context) error {
		return s.desk.control.do(ctx, ami.Action{Name: "PlayDTMF"}.With("Channel", s.ID).With("Digit", key).With("Receive", "true"))
	})
}

// Stop ends the spying. If it has ended already, that is no error.
func (s *Spying) Stop(ctx context.Context) error {
	err := goneOr(s.order.Hangup(ctx))
	if isGone(err) {
		return nil
	}
	return err
}

// Wait waits until the spying has ended.
func (s *Spying) Wait(ctx context.Context) error {
	return s.desk.control.live.wait(ctx, func(b *board) bool {
		call, ok := b.byID(s.ID)
		return !ok || !call.Ended.IsZero()
	})
}

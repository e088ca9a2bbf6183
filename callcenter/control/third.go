package control

import (
	"cmp"
	"context"
	"slices"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// Park puts the party of a leg into the parking lot, and returns when it is there. The call comes back to comeback, a
// telephone, when nobody retrieves it in time; if that is empty, to whom the lot says.
func (d *Desk) Park(ctx context.Context, channel, comeback string) (calls.Parking, error) {
	var parked calls.Parking
	err := d.onLeg(ctx, VerbPark, channel, func(ctx context.Context, cmd Command) error {
		action := ami.Action{Name: "Park"}.With("Channel", cmd.Leg.Uniqueid)
		if comeback != "" {
			if err := checkEndpoint("comeback", comeback); err != nil {
				return err
			}
			action = action.With("TimeoutChannel", comeback)
		}
		if err := d.control.do(ctx, action); err != nil {
			return err
		}
		return d.control.until(ctx, "the parking", func(b *board) bool {
			call, ok := b.byID(cmd.Leg.Uniqueid)
			i := slices.IndexFunc(call.Parking, func(p calls.Parking) bool { return p.Parkee == channel && p.Left.IsZero() })
			if ok && i >= 0 {
				parked = call.Parking[i]
			}
			return !ok || i >= 0 || !call.Ended.IsZero()
		})
	})
	return parked, err
}

// Retrieve rings a telephone, by default the actor's, and connects it with the party that is parked in a slot.
func (d *Desk) Retrieve(ctx context.Context, slot, endpoint string) error {
	c := d.control
	endpoint = cmp.Or(endpoint, d.actor.Endpoint)
	cmd := Command{Verb: VerbRetrieve, Endpoint: endpoint, Number: slot}
	if err := firstError(checkEndpoint("endpoint", endpoint), checkNumber("slot", slot)); err != nil {
		return d.refuse(ctx, cmd, err)
	}
	if cmd.Call, cmd.Leg = c.live.parkedIn(slot); cmd.Leg.Channel == "" {
		return d.refuse(ctx, cmd, ErrGone)
	}
	return d.carryOut(ctx, cmd, func(ctx context.Context) error {
		order := ami.Originate{
			Channel: endpoint, Context: cmp.Or(c.ParkingContext, DefaultParkingContext), Exten: slot,
			Variables: shown("CONNECTEDLINE", ",i", cmd.Leg.Number, cmd.Leg.Name),
		}
		return d.fetch(ctx, order, fetching{"the retrieval", cmd.Call.ID, func(call calls.Call) bool {
			return !slices.ContainsFunc(call.Parking, func(p calls.Parking) bool { return p.Slot == slot && p.Left.IsZero() })
		}})
	})
}

// parkedIn finds who is parked in a slot.
func (b *board) parkedIn(slot string) (calls.Call, calls.Leg) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, call := range b.calls {
		for _, p := range call.Parking {
			if leg := legOf(call, p.Parkee); p.Slot == slot && p.Left.IsZero() && leg != nil {
				return call, *leg
			}
		}
	}
	return calls.Call{}, calls.Leg{}
}

// Pickup rings a telephone, by default the actor's, and lets it take the call that rings at the leg. A leg that is rung by an
// application of ARI or by an order to dial is an [*ApplicationError]: its call would end instead.
func (d *Desk) Pickup(ctx context.Context, channel, endpoint string) error {
	endpoint = cmp.Or(endpoint, d.actor.Endpoint)
	return d.onLeg(ctx, VerbPickup, channel, func(ctx context.Context, cmd Command) error {
		cmd.Endpoint = endpoint
		if err := firstError(checkEndpoint("endpoint", endpoint), checkChannel("channel", channel)); err != nil {
			return err
		}
		if err := d.control.refuseIn(ctx, cmd, "no caller rings it, but who would lose it then", inStasis, inOrigin); err != nil {
			return err
		}
		order := ami.Originate{
			Channel: endpoint, Application: "PickupChan", Data: channel,
			Variables: shown("CONNECTEDLINE", ",i", cmd.Call.Caller.Number, cmd.Call.Caller.Name),
		}
		return d.fetch(ctx, order, fetching{"the pickup", cmd.Call.ID, func(call calls.Call) bool {
			return slices.ContainsFunc(call.Pickups, func(p calls.Pickup) bool { return p.Ringing == channel })
		}})
	})
}

// fetching is what is to be seen of a call when a telephone has come into it.
type fetching struct {
	what  string
	id    string // of the call
	shows func(calls.Call) bool
}

// fetch rings a telephone that is to take part in a call, and waits until the call shows it. If that does not come, the
// telephone is released.
func (d *Desk) fetch(ctx context.Context, order ami.Originate, into fetching) error {
	ring, err := d.control.Client.Originate(ctx, order)
	if err != nil {
		return err
	}
	outcome, err := ring.Wait(ctx)
	if err == nil && outcome.Reason != ami.Answered {
		return &NotTakenError{Endpoint: order.Channel, Reason: outcome.Reason}
	}
	gone := false
	if err == nil {
		err = d.control.until(ctx, into.what, func(b *board) bool {
			call, ok := b.byID(into.id)
			if !ok || !call.Ended.IsZero() {
				gone = true
				return true
			}
			return into.shows(call)
		})
	}
	if gone {
		err = ErrGone
	}
	if err != nil {
		ring.Hangup(context.WithoutCancel(ctx)) //nolint:errcheck // it may have ended
	}
	return err
}

// Invite dials a number and takes who answers into the conversation of a leg, so that three talk. It returns when they do.
// Into the conversation of a leg in Stasis it comes as one who barges in (see [calls.Call] Spies), and goes with that leg.
func (d *Desk) Invite(ctx context.Context, channel, number string) (calls.Call, error) {
	var call calls.Call
	err := d.onLeg(ctx, VerbInvite, channel, func(ctx context.Context, cmd Command) error {
		if err := firstError(checkNumber("number", number), checkChannel("channel", channel)); err != nil {
			return err
		}
		if err := d.control.checkExtension(ctx, cmd.Leg, d.control.context(), number); err != nil {
			return err
		}
		order := ami.Originate{
			Channel: "Local/" + number + "@" + d.control.context() + "/n", Application: "BridgeAdd", Data: channel,
			Variables: shown("CONNECTEDLINE", ",i", cmd.Leg.Number, cmd.Leg.Name),
		}
		application, err := d.control.application(ctx, cmd.Leg)
		if err != nil {
			return err
		}
		if application == inStasis {
			call, err = d.bargeIn(ctx, cmd, order)
			return err
		}
		before := len(talking(&cmd.Call, channel))
		return d.fetch(ctx, order, fetching{"the third party", cmd.Call.ID, func(now calls.Call) bool {
			call = now
			return len(talking(&now, channel)) > before
		}})
	})
	return call, err
}

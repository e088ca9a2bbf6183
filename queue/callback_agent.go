package queue

import (
	"context"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/queue/acd"
)

// bring has the customer dialled for the agent who has answered, and waits for the customer. An agent who gets none is told so, hung
// up, and only then free for others.
func (o *ringing) bring(ctx context.Context, leg *ari.Channel) error {
	if !o.offer.CallerInfo.Callback {
		return nil
	}
	dialled := &attempt{over: make(chan struct{}), agent: true}
	defer o.tell(func(state *acd.State) {
		dialled.agent = false
		o.planCallback(state, o.here)
	})
	err := o.do(ctx, func(state *acd.State) error {
		o.here.attempt = dialled
		return state.DueCallback(o.offer.Caller)
	})
	if err != nil {
		return err
	}
	if err := leg.Ring(ctx); err != nil && leg.Err() != nil {
		o.log().Debug("queue: the agent hears nothing", "agent", o.agent.ID, "error", err)
	}
	select {
	case <-dialled.over:
		if dialled.err == nil {
			return leg.StopRing(ctx)
		}
		o.tellNotReached(leg)
		return dialled.err
	case <-leg.Done():
		o.giveUp(dialled)
		o.fail(ctx, acd.Refused)
		return leg.Err()
	case <-ctx.Done():
		select {
		case <-dialled.over: // which has ended the offer
			o.tellNotReached(leg)
		default:
		}
		return context.Cause(ctx)
	}
}

// giveUp ends an attempt whose agent has hung up.
func (o *ringing) giveUp(dialled *attempt) {
	o.tell(func(state *acd.State) {
		dialled.agent = false
		if c := o.here; c.callback != nil && c.callback.Channel != "" && !c.callback.Reached {
			channel := c.callback.Channel
			o.tasks.Go(func() { o.hangUp(channel) })
			o.missCallback(state, c, errNotReached)
		}
	})
}

// tellNotReached tells the agent that there is nobody, and ends the leg.
func (o *ringing) tellNotReached(leg *ari.Channel) {
	ctx, cancel := context.WithTimeout(o.life, 2*cleanupTimeout)
	defer cancel()
	if err := leg.StopRing(ctx); err == nil {
		err = o.queue.utter(ctx, leg, o.queue.fallback(), or(o.queue.Sounds.NotReached, defaultSounds.NotReached))
		if err != nil && !ari.IsHangup(err) {
			o.log().Debug("queue: the agent is not told", "agent", o.agent.ID, "error", err)
		}
	}
	o.hangUp(leg.ID())
	select {
	case <-leg.Done():
	case <-ctx.Done():
	}
}

package control

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// DialOutcome says what has become of an order to dial.
type DialOutcome string

// The outcomes of [Desk.Dial].
const (
	Answered         DialOutcome = "answered" // who was dialled has answered; of an Application: the agent has
	AgentNoAnswer    DialOutcome = "agent_no_answer"
	AgentBusy        DialOutcome = "agent_busy"        // the telephone is busy, or the agent has refused
	AgentUnreachable DialOutcome = "agent_unreachable" // it is not registered, or there is no such
	AgentHungUp      DialOutcome = "agent_hung_up"     // after it had answered, before the other side did
	CalleeBusy       DialOutcome = "callee_busy"
	CalleeNoAnswer   DialOutcome = "callee_no_answer"
	Congestion       DialOutcome = "congestion" // nobody could be rung: no line, no such number, or only an application is there
	Cancelled        DialOutcome = "cancelled"  // by [Dialing.Cancel]
)

// Dialed is how an order to dial has gone.
type Dialed struct {
	Outcome DialOutcome
	// Call is the call as it was known then; its ID is empty if there was none, as for a telephone that is not registered.
	Call calls.Call
}

// Dialing is an order to dial that Asterisk has taken.
type Dialing struct {
	// ID is the Uniqueid of the first channel.
	ID string

	control   *Control
	order     *ami.Origination
	cancelled atomic.Bool
	done      chan struct{}
	outcome   Dialed
	err       error
}

// grace is how long the outcome waits for the calls to tell more than the answer to the order did.
const grace = time.Second

// defaultAgentTimeout is Asterisk's own.
const defaultAgentTimeout = 30 * time.Second

func (c *Control) dial(ctx context.Context, order Dial) (*Dialing, error) {
	placed, err := c.Client.Originate(ctx, order.originate())
	if placed == nil {
		return nil, err
	}
	dialing := &Dialing{ID: placed.ID, control: c, order: placed, done: make(chan struct{})}
	go dialing.follow(order)
	return dialing, err
}

// Wait returns what has become of the order. The error is that of ctx, or of a connection that was lost and an outcome that
// cannot be known.
func (d *Dialing) Wait(ctx context.Context) (Dialed, error) {
	select {
	case <-d.done:
		return d.outcome, d.err
	case <-ctx.Done():
		return Dialed{}, context.Cause(ctx)
	}
}

// Cancel ends the order while the telephone or the number rings, and returns when nothing is left of it. If the number has
// answered by then, the call goes on, and the error is nil too: Wait tells.
func (d *Dialing) Cancel(ctx context.Context) error {
	for {
		select {
		case <-d.done:
			return nil
		default:
		}
		d.cancelled.Store(true)
		err := goneOr(d.order.Hangup(ctx))
		if err != nil && !isGone(err) {
			return err
		}
		// The channel may not be there yet: Asterisk makes it in a thread of its own.
		pause := time.NewTimer(50 * time.Millisecond)
		select {
		case <-d.done:
			pause.Stop()
			return nil
		case <-ctx.Done():
			pause.Stop()
			return context.Cause(ctx)
		case <-pause.C:
		}
	}
}

// follow runs until the outcome is known, or the client has ended.
func (d *Dialing) follow(order Dial) {
	defer close(d.done)
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	go func() {
		select {
		case <-d.control.Client.Done():
			cancel(d.control.Client.Err())
		case <-ctx.Done():
		}
	}()
	told, err := d.order.Wait(ctx)
	if err == nil && told.Reason != ami.Answered {
		d.outcome = d.agentFailed(ctx, told.Reason)
		return
	}
	if err != nil && !d.appears(ctx, cmp.Or(order.AgentTimeout, defaultAgentTimeout)) {
		d.err = err
		return
	}
	d.err = d.calleeOutcome(ctx, order)
}

// appears tells whether the call is there after all, when the connection was lost before Asterisk told of it.
func (d *Dialing) appears(ctx context.Context, rings time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, rings+d.control.confirm())
	defer cancel()
	return d.control.live.wait(ctx, func(b *board) bool {
		_, ok := b.byID(d.ID)
		return ok
	}) == nil
}

// agentFailed says why the telephone was not reached; the calls tell more than the reason of the order.
func (d *Dialing) agentFailed(ctx context.Context, reason ami.Reason) Dialed {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	out := Dialed{Outcome: AgentUnreachable}
	d.control.live.wait(ctx, func(b *board) bool { //nolint:errcheck // there may be no call at all
		call, ok := b.byID(d.ID)
		out.Call = call
		return ok && !call.Ended.IsZero()
	})
	switch {
	case d.cancelled.Load():
		out.Outcome = Cancelled
	case reason == ami.Busy:
		out.Outcome = AgentBusy
	case reason == ami.NoAnswer:
		out.Outcome = AgentNoAnswer
	case len(out.Call.Legs) > 0:
		out.Outcome = agentOutcome(&out.Call.Legs[0])
	}
	return out
}

func agentOutcome(leg *calls.Leg) DialOutcome {
	switch leg.Outcome {
	case calls.LegBusy, calls.LegDeclined:
		return AgentBusy
	case calls.LegNoAnswer, calls.LegCancelled:
		return AgentNoAnswer
	default:
		return AgentUnreachable
	}
}

// calleeOutcome waits until somebody has answered, or nobody will.
func (d *Dialing) calleeOutcome(ctx context.Context, order Dial) error {
	if order.CalleeTimeout <= 0 {
		return d.untilDecided(ctx, order)
	}
	bounded, cancel := context.WithTimeout(ctx, order.CalleeTimeout)
	defer cancel()
	if err := d.untilDecided(bounded, order); err == nil || ctx.Err() != nil {
		return err
	}
	if err := goneOr(d.order.Hangup(ctx)); err != nil && !isGone(err) {
		return err
	}
	err := d.untilDecided(ctx, order)
	if d.outcome.Outcome == AgentHungUp {
		d.outcome.Outcome = CalleeNoAnswer
	}
	return err
}

// untilDecided waits for the outcome. When everybody who was rung has refused, the dialplan may ring others, or let the
// agent hear the busy tone for a while: it gets a moment.
func (d *Dialing) untilDecided(ctx context.Context, order Dial) error {
	refused := false
	shows := func(b *board) bool {
		call, ok := b.byID(d.ID)
		if !ok {
			return false
		}
		d.outcome = Dialed{Outcome: d.outcomeOf(&call, order), Call: call}
		refused = d.outcome.Outcome == "" && allRefused(&call)
		return refused || d.outcome.Outcome != ""
	}
	for {
		if err := d.control.live.wait(ctx, shows); err != nil || !refused {
			return err
		}
		moment, cancel := context.WithTimeout(ctx, grace)
		err := d.control.live.wait(moment, func(b *board) bool { shows(b); return !refused })
		cancel()
		if err == nil {
			continue
		}
		if ctx.Err() != nil {
			return err
		}
		d.outcome.Outcome = refusal(&d.outcome.Call)
		return nil
	}
}

// allRefused tells whether somebody was rung and nobody rings any more.
func allRefused(call *calls.Call) bool {
	return len(call.Legs) > 1 && !slices.ContainsFunc(call.Legs[1:], func(leg calls.Leg) bool { return leg.Outcome == "" })
}

// outcomeOf is the outcome of a call whose first telephone has answered; empty while it is open.
func (d *Dialing) outcomeOf(call *calls.Call, order Dial) DialOutcome {
	agent := len(call.Legs) > 0 && !call.Legs[0].Answered.IsZero()
	switch {
	case call.AnsweredBy != "", agent && order.Number == "":
		return Answered
	case call.Ended.IsZero():
		return ""
	case d.cancelled.Load():
		return Cancelled
	case !agent && len(call.Legs) > 0:
		return agentOutcome(&call.Legs[0])
	case len(call.Legs) > 0 && call.HangupBy == call.Legs[0].Channel:
		return AgentHungUp
	default:
		return refusal(call)
	}
}

// refusal is why nobody has answered.
func refusal(call *calls.Call) DialOutcome {
	switch call.Result {
	case calls.Busy:
		return CalleeBusy
	case calls.NoAnswer, calls.Missed:
		return CalleeNoAnswer
	default:
		return Congestion
	}
}

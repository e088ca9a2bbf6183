package queue

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/queue/acd"
)

// legPrefix begins the ids of the channels to agents, talkPrefix those of the bridges in which they talk, holdPrefix those of
// the bridges in which callers wait.
const (
	legPrefix  = "asterism-agent-"
	talkPrefix = "asterism-talk-"
	holdPrefix = "asterism-queue-"
)

// cleanupTimeout bounds the requests that clear up when nobody waits for them any more.
const cleanupTimeout = 5 * time.Second

// offer has an agent rung, in a goroutine of its own that ends with the offer, or with the beginning of the talk.
func (s *Server) offer(t acd.Transition, agent string) {
	ctx, cancel := context.WithCancelCause(s.life)
	s.rings[ringKey{t.Reservation, agent}] = cancel
	o := &ringing{
		Server: s, offer: t, agent: s.agents[agent], queue: s.queues[t.Queue], here: s.callers[t.Caller], id: legPrefix + uuid.NewString(),
	}
	if !t.CallerInfo.Callback {
		o.from = s.channelOf(t.Caller)
	}
	s.line(o.id, agent)
	s.tasks.Go(func() {
		defer cancel(nil)
		if err := o.ring(ctx); err != nil {
			s.log().Debug("queue: an offer has come to nothing", "agent", agent, "caller", t.Caller, "error", err)
		}
	})
}

// ringing is an offer to one agent under way.
type ringing struct {
	*Server
	offer acd.Transition
	agent *Agent
	queue *Queue
	here  *caller
	id    string // of the channel
	from  string // the channel of the caller; empty if there is none yet
}

// ring rings the agent and connects the caller. The leg is hung up unless they talk.
func (o *ringing) ring(ctx context.Context) (err error) {
	leg, err := o.App.Create(ctx, ari.ChannelCreateParams{
		Endpoint: o.agent.Endpoint, ChannelID: o.id, Originator: o.from,
	})
	if err != nil {
		o.tell(func(*acd.State) { o.hungUp(o.id) })
		o.fail(ctx, acd.Unreachable)
		return err
	}
	defer func() {
		if err != nil {
			o.hangUp(leg.ID())
		}
	}()
	if err := o.dial(ctx, leg); err != nil {
		return err
	}
	id, r := o.agent.ID, o.offer.Reservation
	if err := o.do(ctx, func(state *acd.State) error { return state.Pick(r, id) }); err != nil {
		return err
	}
	if err := o.ask(ctx, leg); err != nil {
		o.fail(ctx, acd.Refused)
		return err
	}
	if err := o.bring(ctx, leg); err != nil {
		return err
	}
	return o.connect(ctx, leg)
}

// dial dials the leg and waits for the answer; if there is none the state is told why.
func (o *ringing) dial(ctx context.Context, leg *ari.Channel) error {
	err := show(ctx, leg, o.offer.CallerInfo.Number)
	if err == nil {
		err = leg.SetVar(ctx, agentVariable, o.agent.ID)
	}
	if err == nil {
		err = leg.Dial(ctx, ari.ChannelDialParams{Caller: o.from, Timeout: o.ringTimeout()})
	}
	if err != nil {
		o.fail(ctx, causeOf(err))
	}
	return err
}

func (o *ringing) ringTimeout() time.Duration {
	if o.queue.RingTimeout > 0 {
		return o.queue.RingTimeout
	}
	return acd.DefaultRingTimeout
}

// The causes of Q.850 that say more than the dial status.
const (
	causeBusy     = 17
	causeRejected = 21
)

// causeOf says why an agent has not answered.
func causeOf(err error) acd.Cause {
	var failed *ari.DialError
	if !errors.As(err, &failed) {
		return acd.Unreachable
	}
	switch {
	case failed.Cause == causeRejected:
		return acd.Refused
	case failed.Status == "BUSY", failed.Cause == causeBusy:
		return acd.LineBusy
	case failed.Status == "" && failed.Cause == 0:
		return acd.LineBusy // a telephone that says no at once is gone before Asterisk sends the events of its channel
	case failed.Status == "NOANSWER", failed.Status == "CANCEL":
		return acd.Unanswered
	}
	return acd.Unreachable
}

// fail tells the state that the offer is over for the agent, unless the state has ended it.
func (o *ringing) fail(ctx context.Context, cause acd.Cause) {
	if ctx.Err() != nil || o.App.Err() != nil {
		return
	}
	id, r := o.agent.ID, o.offer.Reservation
	if err := o.do(ctx, func(state *acd.State) error { return state.Fail(r, id, cause) }); err != nil && !errors.Is(err, acd.ErrStale) {
		o.log().Debug("queue: an offer was over", "agent", id, "error", err)
	}
}

// errRefused says that the agent does not want the caller.
var errRefused = errors.New("queue: the agent refuses")

// ask plays to the agent what the queue is, and asks whether the agent takes the caller.
func (o *ringing) ask(ctx context.Context, leg *ari.Channel) error {
	q := o.queue
	if q.AcceptKey == "" {
		if len(q.AgentHears) == 0 {
			return nil
		}
		err := leg.Play(ctx, q.AgentHears...)
		if leg.Err() == nil && ctx.Err() == nil {
			return nil // it is not worth the call
		}
		return err
	}
	within := q.AcceptWithin
	if within <= 0 {
		within = defaultAcceptWithin
	}
	for {
		digit, err := leg.Collect(ctx, ari.Digits{Prompt: q.AgentHears, Max: 1, First: within})
		switch {
		case err != nil:
			return err
		case digit == "" || digit == q.RefuseKey:
			return errRefused
		case digit == q.AcceptKey:
			return nil
		}
	}
}

// connect has caller and agent hear each other. It is stored before, so that whoever comes after a crash connects them.
func (o *ringing) connect(ctx context.Context, leg *ari.Channel) error {
	caller, r := o.offer.Caller, o.offer.Reservation
	err := o.do(ctx, func(state *acd.State) error {
		o.here.leg = leg.ID()
		if err := state.Accept(r); err != nil {
			o.here.leg = ""
			return err
		}
		o.legs[leg.ID()] = caller
		return nil
	})
	if err != nil {
		return err
	}
	if errors.Is(leg.Err(), ari.ErrHangup) { // before anybody knew whose it is
		o.tell(func(state *acd.State) { o.gone(state, leg.ID(), time.Time{}) })
		return leg.Err()
	}
	o.here.quiet()
	select {
	case <-o.here.held:
	case <-ctx.Done():
		return nil // whoever takes over connects them
	}
	if err := o.talk(ctx, caller, leg.ID()); err != nil {
		if ctx.Err() != nil {
			return nil //nolint:nilerr // whoever takes over connects them
		}
		o.log().Error("queue: not connected", "caller", caller, "agent", o.agent.ID, "error", err)
		o.tell(func(state *acd.State) { o.gone(state, leg.ID(), time.Time{}) })
	}
	return nil
}

// hangUp hangs up a channel, whatever has become of the program.
func (s *Server) hangUp(channel string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.life), cleanupTimeout)
	defer cancel()
	if err := s.App.Channel(channel).Hangup(ctx); err != nil {
		s.log().Warn("queue: a channel may be left behind", "channel", channel, "error", err)
	}
}

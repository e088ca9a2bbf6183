package queue

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/queue/acd"
)

// own owns the state: all that happens to it happens here.
func (s *Server) own(ctx context.Context) {
	defer close(s.stopped)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-s.commands:
			s.advance()
			c.ran <- c.what(s.state)
			if c.stored != nil {
				s.unsaved.waiting = append(s.unsaved.waiting, c.stored)
			}
		case <-timer.C:
			s.advance()
		}
		s.settle()
		timer.Reset(s.rest())
	}
}

// advance sets the time. Until it is known who is there nothing is due: who has hung up meanwhile must not time out before that is
// learnt.
func (s *Server) advance() {
	if s.isCounted() {
		s.state.Advance(time.Now())
		return
	}
	s.state.Pass(time.Now())
}

func (s *Server) isCounted() bool {
	select {
	case <-s.counted:
		return true
	default:
		return false
	}
}

// rest is how long there is nothing to do by itself.
func (s *Server) rest() time.Duration {
	next := time.Hour
	if at, ok := s.state.Next(); ok && s.isCounted() {
		next = time.Until(at)
	}
	if s.unsaved.fails > 0 {
		next = min(next, time.Until(s.unsaved.again))
	}
	return max(0, next)
}

// settle decides, stores what has changed, and has it done.
func (s *Server) settle() {
	for more := true; more; {
		s.state.Settle()
		s.collect()
		if !s.keep() {
			return
		}
		more = s.tellAll()
	}
}

// follow does what a transition asks for. It does not wait.
func (s *Server) follow(t acd.Transition) {
	switch t.Kind {
	case acd.OfferMade:
		for _, id := range t.Agents {
			s.offer(t, id)
		}
	case acd.OfferEnded:
		if cancel := s.rings[ringKey{t.Reservation, t.Agent}]; cancel != nil {
			delete(s.rings, ringKey{t.Reservation, t.Agent})
			cancel(errOfferOver)
		}
	case acd.Began:
		delete(s.rings, ringKey{t.Reservation, t.Agent})
	case acd.CallbackDue:
		s.dialCustomer(t)
	case acd.Moved:
		if r, ok := s.state.Caller(t.Caller); ok {
			s.tasks.Go(func() { s.tag(s.life, s.App.Channel(s.lineOf(s.life, t.Caller)), r) })
		}
	case acd.Left, acd.Finished:
		s.over(t)
	default:
	}
}

var errOfferOver = errors.New("queue: the offer is over")

// over tells the caller's goroutine that the caller has left the queue, and ends the agent's leg.
func (s *Server) over(t acd.Transition) {
	c := s.callers[t.Caller]
	if c == nil {
		return
	}
	delete(s.callers, t.Caller)
	if !s.ready {
		s.ended[t.Caller] = c // its goroutine is yet to come
	}
	c.how = t
	close(c.over)
	s.endCallback(c)
	if c.leg != "" {
		delete(s.legs, c.leg)
		s.tasks.Go(func() { s.hangUp(c.leg) })
		s.tasks.Go(func() { s.endTalk(t.Caller) })
	}
}

// command is something that the owner is to do.
type command struct {
	what   func(*acd.State) error
	ran    chan error
	stored chan struct{} // closed when what has come of it is stored; nil if nobody waits for that
}

// do has the owner do something, and waits until what comes of it is stored.
func (s *Server) do(ctx context.Context, what func(*acd.State) error) error {
	stored := make(chan struct{})
	if err := s.run(ctx, command{what, make(chan error, 1), stored}); err != nil {
		return err
	}
	select {
	case <-stored:
		return nil
	case <-s.stopped:
		return ErrNotServing
	case <-ctx.Done():
		select {
		case <-stored:
			return nil
		default:
		}
		return fmt.Errorf("queue: done, but not stored yet: %w", context.Cause(ctx))
	}
}

// look is do that does not wait for the Store: for who only looks, and for what is so whether it is stored or not.
func (s *Server) look(ctx context.Context, what func(*acd.State) error) error {
	return s.run(ctx, command{what, make(chan error, 1), nil})
}

func (s *Server) run(ctx context.Context, c command) error {
	s.setup()
	if !s.serving.Load() {
		return ErrNotServing
	}
	select {
	case s.commands <- c:
		return <-c.ran
	case <-s.stopped:
		return ErrNotServing
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// listen takes what happens to channels, whoever has them.
func (s *Server) listen(events iter.Seq2[ari.Event, error]) {
	for e, err := range events {
		switch {
		case errors.Is(err, ari.ErrSlowConsumer), err == nil && e.Mark == ari.ResyncEnd:
			s.recount()
		case err != nil:
			return
		case e.Mark == ari.Disconnected:
			s.tell(func(state *acd.State) { s.cut = state.Now() })
		case e.Type == "StasisStart":
			s.replaces(e)
		case e.Type == "StasisEnd" && e.Mark != ari.Gone: // those are found by the count
			s.tell(func(state *acd.State) { s.gone(state, e.Channel, e.Time()) })
		case e.Type == "ChannelDestroyed" && strings.HasPrefix(e.Channel, legPrefix):
			s.tell(func(*acd.State) { s.hungUp(e.Channel) })
		case e.Type == "DeviceStateChanged":
			s.deviceChanged(e)
		case e.Type == "ChannelDtmfReceived":
			s.pressed(e)
		case e.Type == fenceEvent:
			s.fences.passed(e)
		}
	}
}

// tell has the owner do something of which nobody needs the result.
func (s *Server) tell(what func(*acd.State)) {
	c := command{func(state *acd.State) error { what(state); return nil }, make(chan error, 1), nil}
	select {
	case s.commands <- c:
	case <-s.stopped:
	}
}

func (s *Server) pressed(e ari.Event) {
	decoded, err := e.Decode()
	if err != nil {
		return
	}
	key := decoded.(*ari.ChannelDtmfReceived).Digit
	s.tell(func(state *acd.State) { s.key(state, s.idOf(e.Channel), key) })
}

// late is how old an event must be to count as one that was kept while nobody was there to take it.
const late = time.Second

// gone says that a channel has left, and when: a caller has hung up, or an agent. The zero time is now.
func (s *Server) gone(state *acd.State, channel string, at time.Time) {
	if state.Now().Sub(at) < late {
		at = time.Time{}
	}
	if id, ok := s.legs[channel]; ok {
		delete(s.legs, channel)
		if s.callers[id] == nil {
			s.goneAlone(channel, id)
			return
		}
		s.end(state, id, acd.End{At: at, ByAgent: true})
		return
	}
	if s.goneCallback(state, channel) {
		return
	}
	channel = s.idOf(channel)
	if s.callers[channel] != nil {
		s.end(state, channel, acd.End{At: at})
	}
}

// goneAlone ends a talk that was left alone.
func (s *Server) goneAlone(channel, other string) {
	delete(s.legs, other)
	s.tasks.Go(func() { s.hangUp(other) })
	caller := channel
	if strings.HasPrefix(caller, legPrefix) {
		caller = other
	}
	s.tasks.Go(func() { s.endTalk(caller) })
}

// end ends the call of a caller, unless the caller is called back: then nobody is at the telephone.
func (s *Server) end(state *acd.State, id string, how acd.End) {
	if r, ok := state.Caller(id); ok && r.Caller.Callback {
		return
	}
	if err := state.End(id, how); err != nil {
		s.log().Debug("queue: somebody has hung up who is not there", "caller", id, "error", err)
	}
}

package queue

import (
	"context"
	"errors"
	"iter"
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
		case command := <-s.commands:
			s.state.Advance(time.Now())
			command(s.state)
		case <-timer.C:
			s.state.Advance(time.Now())
		}
		s.settle()
		next := time.Hour
		if at, ok := s.state.Next(); ok {
			next = max(0, time.Until(at))
		}
		timer.Reset(next)
	}
}

// settle decides, stores what has changed, and has it done.
func (s *Server) settle() {
	if s.ready {
		s.state.Settle()
	}
	told := s.state.Take()
	for _, t := range told {
		s.prepare(t)
	}
	s.keep(told)
	for _, t := range told {
		if s.Observe != nil {
			s.Observe(t)
		}
		s.follow(t)
	}
}

// keep stores who has changed.
func (s *Server) keep(told []acd.Transition) {
	var change Change
	agents, callers := map[string]bool{}, map[string]bool{}
	for _, t := range told {
		for _, id := range append(t.Agents, t.Agent) {
			if r, ok := s.state.Agent(id); ok && !agents[id] {
				agents[id] = true
				change.Agents = append(change.Agents, r)
			}
		}
		if t.Caller == "" || callers[t.Caller] || t.Kind == acd.NotJoined {
			continue
		}
		callers[t.Caller] = true
		if r, ok := s.state.Caller(t.Caller); ok {
			record := CallerRecord{Caller: r}
			if c := s.callers[t.Caller]; c != nil {
				record.Leg = c.leg
				c.keep(&record)
			}
			change.Callers = append(change.Callers, record)
		} else {
			change.Gone = append(change.Gone, t.Caller)
		}
	}
	if change.empty() {
		return
	}
	if err := s.Store.Put(change); err != nil {
		s.log().Error("queue: not stored", "error", err)
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
	c.how = t
	close(c.over)
	s.endCallback(c)
	if c.leg != "" {
		delete(s.legs, c.leg)
		s.tasks.Go(func() { s.hangUp(c.leg) })
		s.tasks.Go(func() { s.endTalk(t.Caller) })
	}
}

// do has the owner do something, and waits for it.
func (s *Server) do(ctx context.Context, what func(*acd.State) error) error {
	s.setup()
	done := make(chan error, 1)
	select {
	case s.commands <- func(state *acd.State) { done <- what(state) }:
		return <-done
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
		case errors.Is(err, ari.ErrSlowConsumer):
			if err := s.App.Resync(s.life); err != nil {
				s.log().Warn("queue: events were lost", "error", err)
			}
		case err != nil:
			return
		case e.Type == "StasisEnd":
			s.tell(func(state *acd.State) { s.gone(state, e.Channel) })
		case e.Type == "ChannelDtmfReceived":
			s.pressed(e)
		}
	}
}

// tell has the owner do something of which nobody needs the result.
func (s *Server) tell(what func(*acd.State)) {
	select {
	case s.commands <- what:
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

// gone says that a channel has left: a caller has hung up, or an agent.
func (s *Server) gone(state *acd.State, channel string) {
	if id, ok := s.legs[channel]; ok {
		delete(s.legs, channel)
		if err := state.Finish(id, true); err != nil {
			s.log().Debug("queue: an agent has hung up on nobody", "caller", id, "error", err)
		}
		return
	}
	if s.goneCallback(state, channel) {
		return
	}
	channel = s.idOf(channel)
	if s.callers[channel] != nil {
		if err := state.Abandon(channel); err != nil {
			s.log().Debug("queue: somebody has hung up who is not there", "caller", channel, "error", err)
		}
	}
}

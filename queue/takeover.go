package queue

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/queue/acd"
)

// Ready waits until Serve has taken over the calls that there are, and decides.
func (s *Server) Ready(ctx context.Context) error {
	s.setup()
	select {
	case <-s.decides:
		return nil
	case <-s.stopped:
		return ErrNotServing
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// takeOver waits until Asterisk knows the application, finds out who of those who were stored is still there, and begins to
// decide.
func (s *Server) takeOver(ctx context.Context) error {
	if err := s.App.Ready(ctx); err != nil {
		return err
	}
	s.fence(ctx) // what happened while nobody was here comes first, with its times
	there, err := s.countUntil(ctx, func() bool { return true })
	if err != nil {
		return err
	}
	s.adopt(ctx, there)
	close(s.counted)
	var talks, waiting, legs map[string]string
	err = s.look(ctx, func(state *acd.State) error {
		talks, waiting = s.places(state)
		legs = maps.Clone(s.legs)
		return nil
	})
	if err != nil {
		return err
	}
	for id := range there.channels {
		if strings.HasPrefix(id, legPrefix) && legs[id] == "" {
			s.hangUp(id) // an offer that was under way
		}
	}
	s.reconnect(ctx, there, talks, waiting)
	s.watch(ctx)
	return s.look(ctx, func(state *acd.State) error {
		s.ready = true
		state.Hold(s.unsaved.fails > 0)
		close(s.decides)
		return nil
	})
}

// places returns who talks (caller by leg) and who waits (queue by caller).
func (s *Server) places(state *acd.State) (talks, waiting map[string]string) {
	talks, waiting = map[string]string{}, map[string]string{}
	for id, c := range s.callers {
		record, ok := state.Caller(id)
		switch {
		case !ok || record.Caller.Callback:
		case c.leg != "":
			talks[c.leg] = id
		default:
			waiting[id] = record.Caller.Queue
		}
	}
	return talks, waiting
}

// reconnect puts those into their bridges who are not, because the program ended while it did so.
func (s *Server) reconnect(ctx context.Context, there census, talks, waiting map[string]string) {
	in := there.in()
	for leg, caller := range talks {
		if in[leg] == talkPrefix+caller && in[s.lineOf(ctx, caller)] == in[leg] {
			continue
		}
		if err := s.talk(ctx, caller, leg); err != nil && !ari.IsHangup(err) {
			s.log().Warn("queue: not connected again", "caller", caller, "error", err)
		}
	}
	for caller, queue := range waiting {
		line := s.lineOf(ctx, caller)
		if in[line] == holdPrefix+bridgeID(queue) {
			continue
		}
		if err := s.hold(ctx, queue, s.App.Channel(line)); err != nil && !ari.IsHangup(err) {
			s.log().Warn("queue: not put back", "caller", caller, "error", err)
		}
	}
}

// census is who is there, as Asterisk says.
type census struct {
	channels map[string]bool // of the application
	bridges  []ari.BridgeSnapshot
	startup  time.Time // since when Asterisk runs
}

// in returns the bridge of each channel that is in one.
func (c *census) in() map[string]string {
	in := map[string]string{}
	for _, b := range c.bridges {
		for _, id := range b.Channels {
			in[id] = b.ID
		}
	}
	return in
}

// survey asks Asterisk who is there.
func (s *Server) survey(ctx context.Context) (census, error) {
	application, err := s.App.Client.Applications().Get(ctx, s.App.Name)
	if err != nil {
		return census{}, err
	}
	there := census{channels: map[string]bool{}}
	for _, id := range application.ChannelIDs {
		there.channels[id] = true
	}
	info, err := s.App.Client.Asterisk().GetInfo(ctx, []ari.InfoSection{ari.InfoSectionStatus})
	if err != nil {
		return census{}, err
	}
	if info.Status != nil {
		there.startup = info.Status.StartupTime
	}
	there.bridges, err = s.App.Client.Bridges().List(ctx)
	return there, err
}

// recount has it counted who is there, as events may have been lost. It does not wait.
func (s *Server) recount() {
	n := s.counts.Add(1)
	s.tasks.Go(func() {
		there, err := s.countUntil(s.life, func() bool { return s.counts.Load() == n })
		if err == nil {
			s.sweep(there)
			s.watch(s.life)
		}
	})
}

// countUntil counts who is there, and ends those who are not, again and again until it succeeds, ctx ends or it is not needed any
// more.
func (s *Server) countUntil(ctx context.Context, needed func() bool) (census, error) {
	s.counting.Lock()
	defer s.counting.Unlock()
	for wait := minStoreWait; ; wait = min(2*wait, maxStoreWait) {
		there, err := s.count(ctx)
		if err == nil || ctx.Err() != nil || s.App.Err() != nil || !needed() {
			return there, err
		}
		s.log().Warn("queue: it is not known who is there", "error", err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return census{}, context.Cause(ctx)
		case <-s.App.Done():
			return census{}, s.App.Err()
		}
	}
}

// count compares who was here before it asks with what Asterisk answers, and ends those who are gone.
func (s *Server) count(ctx context.Context) (census, error) {
	before, lines := map[string]string{}, []string(nil) // leg by caller
	err := s.look(ctx, func(state *acd.State) error {
		lines = s.idleLines(state)
		for id, c := range s.callers {
			before[id] = c.leg
		}
		return nil
	})
	if err != nil {
		return census{}, err
	}
	there, err := s.survey(ctx)
	if err != nil {
		return census{}, err
	}
	return there, s.look(ctx, func(state *acd.State) error {
		s.missing(state, before, there)
		for _, leg := range lines {
			if !there.channels[leg] {
				s.hungUp(leg)
			}
		}
		return nil
	})
}

// idleLines are the channels to agents that nobody is about to make.
func (s *Server) idleLines(state *acd.State) (idle []string) {
	for channel, agent := range s.lines {
		if r, ok := state.Agent(agent); !ok || r.State != acd.Ringing && r.State != acd.Screening {
			idle = append(idle, channel)
		}
	}
	return idle
}

// missing ends the calls of those who have gone meanwhile. Whether they have hung up just now or a while ago nobody knows: it counts
// as now; but what a restart of Asterisk has ended was over when it began to run again, or when the connection was lost.
func (s *Server) missing(state *acd.State, before map[string]string, there census) {
	how := acd.End{Restart: s.restarted(there.startup)}
	if how.Restart {
		how.At = there.startup
		if !s.cut.IsZero() && s.cut.Before(how.At) {
			how.At = s.cut
		}
	}
	for id, leg := range before {
		switch c := s.callers[id]; {
		case c == nil:
		case s.missingCallback(state, c, there):
		case !there.channels[s.channelOf(id)]:
			s.end(state, id, how)
		case leg != "" && leg == c.leg && !there.channels[leg]:
			delete(s.legs, leg)
			s.end(state, id, acd.End{ByAgent: true})
		}
	}
	for channel, other := range s.legs {
		if s.callers[other] == nil && !there.channels[channel] {
			s.gone(state, channel, time.Time{}) // of a talk that was left alone
		}
	}
}

// restarted notes since when Asterisk runs, and reports whether that has changed.
func (s *Server) restarted(startup time.Time) bool {
	before := s.startup
	if startup.Equal(before) {
		return false
	}
	s.startup, s.unsaved.seen = startup, true
	if before.IsZero() || startup.Before(before) {
		return false
	}
	s.log().Warn("queue: Asterisk was restarted", "since", startup)
	s.holds.forget()
	return true
}

// sweep destroys the bridges of talks that are over.
func (s *Server) sweep(there census) {
	var over []string
	err := s.look(s.life, func(*acd.State) error {
		for _, b := range there.bridges {
			if caller, ok := strings.CutPrefix(b.ID, talkPrefix); ok && s.callers[caller] == nil && s.legs[caller] == "" {
				over = append(over, caller)
			}
		}
		return nil
	})
	if err != nil {
		return
	}
	slices.Sort(over)
	for _, caller := range over {
		s.endTalk(caller)
	}
}

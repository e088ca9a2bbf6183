package agents

import (
	"maps"
	"time"
)

// Stats is how an agent has spent the time. Since an agent is in exactly one state at a time, the durations add up to the
// time since the agent was first known. They come from the times of the events, not from when they arrived.
//
// In JSON durations are seconds.
type Stats struct {
	Unknown, Offline, Ready, Ringing, Talk, Hold, WrapUp, Busy, DND, Unreachable time.Duration
	// Pause is the time in State Paused by reason, "" if none was given. Who talks while paused talks.
	Pause map[string]time.Duration
	// Calls is how many calls of queues the agent has answered, NoAnswer how many of those that were offered have rung for
	// nothing or were refused. Refused is how many calls of whatever kind the telephone refused as busy, at once or after
	// ringing.
	Calls, NoAnswer, Refused int
}

// At returns the statistics up to a moment: those of the agent, and the state that lasts since then.
func (a *Agent) At(now time.Time) Stats {
	s := a.Stats.clone()
	s.add(a.State, a.Reason, now.Sub(a.Since))
	return s
}

// Total is the sum of all durations.
func (s *Stats) Total() time.Duration {
	var total time.Duration
	for state := range stateNames {
		if d := s.of(State(state)); d != nil {
			total += *d
		}
	}
	return total + s.Paused()
}

// Paused is the time of all pauses, whatever their reason.
func (s *Stats) Paused() time.Duration {
	var total time.Duration
	for _, d := range s.Pause {
		total += d
	}
	return total
}

// Of returns the time in a state.
func (s *Stats) Of(state State) time.Duration {
	if d := s.of(state); d != nil {
		return *d
	}
	return s.Paused()
}

// of returns where the time of a state is kept; nil for Paused, which is kept by reason.
func (s *Stats) of(state State) *time.Duration {
	switch state {
	case Offline:
		return &s.Offline
	case Ready:
		return &s.Ready
	case Ringing:
		return &s.Ringing
	case Talking:
		return &s.Talk
	case Held:
		return &s.Hold
	case WrapUp:
		return &s.WrapUp
	case Busy:
		return &s.Busy
	case DND:
		return &s.DND
	case Unreachable:
		return &s.Unreachable
	case Paused:
		return nil
	default:
		return &s.Unknown
	}
}

// add counts a time that was spent in a state. Events that have overtaken others make no time negative.
func (s *Stats) add(state State, reason string, d time.Duration) {
	if d <= 0 {
		return
	}
	if total := s.of(state); total != nil {
		*total += d
		return
	}
	if s.Pause == nil {
		s.Pause = map[string]time.Duration{}
	}
	if _, known := s.Pause[reason]; !known && len(s.Pause) >= maxReasons {
		reason = otherReasons
	}
	s.Pause[reason] += d
}

// maxReasons is how many reasons of pauses are kept apart for an agent: they are free text. What comes beyond is counted
// with otherReasons.
const (
	maxReasons   = 64
	otherReasons = "other"
)

func (s *Stats) clone() Stats {
	c := *s
	c.Pause = maps.Clone(s.Pause)
	return c
}

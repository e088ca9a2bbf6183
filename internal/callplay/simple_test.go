package callplay_test

import (
	"github.com/asterism-go/asterism/callcenter/calls"
)

func simpleSituations() []situation {
	return []situation{
		{"inbound, the caller hangs up", func(s *scene) []want {
			a, b := s.call(s.trunk, s.ext[0])
			a.hangup()
			return []want{answered(a, b, a)}
		}},
		{"inbound, the callee hangs up", func(s *scene) []want {
			a, b := s.call(s.trunk, s.ext[0])
			b.hangup()
			return []want{answered(a, b, b)}
		}},
		{"inbound, missed", func(s *scene) []want {
			a := s.dial(s.trunk, s.ext[0].number)
			b := s.take(s.ext[0])
			a.rings()
			s.pause(talkTime)
			a.hangup()
			return []want{unanswered(a, b, calls.Missed, calls.LegCancelled)}
		}},
		{"inbound, rings out", func(s *scene) []want {
			a := s.dial(s.trunk, "2"+s.ext[0].number)
			b := s.take(s.ext[0])
			a.over()
			w := unanswered(a, b, calls.Missed, calls.LegNoAnswer)
			w.hungUpBy, w.endedBySystem = nil, true
			return []want{w}
		}},
		{"inbound, busy", func(s *scene) []want {
			return []want{s.refused(s.trunk, 486, calls.Busy, calls.LegBusy)}
		}},
		{"inbound, declined", func(s *scene) []want {
			return []want{s.refused(s.trunk, 603, calls.Missed, calls.LegDeclined)}
		}},
		{"internal, answered", func(s *scene) []want {
			a, b := s.call(s.ext[1], s.ext[0])
			a.hangup()
			return []want{answered(a, b, a)}
		}},
		{"internal, not answered", func(s *scene) []want {
			a := s.dial(s.ext[1], s.ext[0].number)
			b := s.take(s.ext[0])
			a.rings()
			s.pause(talkTime)
			a.hangup()
			return []want{unanswered(a, b, calls.NoAnswer, calls.LegCancelled)}
		}},
		{"internal, busy", func(s *scene) []want {
			return []want{s.refused(s.ext[1], 486, calls.Busy, calls.LegBusy)}
		}},
		{"internal, declined", func(s *scene) []want {
			return []want{s.refused(s.ext[1], 603, calls.NoAnswer, calls.LegDeclined)}
		}},
		{"internal, echo", func(s *scene) []want {
			a := s.dial(s.ext[0], "600").up()
			s.must(a.WaitHears(s.ctx, a.st.tone), "the echo")
			s.pause(talkTime)
			a.hangup()
			return []want{{of: a, direction: calls.Internal, result: calls.Automated, caller: a.st.number, callee: "600", hungUpBy: a}}
		}},
		{"an announcement", func(s *scene) []want {
			a := s.dial(s.trunk, "601").up()
			a.over()
			return []want{{of: a, direction: calls.Inbound, result: calls.Automated, caller: a.st.number, callee: "601", endedBySystem: true}}
		}},
	}
}

// call makes a call that is answered, and lets the two talk.
func (s *scene) call(from, to *station) (a, b *line) {
	a = s.dial(from, to.number)
	b = s.take(to).answer()
	a.up()
	s.talk(a, b)
	return a, b
}

// direction is that of a call that a line has placed.
func (l *line) direction() calls.Direction {
	if l.st.trunk != 0 {
		return calls.Inbound
	}
	return calls.Internal
}

// answered is a call of two.
func answered(a, b, hungUpBy *line) want {
	w := want{
		of: a, direction: a.direction(), result: calls.Answered, caller: a.st.number, callee: b.st.number,
		answeredBy: b, hungUpBy: hungUpBy,
	}
	if b.st.trunk != 0 {
		w.direction = calls.Outbound
	}
	return w
}

// unanswered is a call that the caller gave up.
func unanswered(a, b *line, result calls.Result, outcome calls.Outcome) want {
	w := answered(a, b, a)
	w.answeredBy, w.result, w.missed = nil, result, w.direction == calls.Inbound
	w.outcomes = map[*line]calls.Outcome{b: outcome}
	return w
}

// refused plays a call that the first extension refuses, at once or after ringing.
func (s *scene) refused(from *station, status int, result calls.Result, outcome calls.Outcome) want {
	atOnce := status == 486 // without ringing
	if atOnce {
		s.ext[0].refuses.Store(int32(status)) //nolint:gosec // a status of SIP
	}
	a := s.dial(from, s.ext[0].number)
	b := s.take(s.ext[0])
	if !atOnce {
		a.rings()
		b.refuse(status)
	}
	a.over()
	w := unanswered(a, b, result, outcome)
	w.hungUpBy, w.endedBySystem = nil, true
	return w
}

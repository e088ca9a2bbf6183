package callplay_test

import (
	"fmt"
	"strconv"

	"github.com/asterism-go/asterism/callcenter/calls"
)

func outsideSituations() []situation {
	return []situation{
		{"outbound, answered", func(s *scene) []want {
			a, b, number := s.callOut(s.ext[0])
			a.hangup()
			return []want{outbound(a, b, number, a)}
		}},
		{"outbound, the customer hangs up", func(s *scene) []want {
			a, b, number := s.callOut(s.ext[0])
			b.hangup()
			return []want{outbound(a, b, number, b)}
		}},
		{"outbound, not answered", func(s *scene) []want {
			number := s.outside(0, 0)
			a := s.dial(s.ext[0], s.line9(number))
			b := s.takeFrom(s.trunk, number)
			a.rings()
			s.pause(talkTime)
			a.hangup()
			return []want{outbound(a, b, number, a).failed(calls.NoAnswer, b, calls.LegCancelled)}
		}},
		{"outbound, busy", func(s *scene) []want { return []want{s.refusedOutside(486, calls.Busy, calls.LegBusy)} }},
		{"outbound, congestion", func(s *scene) []want { return []want{s.refusedOutside(503, calls.Failed, calls.LegCongestion)} }},
		{"outbound, no such number", func(s *scene) []want { return []want{s.refusedOutside(404, calls.Failed, calls.LegFailed)} }},
		{"outbound, the second trunk", func(s *scene) []want {
			second := s.index%len(s.room.lanes) + 1
			number := s.outside(s.index, 503)
			a := s.dial(s.ext[0], fmt.Sprintf("0%d%d%s", s.index, second, number))
			first := s.takeFrom(s.trunk, number)
			first.refused = 503
			b := s.takeFrom(s.room.lanes[second-1].trunk, number).answer()
			s.talk(a.up(), b)
			a.hangup()
			w := outbound(a, b, number, a)
			w.outcomes = map[*line]calls.Outcome{first: calls.LegCongestion, b: calls.LegAnswered}
			return []want{w}
		}},
		{"a number that does not exist", func(s *scene) []want {
			a := s.dial(s.ext[0], "555")
			a.over()
			return nil // PJSIP refuses it before there is a channel
		}},
		{"the caller gives up at once", func(s *scene) []want {
			a := s.dial(s.trunk, s.ext[0].number)
			b := s.take(s.ext[0])
			a.hangup()
			return []want{unanswered(a, b, calls.Missed, calls.LegCancelled)}
		}},
		{"forwarded by the phone", func(s *scene) []want {
			a := s.dial(s.ext[1], s.ext[0].number)
			first := s.take(s.ext[0])
			first.refused = 302
			s.pause(talkTime) // or the channel is gone before it can be asked whose it is
			s.must(first.Redirect(s.ctx, s.ext[2].number), "redirecting")
			b := s.take(s.ext[2]).answer()
			s.talk(a.up(), b)
			a.hangup()
			w := answered(a, b, a)
			w.callee = s.ext[0].number
			w.outcomes = map[*line]calls.Outcome{first: calls.LegRedirected}
			return []want{w}
		}},
	}
}

// line9 is how a number outside is dialled through the trunk of the lane.
func (s *scene) line9(number string) string { return "9" + strconv.Itoa(s.index) + number }

// callOutElsewhere makes a call through the trunk of another lane.
func (s *scene) callOutElsewhere(from *station) (a, b *line, number string) {
	other := s.room.lanes[s.index%len(s.room.lanes)]
	number = s.outside(0, 0)
	a = s.dial(from, fmt.Sprintf("9%d%s", other.index, number))
	b = s.takeFrom(other.trunk, number).answer()
	b.number = number
	s.talk(a.up(), b)
	return a, b, number
}

// callOut makes a call to a number outside that is answered.
func (s *scene) callOut(from *station) (a, b *line, number string) {
	number = s.outside(0, 0)
	a = s.dial(from, s.line9(number))
	b = s.takeFrom(s.trunk, number).answer()
	b.number = number
	s.talk(a.up(), b)
	return a, b, number
}

func outbound(a, b *line, number string, hungUpBy *line) want {
	w := answered(a, b, hungUpBy)
	b.number = number
	w.direction, w.callee = calls.Outbound, number
	return w
}

func (w want) failed(result calls.Result, b *line, outcome calls.Outcome) want {
	w.answeredBy, w.result = nil, result
	w.outcomes = map[*line]calls.Outcome{b: outcome}
	return w
}

func (s *scene) refusedOutside(status int, result calls.Result, outcome calls.Outcome) want {
	number := s.outside(s.index, status)
	a := s.dial(s.ext[0], s.line9(number))
	b := s.takeFrom(s.trunk, number)
	b.refused = status
	a.over()
	w := outbound(a, b, number, nil).failed(result, b, outcome)
	w.endedBySystem = true
	return w
}

package callplay_test

import (
	"fmt"
	"strconv"

	"github.com/asterism-go/asterism/callcenter/calls"
)

func groupSituations() []situation {
	return []situation{
		{"one after the other", func(s *scene) []want {
			a := s.dial(s.trunk, "3"+s.ext[0].number+s.ext[1].number)
			first, b := s.take(s.ext[0]), s.take(s.ext[1]).answer()
			s.talk(a.up(), b)
			a.hangup()
			w := answered(a, b, a)
			w.callee = s.ext[0].number
			w.outcomes = map[*line]calls.Outcome{first: calls.LegNoAnswer}
			return []want{w}
		}},
		{"a group, answered", func(s *scene) []want {
			a, rung := s.group(s.trunk)
			rung[1].answer()
			s.talk(a.up(), rung[1])
			a.hangup()
			w := answered(a, rung[1], a)
			w.callee = ""
			w.outcomes = map[*line]calls.Outcome{rung[0]: calls.LegAnsweredElsewhere, rung[2]: calls.LegAnsweredElsewhere}
			return []want{w}
		}},
		{"a group, missed", func(s *scene) []want {
			a, rung := s.group(s.trunk)
			a.over()
			w := unanswered(a, rung[0], calls.Missed, calls.LegNoAnswer)
			w.callee, w.hungUpBy, w.endedBySystem = "", nil, true
			return []want{w}
		}},
		{"a group, mixed", func(s *scene) []want {
			s.ext[0].refuses.Store(486)
			a, rung := s.group(s.ext[3])
			rung[0].refused = 486
			rung[1].refuse(603)
			s.pause(talkTime) // what Asterisk sees of a refusal and an answer in the same millisecond is its own affair
			rung[2].answer()
			s.talk(a.up(), rung[2])
			rung[2].hangup()
			w := answered(a, rung[2], rung[2])
			w.callee = ""
			return []want{w}
		}},
		{"queue, answered", func(s *scene) []want {
			a, first, second := s.waiting("71")
			first.answer()
			s.talk(a, first)
			a.hangup()
			w := s.queued(a, first, "all", calls.QueueAnswered)
			w.outcomes = map[*line]calls.Outcome{second: calls.LegAnsweredElsewhere}
			return []want{w}
		}},
		{"queue, abandoned", func(s *scene) []want {
			a, first, _ := s.waiting("71")
			s.pause(talkTime)
			a.hangup()
			w := s.queued(a, nil, "all", calls.QueueAbandoned)
			w.hungUpBy = a
			w.outcomes = map[*line]calls.Outcome{first: calls.LegCancelled}
			return []want{w}
		}},
		{"queue, its time is up", func(s *scene) []want {
			a, _, _ := s.waiting("73")
			a.over()
			w := s.queued(a, nil, "all", calls.QueueTimeout)
			w.result, w.endedBySystem = calls.Missed, true
			return []want{w}
		}},
		{"queue, declined and next", func(s *scene) []want {
			a := s.dial(s.trunk, "72"+strconv.Itoa(s.index)).up()
			first := s.take(s.ext[2])
			first.refuse(603)
			b := s.take(s.ext[3]).answer()
			s.talk(a, b)
			b.hangup()
			w := s.queued(a, b, "line", calls.QueueAnswered)
			w.hungUpBy = b
			return []want{w}
		}},
		{"queue, not answered and next", func(s *scene) []want {
			a := s.dial(s.trunk, "74"+strconv.Itoa(s.index)).up()
			first := s.take(s.ext[2])
			b := s.take(s.ext[3]).answer()
			s.talk(a, b)
			a.hangup()
			w := s.queued(a, b, "short", calls.QueueAnswered)
			w.outcomes = map[*line]calls.Outcome{first: calls.LegNoAnswer}
			return []want{w}
		}},
		{"queue, held and handed on", func(s *scene) []want {
			a, first, _ := s.waiting("71")
			first.answer()
			s.talk(a, first)
			first.hold()
			s.pause(talkTime)
			first.resume()
			s.talk(a, first)
			first.blind(s.ext[0].number)
			b := s.take(s.ext[0]).answer()
			s.talk(a, b)
			a.hangup()
			w := s.queued(a, first, "all", calls.QueueAnswered)
			w.transfers = []transferWant{{calls.Blind, first, a, b, calls.Completed}}
			return []want{w}
		}},
	}
}

// group rings the first three extensions at once.
func (s *scene) group(from *station) (a *line, rung []*line) {
	a = s.dial(from, "4"+s.ext[0].number+s.ext[1].number+s.ext[2].number)
	for _, st := range s.ext[:3] {
		rung = append(rung, s.take(st))
	}
	return a, rung
}

// waiting is a caller in a queue that rings both agents.
func (s *scene) waiting(queue string) (a, first, second *line) {
	a = s.dial(s.trunk, queue+strconv.Itoa(s.index)).up()
	return a, s.take(s.ext[2]), s.take(s.ext[3])
}

// queued is a call to a queue of the lane.
func (s *scene) queued(a, agent *line, queue string, outcome calls.QueueOutcome) want {
	queue += strconv.Itoa(s.index)
	w := want{of: a, direction: calls.Inbound, result: calls.Answered, caller: a.st.number, callee: queue, answeredBy: agent}
	if agent == nil {
		w.result, w.missed = calls.Abandoned, true
	} else {
		w.hungUpBy = a
	}
	channel := ""
	if agent != nil {
		channel = s.channel(agent)
	}
	w.facts = func(c calls.Call) error {
		if len(c.Queues) != 1 || c.Queues[0].Queue != queue || c.Queues[0].Outcome != outcome || c.Queues[0].Agent != channel {
			return fmt.Errorf("queues %+v, want %s by %s", c.Queues, outcome, channel)
		}
		return nil
	}
	return w
}

package callplay_test

import (
	"errors"
	"fmt"
	"slices"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

func transferSituations() []situation {
	return []situation{
		{"blind to an extension", func(s *scene) []want {
			a, b := s.call(s.trunk, s.ext[0])
			b.blind(s.ext[1].number)
			c := s.take(s.ext[1]).answer()
			s.talk(a, c)
			a.hangup()
			return []want{answered(a, b, a).handed(transferWant{calls.Blind, b, a, c, calls.Completed})}
		}},
		{"blind, and on again", func(s *scene) []want {
			a, b := s.call(s.trunk, s.ext[0])
			b.blind(s.ext[1].number)
			c := s.take(s.ext[1]).answer()
			s.talk(a, c)
			c.blind(s.ext[2].number)
			d := s.take(s.ext[2]).answer()
			s.talk(a, d)
			d.hangup()
			return []want{answered(a, b, d).handed(
				transferWant{calls.Blind, b, a, c, calls.Completed}, transferWant{calls.Blind, c, a, d, calls.Completed})}
		}},
		{"blind, not answered", func(s *scene) []want {
			a, b := s.call(s.trunk, s.ext[0])
			b.blind(s.ext[1].number)
			c := s.take(s.ext[1])
			s.pause(talkTime)
			a.hangup()
			w := answered(a, b, a).handed(transferWant{calls.Blind, b, a, c, calls.NotAnswered})
			w.outcomes = map[*line]calls.Outcome{c: calls.LegCancelled}
			return []want{w}
		}},
		{"blind to nobody", func(s *scene) []want {
			a, b := s.call(s.trunk, s.ext[0])
			if err := b.Transfer(s.ctx, "555"); err == nil {
				s.must(errors.New("a transfer to nowhere is taken"), "transfer")
			}
			s.talk(a, b)
			a.hangup()
			return []want{answered(a, b, a)}
		}},
		{"blind by the caller", func(s *scene) []want {
			a, b := s.call(s.ext[0], s.ext[1])
			a.blind(s.ext[2].number)
			c := s.take(s.ext[2]).answer()
			s.talk(b, c)
			b.hangup()
			return []want{answered(a, b, b).handed(transferWant{calls.Blind, a, b, c, calls.Completed})}
		}},
		{"blind to outside", func(s *scene) []want {
			a, b := s.call(s.ext[1], s.ext[0])
			number := s.outside(0, 0)
			b.blind(s.line9(number))
			c := s.takeFrom(s.trunk, number).answer()
			c.number = number
			s.talk(a, c)
			a.hangup()
			return []want{answered(a, b, a).handed(transferWant{calls.Blind, b, a, c, calls.Completed})}
		}},
		{"attended", func(s *scene) []want {
			a, b := s.call(s.trunk, s.ext[0])
			b.hold()
			ask, c := s.call(s.ext[0], s.ext[1])
			b.attended(ask)
			s.talk(a, c)
			a.hangup()
			return []want{
				answered(a, b, a).handed(transferWant{calls.Attended, b, a, c, calls.Completed}), consulted(ask, c, a),
			}
		}},
		{"attended to outside", func(s *scene) []want {
			a, b := s.call(s.trunk, s.ext[0])
			b.hold()
			ask, c, number := s.callOutElsewhere(s.ext[0])
			b.attended(ask)
			s.talk(a, c)
			a.hangup()
			w := consulted(ask, c, a)
			w.direction, w.callee = calls.Outbound, number
			return []want{answered(a, b, a).handed(transferWant{calls.Attended, b, a, c, calls.Completed}), w}
		}},
		{"attended, of a call to outside", func(s *scene) []want {
			a, b, number := s.callOut(s.ext[0])
			a.hold()
			ask, c := s.call(s.ext[0], s.ext[1])
			a.attended(ask)
			s.talk(b, c)
			c.hangup()
			w := outbound(a, b, number, c).handed(transferWant{calls.Attended, a, b, c, calls.Completed})
			return []want{w, consulted(ask, c, a)}
		}},
		{"asked, and taken back", func(s *scene) []want {
			a, b := s.call(s.trunk, s.ext[0])
			b.hold()
			ask, c := s.call(s.ext[0], s.ext[1])
			ask.hangup()
			c.over()
			b.resume()
			s.talk(a, b)
			a.hangup()
			w := consulted(ask, c, nil)
			w.hungUpBy = ask
			return []want{answered(a, b, a), w}
		}},
		{"asked, and not answered", func(s *scene) []want {
			a, b := s.call(s.trunk, s.ext[0])
			b.hold()
			ask := s.dial(s.ext[0], s.ext[1].number)
			c := s.take(s.ext[1])
			s.pause(talkTime)
			ask.hangup()
			c.over()
			b.resume()
			s.talk(a, b)
			a.hangup()
			w := consulted(ask, c, nil).failed(calls.NoAnswer, c, calls.LegCancelled)
			w.hungUpBy = ask
			return []want{answered(a, b, a), w}
		}},
		{"redirected by AMI", func(s *scene) []want {
			a, b := s.call(s.trunk, s.ext[0])
			s.do(ami.Action{Name: "Redirect"}.With("Channel", s.channel(a)).With("Context", "office").
				With("Exten", s.ext[1].number).With("Priority", "1"))
			c := s.take(s.ext[1]).answer()
			s.talk(a, c)
			a.hangup()
			return []want{answered(a, b, a).handed(transferWant{calls.Redirected, nil, a, c, calls.Completed})}
		}},
		{"two calls bridged by AMI", func(s *scene) []want {
			a, b := s.call(s.trunk, s.ext[0])
			c, d := s.call(s.ext[1], s.ext[2])
			s.do(ami.Action{Name: "Bridge"}.With("Channel1", s.channel(a)).With("Channel2", s.channel(c)).With("Tone", "no"))
			s.talk(a, c)
			a.hangup()
			first, second := answered(a, b, a), answered(c, d, nil)
			first.transfers = []transferWant{{calls.Bridged, nil, nil, nil, calls.Completed}}
			second.merged = a
			return []want{first, second}
		}},
	}
}

func (w want) handed(transfers ...transferWant) want {
	w.transfers = transfers
	return w
}

// consulted is the call in which somebody was asked before a transfer.
func consulted(ask, c, mergedInto *line) want {
	w := answered(ask, c, nil)
	w.kind, w.merged = calls.Consultation, mergedInto
	return w
}

func pickupSituations() []situation {
	return []situation{
		{"picked up by the group", func(s *scene) []want { return s.pickedUp("*8") }},
		{"picked up where it rings", func(s *scene) []want { return s.pickedUp("*8" + s.ext[0].number) }},
		{"parked and retrieved", func(s *scene) []want {
			a, b, slot := s.park()
			s.pause(talkTime)
			c := s.dial(s.ext[1], slot).up()
			s.talk(a, c)
			a.hangup()
			return []want{answered(a, b, a).parked(calls.Retrieved)}
		}},
		{"parked and abandoned", func(s *scene) []want {
			a, b, _ := s.park()
			s.pause(talkTime)
			a.hangup()
			return []want{answered(a, b, a).parked(calls.ParkAbandoned)}
		}},
		{"parked, and back after a while", func(s *scene) []want {
			a, b, _ := s.park()
			c := s.take(s.ext[0]).answer()
			s.talk(a, c)
			c.hangup()
			return []want{answered(a, b, c).parked(calls.ParkTimeout)}
		}},
	}
}

// pickedUp plays a call that another phone takes by a code.
func (s *scene) pickedUp(code string) []want {
	a := s.dial(s.trunk, s.ext[0].number)
	rung := s.take(s.ext[0])
	a.rings()
	b := s.dial(s.ext[1], code).up()
	s.talk(a.up(), b)
	b.hangup()
	w := answered(a, b, b)
	w.callee, w.pickedUp = s.ext[0].number, 1
	w.outcomes = map[*line]calls.Outcome{rung: calls.LegPickedUp}
	return []want{w}
}

// park parks an inbound call and tells in which slot.
func (s *scene) park() (a, b *line, slot string) {
	a, b = s.call(s.trunk, s.ext[0])
	return a, b, s.parkedBy(b, a)
}

// parkedBy lets one of two park the other, and tells in which slot.
func (s *scene) parkedBy(by, other *line) (slot string) {
	by.transferred = true
	s.watching.Go(func() { by.Transfer(s.ctx, "700") }) //nolint:errcheck // it ends when the slot has been announced: too late
	channel := s.channel(other)
	s.must(s.room.await(s.ctx, func() bool {
		for _, c := range s.room.calls {
			for _, p := range c.Parking {
				if p.Parkee == channel && p.Left.IsZero() {
					slot = p.Slot
				}
			}
		}
		return slot != ""
	}), "parking")
	s.must(by.Hangup(s.ctx), "the parker hangs up")
	return slot
}

func (w want) parked(outcome calls.ParkOutcome) want {
	w.facts = func(c calls.Call) error {
		if !slices.ContainsFunc(c.Parking, func(p calls.Parking) bool { return p.Outcome == outcome }) || len(c.Parking) != 1 {
			return fmt.Errorf("parking %+v, want %s", c.Parking, outcome)
		}
		return nil
	}
	return w
}

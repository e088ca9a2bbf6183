package callplay_test

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

func holdSituations() []situation {
	return []situation{
		{"held once", func(s *scene) []want {
			a, b := s.call(s.trunk, s.ext[0])
			s.held(b, a)
			a.hangup()
			return []want{answered(a, b, a)}
		}},
		{"held twice", func(s *scene) []want {
			a, b := s.call(s.ext[1], s.ext[0])
			s.held(b, a)
			s.held(a, b)
			b.hangup()
			return []want{answered(a, b, b)}
		}},
		{"held until the caller hangs up", func(s *scene) []want {
			a, b := s.call(s.trunk, s.ext[0])
			b.hold()
			s.pause(talkTime)
			a.hangup()
			return []want{answered(a, b, a)}
		}},
		{"call waiting", func(s *scene) []want {
			a, b := s.call(s.trunk, s.ext[0])
			c := s.dial(s.ext[1], s.ext[0].number)
			second := s.take(s.ext[0])
			b.hold()
			second.answer()
			s.talk(c.up(), second)
			second.hangup()
			c.over()
			b.resume()
			s.talk(a, b)
			b.hangup()
			return []want{answered(a, b, b), answered(c, second, second)}
		}},
		{"two calls of the same two", func(s *scene) []want {
			a, b := s.call(s.trunk, s.ext[0])
			c, d := s.call(s.trunk, s.ext[0])
			a.hangup()
			b.over()
			d.hangup()
			return []want{answered(a, b, a), answered(c, d, d)}
		}},
		{"two who call each other", func(s *scene) []want {
			a, b := s.call(s.ext[0], s.ext[1])
			c, d := s.call(s.ext[1], s.ext[0])
			d.hangup()
			c.over()
			a.hangup()
			return []want{answered(a, b, a), answered(c, d, d)}
		}},
		{"a Local channel that stays", func(s *scene) []want { return s.local("5") }},
		{"a Local channel that goes", func(s *scene) []want { return s.local("6") }},
		{"recorded", func(s *scene) []want {
			a := s.dial(s.trunk, "8"+s.ext[0].number)
			b := s.take(s.ext[0]).answer()
			s.talk(a.up(), b)
			b.hangup()
			w := answered(a, b, b)
			w.facts = func(c calls.Call) error {
				if len(c.Recordings) != 1 || len(c.Recordings[0].Files) != 1 || c.Recordings[0].By != "dialplan" {
					return fmt.Errorf("recordings %+v", c.Recordings)
				}
				return nil
			}
			return []want{w}
		}},
		{"listened to", func(s *scene) []want {
			a, b := s.call(s.trunk, s.ext[0])
			spy := s.dial(s.ext[1], "*5"+s.ext[0].number).up()
			s.must(spy.WaitHears(s.ctx, a.st.tone), "the spy hears the caller")
			s.must(spy.WaitHears(s.ctx, b.st.tone), "the spy hears the callee")
			spy.hangup()
			s.pause(talkTime)
			a.hangup()
			w := answered(a, b, a)
			w.spiedOn = 1
			return []want{w, {
				of: spy, direction: calls.Internal, kind: calls.Spying, result: calls.Automated, caller: spy.st.number,
				callee: s.ext[0].number, hungUpBy: spy,
			}}
		}},
		{"a conference of three", func(s *scene) []want {
			room := s.conference()
			a, b, c := s.dial(s.ext[0], room).up(), s.dial(s.ext[1], room).up(), s.dial(s.trunk, room).up()
			s.talk(a, b)
			s.talk(b, c)
			s.talk(a, c)
			b.hangup()
			s.talk(a, c)
			a.hangup()
			c.hangup()
			return []want{s.inRoom(a), s.inRoom(b), s.inRoom(c)}
		}},
		{"a menu, an extension", func(s *scene) []want {
			a := s.dial(s.trunk, "602").up()
			s.inMenu(a)
			s.must(a.SendDTMF(s.ctx, s.ext[0].number), "digits")
			b := s.take(s.ext[0]).answer()
			s.talk(a, b)
			b.hangup()
			w := answered(a, b, b)
			w.callee = "602"
			w.facts = func(c calls.Call) error {
				if len(c.Menus) != 1 || c.Menus[0].Digits != s.ext[0].number {
					return fmt.Errorf("menus %+v, callee %v", c.Menus, c.Callee)
				}
				return nil
			}
			return []want{w}
		}},
		{"a menu, abandoned", func(s *scene) []want {
			a := s.dial(s.trunk, "602").up()
			s.inMenu(a)
			a.hangup()
			return []want{{
				of: a, direction: calls.Inbound, result: calls.Abandoned, missed: true, caller: a.st.number, callee: "602", hungUpBy: a,
			}}
		}},
		{"click to call", func(s *scene) []want {
			s.originate(s.ext[0], s.ext[1].number)
			a := s.take(s.ext[0]).answer()
			b := s.take(s.ext[1]).answer()
			s.talk(a, b)
			a.hangup()
			return []want{answered(a, b, a)}
		}},
		{"click to call, outside", func(s *scene) []want {
			number := s.outside(0, 0)
			s.originate(s.ext[0], s.line9(number))
			a := s.take(s.ext[0]).answer()
			b := s.takeFrom(s.trunk, number).answer()
			s.talk(a, b)
			b.hangup()
			return []want{outbound(a, b, number, b)}
		}},
		{"click to call, not answered", func(s *scene) []want {
			s.originate(s.ext[0], s.ext[1].number)
			a := s.take(s.ext[0])
			s.channel(a) // no dialplan tells whose it is, and it is gone with the refusal
			a.refuse(603)
			return []want{{
				of: a, direction: calls.Internal, result: calls.Failed, caller: a.st.number, callee: s.ext[1].number,
				outcomes: map[*line]calls.Outcome{a: calls.LegDeclined},
			}}
		}},
	}
}

// inMenu waits until a caller is asked for digits.
func (s *scene) inMenu(l *line) {
	channel := s.channel(l)
	s.must(s.room.await(s.ctx, func() bool { return s.room.asked[channel] }), "a menu")
}

// held keeps another one on hold for a while.
func (s *scene) held(by, other *line) {
	by.hold()
	s.must(other.WaitSilent(s.ctx, by.st.tone), "%s is held", other.st.endpoint)
	s.pause(talkTime)
	by.resume()
	s.talk(by, other)
}

// local is a call through a Local channel.
func (s *scene) local(prefix string) []want {
	a := s.dial(s.trunk, prefix+s.ext[0].number)
	b := s.take(s.ext[0]).answer()
	s.talk(a.up(), b)
	a.hangup()
	return []want{answered(a, b, a)}
}

// conference is the number of the lane's conference.
func (s *scene) conference() string { return "66" + strconv.Itoa(s.index) }

// inRoom is the call of one who joined a conference of three.
func (s *scene) inRoom(l *line) want {
	name := "room" + strconv.Itoa(s.index)
	return want{
		of: l, direction: l.direction(), result: calls.Answered, caller: l.st.number, callee: s.conference(), hungUpBy: l,
		facts: func(c calls.Call) error {
			if len(c.Conferences) != 1 || c.Conferences[0].Name != name || len(c.Conferences[0].Members) != 3 {
				return fmt.Errorf("conferences %+v", c.Conferences)
			}
			if c.TalkTime == 0 {
				return errors.New("nobody talked in the conference")
			}
			return nil
		},
	}
}

// originate rings a phone and connects it then.
func (s *scene) originate(st *station, number string) {
	s.do(ami.Action{Name: "Originate"}.With("Channel", st.endpoint).With("Context", "office").With("Exten", number).
		With("Priority", "1").With("Async", "true").With("CallerID", number).With("Timeout", "15000"))
}

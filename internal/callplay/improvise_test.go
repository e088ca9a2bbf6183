package callplay_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/asterism-go/asterism/callcenter/calls"
)

// story is a call that takes random turns, each of which leaves two who talk, or ends it.
type story struct {
	*scene
	random   *rand.Rand
	a, b     *line      // who talk now
	idle     []*station // extensions without a call
	w        want
	others   []want // of calls beside it
	parkings []calls.ParkOutcome
	over     bool
}

// maxTurns is how many turns a story takes at most.
const maxTurns = 3

// improvise plays a call with random turns.
func (s *scene) improvise(random *rand.Rand) []want {
	switch random.IntN(10) {
	case 0:
		return s.pickedUp("*8")
	case 1:
		return s.queueAtRandom(random)
	case 2:
		return s.conferenceAtRandom(random)
	}
	t := &story{scene: s, random: random, idle: shuffled(random, s.ext)}
	t.begin()
	turns := []func(){t.hold, t.anotherCall, t.blind, t.blindInVain, t.consult, t.consult, t.semiAttended, t.consultInVain, t.consultLonger, t.park, t.leave}
	for range random.IntN(maxTurns + 1) {
		if !t.over {
			turns[random.IntN(len(turns))]()
		}
	}
	if !t.over {
		t.while()
		t.end(t.either())
	}
	t.w.facts = t.parked
	return append(t.others, t.w)
}

// begin makes the call, which may not be answered.
func (t *story) begin() {
	switch t.random.IntN(4) {
	case 0:
		a, b, number := t.callOut(t.next())
		t.a, t.b, t.w = a, b, outbound(a, b, number, nil)
		return
	case 1:
		t.a = t.dial(t.next(), t.idle[0].number)
	default:
		t.a = t.dial(t.trunk, t.idle[0].number)
	}
	t.b = t.take(t.next())
	t.a.rings()
	t.while()
	t.w = unanswered(t.a, t.b, unansweredResult(t.a), calls.LegCancelled)
	switch t.random.IntN(10) {
	case 0:
		t.end(t.a)
	case 1:
		t.b.refuse(603)
		t.w.outcomes[t.b] = calls.LegDeclined
		t.ended(t.a)
	default:
		t.b.answer()
		t.talk(t.a.up(), t.b)
		t.w = answered(t.a, t.b, nil)
	}
}

// next is an extension that has no call, and has one from now on.
func (t *story) next() *station {
	st := t.idle[0]
	t.idle = t.idle[1:]
	return st
}

// while is a random moment.
func (t *story) while() { t.scene.while(t.random) }

func (t *story) either() *line {
	if t.random.IntN(2) == 0 {
		return t.a
	}
	return t.b
}

// agent is one of the two who has an extension, and the other one.
func (t *story) agent() (by, other *line) {
	if by = t.either(); by.st.trunk != 0 {
		by = t.a
		if by.st.trunk != 0 {
			by = t.b
		}
	}
	if by == t.a {
		return by, t.b
	}
	return by, t.a
}

// end lets one of the two hang up.
func (t *story) end(l *line) {
	l.hangup()
	t.w.hungUpBy, t.w.endedBySystem, t.over = l, false, true
}

// ended waits until Asterisk has ended the call of a line, and with it the story.
func (t *story) ended(l *line) {
	l.over()
	t.w.hungUpBy, t.w.endedBySystem, t.over = nil, true, true
}

// pair is who talk after somebody has left.
func (t *story) pair(left, a, b *line) {
	left.over()
	if left.st.trunk == 0 {
		t.idle = append(t.idle, left.st)
	}
	t.a, t.b = a, b
	t.talk(a, b)
}

func (t *story) hold() {
	by, other := t.agent()
	t.held(by, other)
}

// leave is a hangup while one is held.
func (t *story) leave() {
	by, other := t.agent()
	by.hold()
	t.while()
	t.end([]*line{by, other}[t.random.IntN(2)])
}

// anotherCall is one that a phone takes while it keeps the first on hold.
func (t *story) anotherCall() {
	if len(t.idle) == 0 {
		return
	}
	by, _ := t.agent()
	caller := t.next()
	x := t.dial(caller, by.st.number)
	y := t.take(by.st)
	t.while()
	by.hold()
	y.answer()
	t.talk(x.up(), y)
	w := answered(x, y, []*line{x, y}[t.random.IntN(2)])
	w.hungUpBy.hangup()
	x.over()
	y.over()
	by.resume()
	t.talk(t.a, t.b)
	t.idle = append(t.idle, caller)
	t.others = append(t.others, w)
}

func (t *story) blind() {
	if len(t.idle) == 0 {
		return
	}
	by, other := t.agent()
	by.blind(t.idle[0].number)
	c := t.take(t.next())
	t.while()
	c.answer()
	t.w.transfers = append(t.w.transfers, transferWant{calls.Blind, by, other, c, calls.Completed})
	t.pair(by, other, c)
}

// blindInVain is a transfer to one who does not answer.
func (t *story) blindInVain() {
	if len(t.idle) == 0 {
		return
	}
	by, other := t.agent()
	by.blind(t.idle[0].number)
	c := t.take(t.next())
	t.while()
	t.w.transfers = append(t.w.transfers, transferWant{calls.Blind, by, other, c, calls.NotAnswered})
	if t.random.IntN(2) == 0 {
		t.end(other)
		return
	}
	c.refuse(603)
	t.ended(other)
}

// consult asks another one, inside or outside, and hands the call over, before or after that one has answered.
func (t *story) consult() {
	if len(t.idle) == 0 {
		return
	}
	by, other := t.agent()
	by.hold()
	if t.random.IntN(4) == 0 && other.st.trunk == 0 { // or one phone would talk with itself
		ask, c, number := t.callOutElsewhere(by.st)
		w := consulted(ask, c, t.w.of)
		w.direction, w.callee = calls.Outbound, number
		t.handOver(by, other, w)
		return
	}
	ask := t.dial(by.st, t.idle[0].number)
	c := t.take(t.next())
	ask.rings()
	t.while()
	c.answer()
	t.talk(ask.up(), c)
	t.handOver(by, other, consulted(ask, c, t.w.of))
}

// handOver ends a consultation with a transfer.
func (t *story) handOver(by, other *line, w want) {
	ask, c := w.of, w.answeredBy
	by.attended(ask)
	t.others = append(t.others, w)
	t.w.transfers = append(t.w.transfers, transferWant{calls.Attended, by, other, c, calls.Completed})
	ask.over()
	t.pair(by, other, c)
}

// semiAttended hands the call over while the one who is asked still rings.
func (t *story) semiAttended() {
	if len(t.idle) == 0 {
		return
	}
	by, other := t.agent()
	by.hold()
	ask := t.dial(by.st, t.idle[0].number)
	c := t.take(t.next())
	ask.rings()
	t.while()
	by.attended(ask)
	w := consulted(ask, c, t.w.of)
	w.answeredBy, w.result = nil, calls.NoAnswer
	t.others = append(t.others, w)
	t.while()
	t.w.transfers = append(t.w.transfers, transferWant{calls.Attended, by, other, c, calls.Completed})
	c.answer()
	t.pair(by, other, c)
}

// consultInVain asks another one, and takes the call back.
func (t *story) consultInVain() {
	if len(t.idle) == 0 {
		return
	}
	by, _ := t.agent()
	by.hold()
	ask := t.dial(by.st, t.idle[0].number)
	c := t.take(t.idle[0])
	ask.rings()
	t.while()
	w := consulted(ask, c, nil)
	switch t.random.IntN(3) {
	case 0:
		ask.hangup()
		w = w.failed(calls.NoAnswer, c, calls.LegCancelled)
		w.hungUpBy = ask
	case 1:
		c.refuse(603)
		w = w.failed(calls.NoAnswer, c, calls.LegDeclined)
		w.endedBySystem = true
	default:
		c.answer()
		t.talk(ask.up(), c)
		w.hungUpBy = []*line{ask, c}[t.random.IntN(2)]
		w.hungUpBy.hangup()
	}
	c.over()
	ask.over()
	by.resume()
	t.talk(t.a, t.b)
	t.others = append(t.others, w)
}

// consultLonger is a consultation that goes on when the one who is held has hung up.
func (t *story) consultLonger() {
	if len(t.idle) == 0 {
		return
	}
	by, other := t.agent()
	by.hold()
	ask, c := t.call(by.st, t.next())
	t.end(other)
	by.over()
	t.while()
	w := consulted(ask, c, nil)
	w.hungUpBy = c
	c.hangup()
	t.others = append(t.others, w)
}

// park parks the other one, who is retrieved or gives up.
func (t *story) park() {
	if len(t.idle) == 0 {
		return
	}
	by, other := t.agent()
	slot := t.parkedBy(by, other)
	t.while()
	if t.random.IntN(3) == 0 {
		t.parkings = append(t.parkings, calls.ParkAbandoned)
		t.end(other)
		return
	}
	t.parkings = append(t.parkings, calls.Retrieved)
	c := t.dial(t.next(), slot).up()
	t.pair(by, other, c)
}

func (t *story) parked(c calls.Call) error {
	var got []calls.ParkOutcome
	for _, p := range c.Parking {
		got = append(got, p.Outcome)
	}
	if !slices.Equal(got, t.parkings) {
		return fmt.Errorf("parking %v, want %v", got, t.parkings)
	}
	return nil
}

// conferenceAtRandom is a conference that three join and leave in any order.
func (s *scene) conferenceAtRandom(random *rand.Rand) []want {
	var lines []*line
	for _, st := range shuffled(random, []*station{s.ext[0], s.ext[1], s.trunk}) {
		lines = append(lines, s.dial(st, s.conference()).up())
		s.while(random)
	}
	s.talk(lines[0], lines[1])
	s.talk(lines[1], lines[2])
	s.talk(lines[0], lines[2])
	var wants []want
	for _, i := range random.Perm(len(lines)) {
		lines[i].hangup()
		wants = append(wants, s.inRoom(lines[i]))
		s.pause(time.Duration(random.IntN(1000)) * time.Millisecond)
	}
	return wants
}

package calls

import (
	"slices"
	"time"
)

// talkMinimum is the shortest conversation that is one: while Asterisk swaps channels, two may be in the same bridge for
// a moment.
const talkMinimum = 100 * time.Millisecond

// talk is a Conversation while its channels are alive; a is the older one.
type talk struct {
	a, b       *channel
	start, end time.Time
	told       bool // Talking was told
	toldEnd    time.Time
}

func (tk *talk) other(ch *channel) *channel {
	if tk.a == ch {
		return tk.b
	}
	return tk.a
}

// until is when it ended: who has hung up heard nothing more, however late that is told. Zero while it lasts.
func (tk *talk) until() time.Time {
	if tk.end.IsZero() {
		return tk.end
	}
	return earliest(tk.end, tk.a.end(), tk.b.end())
}

// counts tells whether it is long enough, as known at a time; what was told is not taken back.
func (tk *talk) counts(at time.Time) bool {
	return tk.told || earliest(at, tk.until()).Sub(tk.start) >= talkMinimum
}

// updateTalks begins and ends the conversations of those who are in a bridge, or joined to it, after something has changed
// there. Two bridges are given when a Local channel joined or parted them.
func (t *Tracker) updateTalks(b, joined *bridge, at time.Time) {
	if b != nil {
		t.walk.over(b)
		t.updateParties(at)
	}
	if joined != nil && (b == nil || joined.walked != t.walk.mark) {
		t.walk.over(joined)
		t.updateParties(at)
	}
}

func (t *Tracker) updateParties(at time.Time) {
	parties := t.walk.parties
	for _, party := range parties {
		t.endTalks(party, at)
	}
	for i, first := range parties {
		for _, second := range parties[i+1:] {
			t.talk(first, second, at)
		}
	}
	t.meet(parties, at)
}

// endTalks ends the conversations of a channel with those whom it does not hear any more: they are in no walk with it, or
// one of the two holds the other. One that ended at a later time, by an event that has overtaken, ended now.
func (t *Tracker) endTalks(ch *channel, at time.Time) {
	for i := len(ch.open) - 1; i >= 0; i-- {
		tk := ch.open[i]
		if tk.a.component != tk.b.component || tk.a.held() || tk.b.held() {
			t.endTalk(tk, at)
		}
	}
	if ch.bridge != nil && !ch.held() {
		return
	}
	for i := len(ch.talks) - 1; i >= 0 && i >= len(ch.talks)-4; i-- {
		if tk := ch.talks[i]; tk.end.After(at) && tk.end.Sub(at) < settleTime {
			tk.end = at
		}
	}
}

func (t *Tracker) endTalk(tk *talk, at time.Time) {
	is := func(other *talk) bool { return other == tk }
	tk.a.open, tk.b.open = slices.DeleteFunc(tk.a.open, is), slices.DeleteFunc(tk.b.open, is)
	tk.end = earliest(at, tk.a.end(), tk.b.end())
	end := tk.end
	if tk.told && (!tk.a.end().IsZero() || !tk.b.end().IsZero()) { // who has hung up does not come back
		tk.toldEnd = end
		t.changed(TalkingEnd, tk.a.call.root(), end)
		return
	}
	t.settle(at, func(t *Tracker) {
		if tk.told && !tk.end.IsZero() && tk.toldEnd.IsZero() && tk.end.Sub(end).Abs() < settleTime {
			tk.toldEnd = tk.until()
			t.changed(TalkingEnd, tk.a.call.root(), tk.toldEnd)
		}
	})
}

// talk begins the conversation of two telephones if they can hear each other and do not talk already. After a short break
// they go on.
func (t *Tracker) talk(first, second *channel, at time.Time) {
	if first == second || first.held() || second.held() || isIn(first.open, second) {
		return
	}
	if second.older(first) {
		first, second = second, first
	}
	start := latest(at, first.entered, second.entered, first.unheld, second.unheld)
	tk := lastTalk(first, second)
	if tk == nil || start.Sub(tk.end) >= settleTime {
		c := first.call.root()
		tk = c.newTalk()
		*tk = talk{a: first, b: second, start: start}
		c.talks = append(c.talks, tk)
		fresh := len(first.talks) == 0 && len(second.talks) == 0 // no transfer can be under way
		first.talks, second.talks = append(first.talks, tk), append(second.talks, tk)
		if fresh {
			tk.told = true
			t.checkConnected(c, start)
			defer t.changed(Talking, c, start)
		} else {
			t.settle(at, func(t *Tracker) { t.tellTalk(tk) })
		}
	}
	tk.end = time.Time{}
	first.open, second.open = append(first.open, tk), append(second.open, tk)
}

// tellTalk tells of a conversation when it has turned out to be one.
func (t *Tracker) tellTalk(tk *talk) {
	if !tk.counts(t.now) {
		return
	}
	tk.told = true
	c := tk.a.call.root()
	t.checkConnected(c, tk.start)
	t.changed(Talking, c, tk.start)
	if !tk.end.IsZero() && t.now.Sub(tk.end) >= settleTime && tk.toldEnd.IsZero() {
		tk.toldEnd = tk.until()
		t.changed(TalkingEnd, c, tk.toldEnd)
	}
}

func isIn(talks []*talk, ch *channel) bool {
	for _, tk := range talks {
		if tk.a == ch || tk.b == ch {
			return true
		}
	}
	return false
}

// lastTalk is the last conversation of two channels.
func lastTalk(a, b *channel) *talk {
	for i := len(a.talks) - 1; i >= 0; i-- {
		if a.talks[i].other(a) == b {
			return a.talks[i]
		}
	}
	return nil
}

// talked tells whether the channel has had a conversation before a time, or ever if that is zero.
func (ch *channel) talked(before time.Time) bool {
	for _, tk := range ch.talks {
		if (before.IsZero() || tk.start.Before(before)) && (tk.end.IsZero() || tk.until().Sub(tk.start) >= talkMinimum) {
			return true
		}
	}
	return false
}

// earliest returns the earliest of the times that are known.
func earliest(first time.Time, others ...time.Time) time.Time {
	for _, other := range others {
		if !other.IsZero() && other.Before(first) {
			first = other
		}
	}
	return first
}

func latest(first time.Time, others ...time.Time) time.Time {
	for _, other := range others {
		if other.After(first) {
			first = other
		}
	}
	return first
}

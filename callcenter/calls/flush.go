package calls

import "time"

const (
	// grace is for how long, in the time of the stream, a call that has ended is kept for events that come late:
	// BlindTransfer, DialEnd and the last events of a queue have been seen after the last Hangup.
	grace = 5 * time.Second
	// endedLimit is the most calls that are kept in their grace; the oldest is finished early.
	endedLimit = 10_000
	// settleTime is the longest silence between two legs that is no end of their conversation: Asterisk takes channels out
	// of a bridge for a moment when it swaps one for another. What is told about it waits for as long.
	settleTime = 500 * time.Millisecond
	// window is how far apart events of one happening come: different threads of Asterisk tell them, in any order.
	window = time.Second
)

// settling is something that is decided when it is known what came right after it.
type settling struct {
	due    time.Time
	decide func(t *Tracker)
}

// settle decides something later: after delay in the time of the stream. All users have the same delay, so the list is in
// order of time.
func (t *Tracker) settle(at time.Time, decide func(t *Tracker)) {
	t.settling = append(t.settling, settling{at.Add(settleTime), decide})
}

// pass lets the time go on: what waited for it is decided, and calls whose grace is over are finished.
func (t *Tracker) pass(at time.Time) {
	if !at.After(t.now) {
		return
	}
	t.now = at
	t.decide(at)
	for len(t.ended) > 0 && (at.Sub(t.ended[0].over) > grace || len(t.ended) > endedLimit) {
		t.finishFirst()
	}
}

func (t *Tracker) decide(until time.Time) {
	for len(t.settling) > 0 && !t.settling[0].due.After(until) {
		next := t.settling[0]
		t.settling[0] = settling{}
		t.settling = t.settling[1:]
		next.decide(t)
	}
	if len(t.settling) == 0 {
		t.settling = nil
	}
}

// Flush ends the grace of all calls that have ended, as at the end of a recorded stream. Calls that live stay.
func (t *Tracker) Flush() []Change {
	t.changes = nil
	t.decide(t.now.Add(settleTime))
	for len(t.ended) > 0 {
		t.finishFirst()
	}
	return t.changes
}

// Live returns the calls that have not ended, as they are now, in no particular order. What [Change] says of its Call is so of
// them too.
func (t *Tracker) Live() []Call {
	var live []Call
	seen := map[*call]bool{}
	for _, ch := range t.channels {
		for c := ch.call; c != nil && !seen[c]; c = c.mergedInto() {
			if c.lives() && len(c.legs) > 0 {
				live = append(live, Call{})
				t.snapshot(&live[len(live)-1], c, t.now)
			}
			seen[c] = true
		}
	}
	return live
}

// over puts a call that has lost its last channel into its grace.
func (t *Tracker) over(c *call, at time.Time) {
	c.over = at
	if !c.waiting {
		c.waiting = true
		t.ended = append(t.ended, c)
	}
	kind := Ended
	if c.endTold { // somebody had come back
		kind = Corrected
	}
	c.endTold = c.endTold || c.told
	t.changed(kind, c, at)
	if c.told && c.absorbed == nil && len(c.legs) > 0 {
		said := verdictOf(&t.changes[len(t.changes)-1].Call)
		c.said = &said
	}
}

// finishFirst forgets the call that ended first, unless it has come to life again.
func (t *Tracker) finishFirst() {
	c := t.ended[0]
	t.ended[0] = nil
	t.ended = t.ended[1:]
	c.waiting = false
	if c.lives() || c.absorbed != nil {
		return
	}
	if len(c.legs) > 0 && c.told {
		final := t.tell(Finished, c, t.now, c.over)
		if c.said == nil || verdictOf(final) != *c.said {
			again := t.changes[len(t.changes)-1]
			t.changes[len(t.changes)-1].Kind = Corrected
			t.changes = append(t.changes, again)
		}
	}
	t.forget(c)
}

func (t *Tracker) forget(c *call) {
	for _, linkedid := range c.linkedids {
		if t.linked[linkedid] == c {
			delete(t.linked, linkedid)
		}
	}
	for _, ch := range c.members {
		delete(t.channels, ch.uniqueid)
		delete(t.visits, ch.uniqueid)
		delete(t.parked, ch.uniqueid)
	}
}

// verdict is what a call was said to be when it ended; if it is not what is known at the end of the grace, that is told as
// a correction.
type verdict struct {
	direction                     Direction
	result                        Result
	answeredBy, hangupBy, merged  string
	transfers, legs, queues, park int
	outcome                       string
}

func verdictOf(c *Call) verdict {
	v := verdict{
		direction: c.Direction, result: c.Result, answeredBy: c.AnsweredBy, hangupBy: c.HangupBy, merged: c.MergedInto,
		transfers: len(c.Transfers), legs: len(c.Legs), queues: len(c.Queues), park: len(c.Parking),
	}
	for i := range c.Transfers {
		v.outcome += string(c.Transfers[i].Result) + c.Transfers[i].To
	}
	return v
}

package calls

import (
	"slices"
	"time"
)

// Two calls whose parties hear each other are one from then on: the younger becomes part of the older. A transfer, a pickup
// or a retrieval from a parking lot explains why; if none is told, an application has joined them (Bridge, AMI's Bridge).
// In a conference each party keeps its own call.

// meet merges the calls of those who hear each other.
func (t *Tracker) meet(parties []*channel, at time.Time) {
	if len(parties) < 2 {
		return
	}
	oldest := parties[0].call.root()
	mixed := false
	for _, party := range parties[1:] {
		c := party.call.root()
		mixed = mixed || c != oldest
		if c.before(oldest) {
			oldest = c
		}
	}
	if !mixed {
		return
	}
	for _, party := range parties {
		if c := party.call.root(); c != oldest {
			t.merge(c, oldest, at)
			t.explainLater(c, party, at)
		}
	}
}

func (c *call) before(other *call) bool {
	if c == other || c.started.Equal(other.started) {
		return c != other && c.id < other.id
	}
	return c.started.Before(other.started)
}

// merge makes a call part of another one.
func (t *Tracker) merge(c, into *call, at time.Time) {
	if c == into {
		return
	}
	if into.merged == c {
		into.merged = nil
	}
	if into.root() == c { // the other way round already, over others
		return
	}
	c.merged, c.mergedAt = into, at
	if !slices.Contains(into.parts, c) {
		into.parts = append(into.parts, c)
	}
}

// mergedInto is the call that a call has become part of, or nil.
func (c *call) mergedInto() *call {
	into := c.merged
	for into != nil && into.absorbed != nil {
		into = into.absorbed
	}
	return into
}

// lives tells whether a party of the call has not gone, be it one of a call that has become part of it: they go on talking
// when all who began the call have handed it over.
func (c *call) lives() bool {
	return c.live > 0 || slices.ContainsFunc(c.parts, func(part *call) bool { return part.merged == c && part.lives() })
}

// explainLater waits for the event that tells why two calls have met. party is one of the younger call.
func (t *Tracker) explainLater(c *call, party *channel, at time.Time) {
	t.settle(at, func(t *Tracker) {
		into := c.merged
		if c.explained || into == nil || c.absorbed != nil {
			return
		}
		c.explained = true
		x := &transfer{kind: Bridged, at: at, to: party}
		for _, tk := range party.talks {
			if first := tk.other(party); first.call.root() == into && first.call != c && !tk.start.Before(at) {
				x.transferee = first
			}
		}
		into.transfers = append(into.transfers, x)
		t.changed(Merged, c, at)
		t.changed(Transferred, into, at)
	})
}

package calls

import (
	"slices"
	"time"
)

// call is a call while it is being made of events. It has two pieces of memory: see memory.go.
type call struct {
	id           string
	started      time.Time
	dialedNumber string
	members      []*channel // plumbing too
	legs         []*channel // the oldest first
	live         int        // members that have not hung up
	linkedids    []string
	variables    map[string]string
	talks        []*talk

	heldAtStart bool      // placed by a telephone that kept another call on hold
	consulting  bool      // an attended transfer was made of it
	explained   bool      // a transfer or a pickup explains why it has become part of another one
	dialplan    bool      // its Newexten are told: class dialplan
	connected   bool      // somebody has answered, and that was told
	told        bool      // Started was told
	endTold     bool      // so was Ended
	waiting     bool      // it is in its grace
	spiesOn     *channel  // it exists to spy on this one
	merged      *call     // the call that it has become part of
	mergedAt    time.Time // when it did
	absorbed    *call     // it never was a call of its own
	over        time.Time
	said        *verdict // nil if Ended was not told

	toldLegs  []Leg // as told last: never written to again
	toldTalks []Conversation

	memory callMemory
	*callMore
}

// callMore is the other piece of a call.
type callMore struct {
	transfers  []*transfer
	visits     []*visit
	recordings []*recording
	spies      []*spy
	parkings   []*parking
	pickups    []*pickup
	menus      []*menu
	voicemail  *Voicemail
	parts      []*call // those that have become part of this one
	gaps       []Gap
	uncertain  []string

	memory callMoreMemory
}

// root is the call that a call has become part of, or the call itself.
func (c *call) root() *call {
	for {
		switch {
		case c.absorbed != nil:
			c = c.absorbed
		case c.merged != nil:
			c = c.merged
		default:
			return c
		}
	}
}

func (c *call) add(ch *channel) {
	ch.call = c
	c.members = append(c.members, ch)
	if ch.ended.IsZero() {
		c.live++
	}
	if ch.plumbing {
		return
	}
	i, _ := slices.BinarySearchFunc(c.legs, ch, func(a, b *channel) int {
		if a.older(b) {
			return -1
		}
		return 1
	})
	c.legs = slices.Insert(c.legs, i, ch)
}

func (c *call) remove(ch *channel) {
	is := func(other *channel) bool { return other == ch }
	c.members = slices.DeleteFunc(c.members, is)
	c.legs = slices.DeleteFunc(c.legs, is)
	if ch.ended.IsZero() {
		c.live--
	}
}

// move puts a channel into another call. A call that is left without channels never was one: what is known of it goes
// along.
func (t *Tracker) move(ch *channel, to *call, at time.Time) {
	from := ch.call
	if from == to {
		return
	}
	from.remove(ch)
	to.add(ch)
	if len(from.members) == 0 {
		t.absorb(from, to, at)
	}
}

func (t *Tracker) absorb(from, to *call, at time.Time) {
	if from.told && !from.endTold && from.absorbed == nil {
		t.tell(Absorbed, from, at, at).MergedInto = to.id
	}
	for c := to; c != nil; c = c.merged { // whoever had become part of it is on its own
		if c.merged == from {
			c.merged = nil
		}
	}
	from.absorbed = to
	for _, linkedid := range from.linkedids {
		t.linked[linkedid] = to
	}
	to.linkedids = append(to.linkedids, from.linkedids...)
	to.talks = append(to.talks, from.talks...)
	to.visits = append(to.visits, from.visits...)
	to.recordings = append(to.recordings, from.recordings...)
	for name, value := range from.variables {
		to.setVariable(name, value)
	}
}

// moveTree moves a channel with its Local partner and everything that they have dialled.
func (t *Tracker) moveTree(ch *channel, to *call, at time.Time) {
	if ch.call == to {
		return
	}
	t.move(ch, to, at)
	if ch.partner != nil {
		t.moveTree(ch.partner, to, at)
	}
	for _, d := range ch.dials {
		t.moveTree(d.dest, to, at)
	}
}

// caller is the leg that placed the call: the oldest one. A trunk that was dialled first has none: the system called.
func (c *call) caller() *channel {
	if len(c.legs) == 0 || (c.legs[0].external && c.legs[0].dialed) {
		return nil
	}
	return c.legs[0]
}

func (c *call) setVariable(name, value string) {
	if c.variables == nil {
		c.variables = map[string]string{}
	}
	c.variables[name] = value
}

// doubt notes that something of the call was not seen.
func (c *call) doubt(what string) {
	if !slices.Contains(c.uncertain, what) {
		c.uncertain = append(c.uncertain, what)
	}
}

package calls

import (
	"cmp"
	"slices"
	"time"
)

// filler is a call that is being filled from a second witness. Only what a gap of the stream hides is touched.
type filler struct {
	call     Call
	dropped  []Leg // that belong to other calls
	answered bool  // by a record
}

func newFiller(c *Call) *filler {
	f := &filler{call: *c}
	f.call.Legs = slices.Clone(c.Legs)
	f.call.Conversations = slices.Clone(c.Conversations)
	f.call.Transfers, f.call.Queues = slices.Clone(c.Transfers), slices.Clone(c.Queues)
	f.call.Parking, f.call.Pickups = slices.Clone(c.Parking), slices.Clone(c.Pickups)
	f.call.Uncertain, f.call.Filled = slices.Clone(c.Uncertain), slices.Clone(c.Filled)
	return f
}

// filled notes that something was told by a source. What the log tells is certain from then on.
func (f *filler) filled(what, source string) {
	if told := (Filling{what, source}); !slices.Contains(f.call.Filled, told) {
		f.call.Filled = append(f.call.Filled, told)
	}
	if source == FromCEL {
		f.call.Uncertain = slices.DeleteFunc(f.call.Uncertain, func(name string) bool { return name == what })
	}
}

func (f *filler) uncertain(what string) bool { return slices.Contains(f.call.Uncertain, what) }

// gapSlack is how far outside a gap something may be recorded that happened in it: records of databases are to the second.
const gapSlack = time.Second

// hidden tells whether a time is in a gap, give or take some slack. A record's is then one that the call cannot know.
func (f *filler) hidden(at time.Time) bool { return f.inGap(at, gapSlack) }

// guessed tells whether a time of the call is in a gap, and so one that nobody has seen.
func (f *filler) guessed(at time.Time) bool { return f.inGap(at, 0) }

func (f *filler) inGap(at time.Time, slack time.Duration) bool {
	return slices.ContainsFunc(f.call.Gaps, func(gap Gap) bool {
		return at.After(gap.Start.Add(-slack)) && !at.After(gap.End.Add(slack))
	})
}

// fromCEL fills the call from those of the log that have legs of it.
func (f *filler) fromCEL(story *celStory, recorded []*Call) {
	if len(f.call.Gaps) == 0 || len(recorded) == 0 {
		return
	}
	for _, r := range recorded {
		if !story.whole(r) || r.Ended.IsZero() {
			return // Asterisk has crashed, say: what the log tells of the gap is not all
		}
	}
	main := recorded[0]
	f.celLegs(recorded)
	if main.ID != f.call.ID {
		f.celPart(main)
	} else {
		f.dropLegs(recorded)
		f.addLegs(main)
		f.celParties(main)
		f.celAnswer(main)
		f.celMoves(main)
	}
	f.celTalks(story, recorded)
	f.celEnd(main)
}

// celPart: the call is none of its own, but part of another one, as after a pickup in a gap.
func (f *filler) celPart(whole *Call) {
	if f.call.MergedInto == "" {
		f.call.MergedInto = whole.ID
		f.filled("merged", FromCEL)
	}
}

// dropLegs takes out legs that a snapshot showed and that were taken for parts of this call, but are of another one.
func (f *filler) dropLegs(recorded []*Call) {
	f.call.Legs = slices.DeleteFunc(f.call.Legs, func(leg Leg) bool {
		other := f.hidden(leg.Started) && legWith(recorded[:1], leg.Uniqueid) == nil && legWith(recorded, leg.Uniqueid) != nil
		if other {
			f.dropped = append(f.dropped, leg)
			f.filled("legs", FromCEL)
		}
		return other
	})
}

// celLegs takes over the times of legs that are uncertain.
func (f *filler) celLegs(recorded []*Call) {
	for i := range f.call.Legs {
		leg := &f.call.Legs[i]
		if !leg.Uncertain {
			continue
		}
		from := legWith(recorded, leg.Uniqueid)
		if from == nil || from.Ended.IsZero() {
			continue
		}
		if f.hidden(leg.Started) && from.Started.Before(leg.Started.Add(gapSlack)) {
			leg.Started = from.Started
		}
		if f.guessed(leg.Answered) || (leg.Answered.IsZero() && f.hidden(from.Answered)) {
			leg.Answered = from.Answered
		}
		if f.guessed(leg.Ended) {
			leg.Ended = from.Ended
		}
		leg.Outcome, leg.Uncertain = cmp.Or(from.Outcome, leg.Outcome), false
		f.filled("legs", FromCEL)
	}
}

func legWith(calls []*Call, uniqueid string) *Leg {
	for _, c := range calls {
		for i := range c.Legs {
			if c.Legs[i].Uniqueid == uniqueid {
				return &c.Legs[i]
			}
		}
	}
	return nil
}

// addLegs adds those that came in a gap and that the stream never told of.
func (f *filler) addLegs(recorded *Call) {
	for _, leg := range recorded.Legs {
		if legWith([]*Call{&f.call}, leg.Uniqueid) == nil && f.hidden(leg.Started) {
			f.call.Legs = append(f.call.Legs, leg)
			f.filled("legs", FromCEL)
		}
	}
	slices.SortStableFunc(f.call.Legs, func(a, b Leg) int { return a.Started.Compare(b.Started) })
}

func (f *filler) celParties(recorded *Call) {
	if !f.uncertain("parties") {
		return
	}
	f.call.Started, f.call.Direction, f.call.Dialed = recorded.Started, recorded.Direction, recorded.Dialed
	f.call.Caller, f.call.Callee = recorded.Caller, recorded.Callee
	for i := range f.call.Legs {
		if leg := &f.call.Legs[i]; len(recorded.Legs) > 0 && leg.Uniqueid == recorded.Legs[0].Uniqueid {
			leg.Started = recorded.Legs[0].Started
		}
	}
	f.filled("parties", FromCEL)
	if recorded.Callee.Number == "" {
		f.doubt("parties") // the number is not in the log
	}
}

// celAnswer takes over who has answered, if that may have been in a gap. Of a call that nobody answered the log often does
// not know why.
func (f *filler) celAnswer(recorded *Call) {
	c := &f.call
	same := c.AnsweredBy == recorded.AnsweredBy && !f.guessed(c.Answered)
	earlier := !same && f.hidden(recorded.Answered) && (c.Answered.IsZero() || recorded.Answered.Before(c.Answered))
	unknown := f.uncertain("answered") || f.guessed(c.Answered)
	by := legWith([]*Call{recorded}, legID(recorded, recorded.AnsweredBy))
	switch {
	case !earlier && !unknown, by != nil && by.TalkTime == 0:
		return // it is known, or somebody was up and not let through
	case !recorded.Answered.IsZero():
		c.Answered, c.AnsweredBy, c.Result, c.Missed = recorded.Answered, recorded.AnsweredBy, Answered, false
	default:
		c.Answered, c.AnsweredBy = time.Time{}, ""
		f.celResult(recorded)
	}
	f.filled("answered", FromCEL)
}

// celResult takes over the result of a call that nobody answered. That it was busy, or went to a mailbox or a conference,
// the log tells; else the result depends on ringing, queues and menus, and stays uncertain.
func (f *filler) celResult(recorded *Call) {
	c := &f.call
	if slices.Contains([]Result{Busy, VoicemailLeft, Answered}, recorded.Result) {
		c.Result, c.Missed = recorded.Result, recorded.Missed
		return
	}
	if c.Result == Answered {
		c.Result, c.Missed = recorded.Result, recorded.Missed
	}
	f.doubt("result")
}

func (f *filler) doubt(what string) {
	if !f.uncertain(what) {
		f.call.Uncertain = append(f.call.Uncertain, what)
	}
}

// legID is the Uniqueid of the leg with a name.
func legID(c *Call, channel string) string {
	for i := range c.Legs {
		if c.Legs[i].Channel == channel {
			return c.Legs[i].Uniqueid
		}
	}
	return ""
}

// celMoves adds the transfers, parkings, pickups and visits to queues that began in a gap.
func (f *filler) celMoves(recorded *Call) {
	c := &f.call
	add := func(what string, at time.Time, known bool) bool {
		if known || !f.hidden(at) {
			return false
		}
		f.filled(what, FromCEL)
		return true
	}
	for _, x := range recorded.Transfers {
		known := slices.ContainsFunc(c.Transfers, func(o Transfer) bool { return o.Type == x.Type && o.By == x.By && o.At.Sub(x.At).Abs() < timeApart })
		if add("transfers", x.At, known) {
			c.Transfers = append(c.Transfers, x)
		}
	}
	for _, p := range recorded.Parking {
		known := slices.ContainsFunc(c.Parking, func(o Parking) bool { return o.Parkee == p.Parkee && o.At.Sub(p.At).Abs() < timeApart })
		if add("parking", p.At, known) {
			c.Parking = append(c.Parking, p)
		}
	}
	for _, p := range recorded.Pickups {
		if add("pickups", p.At, slices.ContainsFunc(c.Pickups, func(o Pickup) bool { return o.By == p.By })) {
			c.Pickups = append(c.Pickups, p)
		}
	}
	for _, v := range recorded.Queues {
		if len(c.Queues) == 0 && f.hidden(v.Entered) { // when he came is not told, so it stays uncertain
			c.Queues = append(c.Queues, v)
			f.filled("queues", FromCEL)
			f.doubt("queues")
		}
	}
}

// celEnd takes over when the call ended, and who ended it.
func (f *filler) celEnd(recorded *Call) {
	c := &f.call
	if !f.uncertain("ended") && !f.guessed(c.Ended) {
		return
	}
	last := time.Time{}
	for i := range c.Legs {
		if c.Legs[i].Uncertain {
			return
		}
		last = latest(last, c.Legs[i].Ended)
	}
	if last.IsZero() {
		return
	}
	c.Ended = last
	if recorded.HangupBy != "" && recorded.Ended.Sub(last).Abs() < timeApart {
		c.HangupBy = recorded.HangupBy
	}
	f.filled("ended", FromCEL)
}

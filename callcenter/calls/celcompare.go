package calls

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// matching says which calls of the channel event log and which of the stream are the same: those that have a leg in common.
type matching struct {
	calls []*Call           // for each call of the log, the one of the stream; nil if it was not seen
	told  map[*Call][]*Call // for each call of the stream, those of the log, the one with its ID first
}

// matchCEL finds for each call of the log the one of the stream that has its first leg, else any.
func (w *Witness) matchCEL(told []Call) matching {
	m := matching{calls: make([]*Call, len(told)), told: map[*Call][]*Call{}}
	for i := range told {
		c := &told[i]
		for j := range c.Legs {
			known := w.legs[c.Legs[j].Uniqueid].call
			if known == nil {
				continue
			}
			if m.calls[i] == nil {
				m.calls[i] = known
			}
			if others := m.told[known]; !slices.Contains(others, c) {
				m.told[known] = append(others, c)
			}
		}
	}
	for known, others := range m.told {
		slices.SortStableFunc(others, func(a, b *Call) int { return btoi(b.ID == known.ID) - btoi(a.ID == known.ID) })
	}
	return m
}

// drop makes calls of the log unseen whose first leg was taken for a part of another call.
func (m *matching) drop(told []Call, legs []Leg) {
	for i := range told {
		first := func(leg Leg) bool { return len(told[i].Legs) > 0 && told[i].Legs[0].Uniqueid == leg.Uniqueid }
		if slices.ContainsFunc(legs, first) && told[i].ID != m.calls[i].ID {
			m.calls[i] = nil
		}
	}
}

// compareCEL compares a call of the log with one of the stream.
func (w *Witness) compareCEL(r *Report, story *celStory, recorded, told *Call) {
	if told == nil {
		r.Counts[Unseen]++
		r.Disagreements = append(r.Disagreements, Disagreement{
			Verdict: Unseen, Source: FromCEL, Call: recorded.ID, What: "call", Recorded: string(recorded.Result),
		})
		return
	}
	c := comparison{story: story, told: told, recorded: recorded}
	c.all()
	for _, d := range c.found {
		r.Counts[d.Verdict]++
	}
	if len(c.found) == 0 {
		r.Counts[Agrees]++
	}
	r.Disagreements = append(r.Disagreements, c.found...)
}

// comparison compares two tellings of a call.
type comparison struct {
	story          *celStory
	told, recorded *Call
	found          []Disagreement
}

// all compares what both can tell.
func (c *comparison) all() {
	t, r := c.told, c.recorded
	c.same("call", t.ID, r.ID)
	c.same("direction", string(t.Direction), string(r.Direction))
	c.same("kind", string(t.Kind), string(r.Kind))
	c.same("result", string(t.Result), string(r.Result))
	c.same("dialed", t.Dialed, r.Dialed)
	c.same("caller", t.Caller.Number, r.Caller.Number)
	c.same("callee", fmt.Sprint(t.Callee.Kind, " ", t.Callee.Number), fmt.Sprint(r.Callee.Kind, " ", r.Callee.Number))
	c.same("answered_by", t.AnsweredBy, r.AnsweredBy)
	c.same("hangup_by", t.HangupBy, r.HangupBy)
	c.same("merged_into", t.MergedInto, r.MergedInto)
	c.same("transfers", transfersText(t), transfersText(r))
	c.same("queues", queuesText(t), queuesText(r))
	c.same("parking", parkingText(t), parkingText(r))
	c.same("pickups", pickupsText(t), pickupsText(r))
	c.same("conferences", conferencesText(t), conferencesText(r))
	c.legs()
	c.talks()
}

func (c *comparison) same(what, told, recorded string) {
	if told == recorded {
		return
	}
	c.found = append(c.found, Disagreement{
		Verdict: c.verdict(what, told, recorded), Source: FromCEL, Call: c.told.ID, What: what, Told: told, Recorded: recorded,
	})
}

// timeApart is how far apart two times of the same may be: a telephone that has hung up may keep its channel for some
// seconds.
const timeApart = 3 * time.Second

func (c *comparison) near(what string, told, recorded time.Time) {
	if told.IsZero() == recorded.IsZero() && told.Sub(recorded).Abs() <= timeApart {
		return
	}
	c.same(what, timeText(told), timeText(recorded))
}

func timeText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02T15:04:05.000Z")
}

func (c *comparison) legs() {
	recorded := map[string]*Leg{}
	for i := range c.recorded.Legs {
		recorded[c.recorded.Legs[i].Uniqueid] = &c.recorded.Legs[i]
	}
	for i := range c.told.Legs {
		leg := &c.told.Legs[i]
		other := recorded[leg.Uniqueid]
		if other == nil {
			c.same("leg "+leg.Channel, leg.Channel, "")
			continue
		}
		delete(recorded, leg.Uniqueid)
		c.near("answered "+leg.Channel, leg.Answered, other.Answered)
		c.near("ended "+leg.Channel, leg.Ended, other.Ended)
	}
	for i := range c.recorded.Legs { // in order
		if leg := &c.recorded.Legs[i]; recorded[leg.Uniqueid] != nil {
			c.same("leg "+leg.Channel, "", leg.Channel)
		}
	}
}

// talks compares who talked with whom, and for how long.
func (c *comparison) talks() {
	told, recorded := pairs(c.told), pairs(c.recorded)
	for _, pair := range sortedKeys(told, recorded) {
		a, b := told[pair], recorded[pair]
		one := (a == nil) != (b == nil) && max(length(a), length(b)) >= talkMinimum
		if one || length(a)-length(b) > timeApart || length(b)-length(a) > timeApart {
			c.same("conversation "+pair, length(a).String(), length(b).String())
		}
	}
}

// verdict finds the reason why two tellings differ.
func (c *comparison) verdict(what, told, recorded string) Verdict {
	t, r := c.told, c.recorded
	what, _, _ = strings.Cut(what, " ")
	switch {
	case r.Ended.IsZero():
		return NotEnded
	case !c.story.whole(r):
		return Incomplete
	case len(t.Gaps) > 0 || len(t.Uncertain) > 0:
		return InGap
	case (t.Kind == Spying || len(t.Menus) > 0) && (what == "kind" || what == "callee" || what == "result"):
		return DialplanUntold
	case upForAMoment(t, r) && (what == "result" || what == "answered_by" || what == "hangup_by"):
		return UpForAMoment
	case what == "queues", what == "result" && len(t.Queues) > 0, what == "callee" && t.Callee.Kind == QueueParty:
		return QueueUntold
	case what == "conversation" && holds(t) && longer(recorded, told), what == "kind" && t.Kind == Consultation:
		return HoldUntold
	case what == "result" && told == string(NoAnswer) && recorded == string(Failed):
		return RingUntold
	case r.Callee.Number == "" && (what == "dialed" || what == "callee" || what == "direction"):
		return NumberUntold
	}
	return Unexplained
}

// holds tells whether anybody of a call was kept on hold.
func holds(c *Call) bool {
	return slices.ContainsFunc(c.Legs, func(leg Leg) bool { return leg.HoldTime > 0 })
}

// longer tells whether a text of a duration is that of a longer one than another.
func longer(a, b string) bool {
	long, errA := time.ParseDuration(a)
	short, errB := time.ParseDuration(b)
	return errA == nil && errB == nil && long > short
}

// upForAMoment tells whether a leg was up that did not answer the call, and the log says that it did.
func upForAMoment(told, recorded *Call) bool {
	return told.AnsweredBy == "" && slices.ContainsFunc(told.Legs, func(leg Leg) bool {
		return !leg.Answered.IsZero() && leg.Channel == recorded.AnsweredBy && leg.TalkTime == 0
	})
}

// whole tells whether the log has the beginning of all legs of a call.
func (s *celStory) whole(c *Call) bool {
	for i := range c.Legs {
		if ch := s.channels[c.Legs[i].Uniqueid]; ch == nil || !ch.begun {
			return false
		}
	}
	return true
}

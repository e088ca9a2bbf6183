package calls

import (
	"maps"
	"slices"
	"time"
)

// Witness holds calls against what Asterisk recorded of them: call detail records, the channel event log, or both. It finds
// what is wrong, and fills what gaps hide. Calls that it is given it leaves as they are; [Witness.Report] returns
// those that have gained. It remembers all calls and rows that it is given: use one for a day, say.
//
//	witness := calls.NewWitness(cfg)
//	for _, call := range finished {
//		witness.Add(call)
//	}
//	for row, err := range calls.ReadCEL(file, calls.CSV{}) {
//		if err != nil {
//			log(err) // a bad row; reading goes on
//			continue
//		}
//		witness.HearCEL(row)
//	}
//	report := witness.Report()
type Witness struct {
	cfg      Config
	settings settings
	calls    []*Call
	legs     map[string]legOf   // by Uniqueid of the channel
	names    map[string][]legOf // by name, which may come again
	unseen   []Record
	records  map[*Call][]Record // of known channels
	rows     []CELRow

	disagreements []Disagreement // of records
	// Counts is how many call detail records there were of each verdict.
	Counts map[Verdict]int
}

type legOf struct {
	call *Call
	leg  *Leg
}

// NewWitness returns a Witness that knows no call.
func NewWitness(cfg Config) *Witness {
	return &Witness{
		cfg: cfg, settings: newSettings(cfg), legs: map[string]legOf{}, names: map[string][]legOf{}, records: map[*Call][]Record{},
		Counts: map[Verdict]int{},
	}
}

// Add takes a finished call.
func (w *Witness) Add(c Call) {
	w.calls = append(w.calls, &c)
	for i := range c.Legs {
		leg := &c.Legs[i]
		w.legs[leg.Uniqueid] = legOf{&c, leg}
		w.names[leg.Channel] = append(w.names[leg.Channel], legOf{&c, leg})
	}
}

// HearCEL takes a row of the channel event log; [Witness.Report] makes use of it. Rows may come in any order, but for
// those of the same time. Give each row once, and all rows of a call: of those of a part, what was before is not known.
func (w *Witness) HearCEL(row CELRow) { w.rows = append(w.rows, row) }

// Hear takes a call detail record, and says how it agrees with the calls. Give it after all calls that were at the same
// time.
func (w *Witness) Hear(r Record) Verdict {
	verdict, source := w.judge(r)
	w.Counts[verdict]++
	if source.call != nil {
		w.records[source.call] = append(w.records[source.call], r)
	}
	if verdict == Agrees {
		return verdict
	}
	d := Disagreement{Verdict: verdict, Source: FromCDR, Call: callID(r), What: "answered", Recorded: r.Disposition}
	if source.call != nil {
		d.Call, d.Told = source.call.ID, string(source.call.Result)
	}
	w.disagreements = append(w.disagreements, d)
	if verdict == Unseen {
		w.unseen = append(w.unseen, r)
	}
	return verdict
}

// judge returns the leg of the record's channel too, if it is known.
func (w *Witness) judge(r Record) (Verdict, legOf) {
	source := w.source(r)
	switch {
	case IsPlumbing(r.Channel) || IsPlumbing(r.Dest):
		return HalfRecord, source
	case source.call == nil:
		return Unseen, source
	}
	answered := r.Disposition == recordAnswered
	if r.Dest == "" {
		return judgeAlone(source.leg, answered), source
	}
	dest := w.named(r.Dest, r.Start, r.End)
	switch {
	case dest.call == nil && len(source.call.Gaps) > 0:
		return InGap, source // it was rung in the gap
	case dest.call == nil:
		return Unseen, legOf{}
	case answered == w.talked(source, dest):
		return Agrees, source
	case len(source.call.Gaps) > 0 || len(dest.call.Gaps) > 0:
		return InGap, source
	case answered && dest.leg.Answered.IsZero():
		return WasWaiting, source
	case answered && conferred(source.call):
		return ByApplication, source
	}
	return Moved, source
}

// source is the leg of the record's channel.
func (w *Witness) source(r Record) legOf {
	if r.Uniqueid != "" {
		return w.legs[r.Uniqueid]
	}
	return w.named(r.Channel, r.Start, r.End)
}

// named is the leg with a name that was there in a piece of time. Names come again after a restart of Asterisk.
func (w *Witness) named(name string, start, end time.Time) legOf {
	const slack = 2 * time.Second // times of records are to the second
	for _, l := range w.names[name] {
		began := !end.IsZero() && l.leg.Started.After(end.Add(slack))
		gone := !l.leg.Ended.IsZero() && l.leg.Ended.Before(start.Add(-slack))
		if !began && !gone {
			return l
		}
	}
	return legOf{}
}

// judgeAlone judges the record of a channel that no other one is in.
func judgeAlone(leg *Leg, answered bool) Verdict {
	switch {
	case answered && !leg.Answered.IsZero():
		return ByApplication
	case !answered && leg.Answered.IsZero():
		return Agrees
	case leg.Uncertain:
		return InGap
	case !answered:
		return Moved
	}
	return Unexplained
}

func conferred(c *Call) bool { return len(c.Conferences) > 0 }

// talked tells whether two legs had a conversation.
func (w *Witness) talked(a, b legOf) bool {
	are := func(v Conversation) bool {
		return (v.A == a.leg.Channel && v.B == b.leg.Channel) || (v.A == b.leg.Channel && v.B == a.leg.Channel)
	}
	return slices.ContainsFunc(a.call.Conversations, are) || slices.ContainsFunc(b.call.Conversations, are)
}

// Report compares the calls with all that was heard, and fills them. It may be called again when more was.
func (w *Witness) Report() Report {
	r := Report{Disagreements: slices.Clone(w.disagreements), Counts: maps.Clone(w.Counts)}
	story := newCELStory(w.cfg, w.rows)
	told := story.calls(w.cfg)
	seen := w.matchCEL(told)
	for i := range told {
		w.compareCEL(&r, story, &told[i], seen.calls[i])
	}
	for _, c := range w.calls {
		f := newFiller(c)
		f.fromCEL(story, seen.told[c])
		f.fromCDR(w, w.records[c])
		if len(f.call.Filled) > 0 {
			r.Calls = append(r.Calls, f.call)
		}
		seen.drop(told, f.dropped)
	}
	r.Calls = append(r.Calls, w.unseenCalls(story, told, seen)...)
	slices.SortStableFunc(r.Calls, func(a, b Call) int { return a.Started.Compare(b.Started) })
	return r
}

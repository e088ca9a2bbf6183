package calls

import (
	"cmp"
	"slices"
	"time"
)

// celTalks puts the conversations right that a gap hides: outside the gaps they are as the stream told them, inside as the
// log does. The log does not know of holds: what it tells of a pair that was on hold when a gap began is not taken, and
// whether somebody was on hold in the gap stays uncertain.
func (f *filler) celTalks(story *celStory, recorded []*Call) {
	if !f.uncertain("conversations") && !f.uncertain("ended") && !f.uncertain("parties") && !f.uncertain("answered") {
		return
	}
	told, logged := pairs(&f.call), map[string][]span{}
	names := map[string]Conversation{}
	for _, c := range recorded {
		for _, v := range c.Conversations {
			pair := pairText(v)
			logged[pair] = append(logged[pair], span{v.Start, v.End})
			names[pair] = v
		}
	}
	for _, v := range f.call.Conversations {
		names[pairText(v)] = v
	}
	var all []Conversation
	for _, pair := range sortedKeys(told, logged) {
		for _, s := range f.join(told[pair], logged[pair]) {
			v := names[pair]
			v.Start, v.End = s.start, s.end
			all = append(all, v)
		}
	}
	slices.SortStableFunc(all, func(a, b Conversation) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	})
	if slices.EqualFunc(all, f.call.Conversations, sameTalk) {
		return
	}
	f.call.Conversations = all
	for i := range f.call.Legs {
		leg := &f.call.Legs[i]
		elsewhere := slices.DeleteFunc(slices.Clone(story.talks[leg.Channel]), func(v Conversation) bool { return names[pairText(v)].A != "" })
		leg.TalkTime = talkOf(append(elsewhere, all...), leg.Channel)
	}
	if len(f.call.Legs) > 0 {
		f.call.TalkTime = f.call.Legs[0].TalkTime
	}
	f.filled("conversations", FromCEL)
	f.doubt("hold")
}

func sameTalk(a, b Conversation) bool {
	return a.A == b.A && a.B == b.B && a.Start.Equal(b.Start) && a.End.Equal(b.End)
}

// join makes the pieces of time in which two talked.
func (f *filler) join(told, logged []span) []span {
	if len(logged) == 0 && !f.uncertain("conversations") {
		return told
	}
	for _, gap := range f.call.Gaps {
		inside := within(logged, gap)
		if f.heldOver(told, inside, gap) {
			continue
		}
		told = append(outside(told, gap), inside...)
	}
	slices.SortFunc(told, func(a, b span) int { return a.start.Compare(b.start) })
	var joined []span
	for _, s := range told {
		last := len(joined) - 1
		if last >= 0 && s.start.Sub(joined[last].end) < settleTime {
			joined[last].end = latest(joined[last].end, s.end)
			continue
		}
		joined = append(joined, s)
	}
	return slices.DeleteFunc(joined, func(s span) bool { return s.end.Sub(s.start) < talkMinimum })
}

// heldOver tells whether two did not talk on either side of a gap although they were in a bridge all the time.
func (f *filler) heldOver(told, inside []span, gap Gap) bool {
	if len(inside) != 1 || inside[0].start.After(gap.Start) {
		return false
	}
	talking := slices.ContainsFunc(told, func(s span) bool {
		return s.start.Before(gap.Start) && (s.end.IsZero() || !s.end.Before(gap.Start.Add(-settleTime)))
	})
	return !talking && slices.ContainsFunc(f.call.Legs, func(leg Leg) bool { return leg.HoldTime > 0 })
}

// within are the pieces of spans that are in a gap; outside are the others.
func within(spans []span, gap Gap) []span {
	var in []span
	for _, s := range spans {
		start, end := latest(s.start, gap.Start), earliest(gap.End, s.end)
		if end.After(start) {
			in = append(in, span{start, end})
		}
	}
	return in
}

func outside(spans []span, gap Gap) []span {
	var out []span
	for _, s := range spans {
		if end := earliest(gap.Start, s.end); end.After(s.start) {
			out = append(out, span{s.start, end})
		}
		if start := latest(s.start, gap.End); s.end.After(start) {
			out = append(out, span{start, s.end})
		}
	}
	return out
}

// talkOf is for how long a channel talked; what overlaps counts once.
func talkOf(all []Conversation, channel string) time.Duration {
	slices.SortFunc(all, func(a, b Conversation) int { return a.Start.Compare(b.Start) })
	var total time.Duration
	var until time.Time
	for _, v := range all {
		if v.A != channel && v.B != channel {
			continue
		}
		start := latest(v.Start, until)
		if v.End.After(start) {
			total += v.End.Sub(start)
			until = v.End
		}
	}
	return total
}

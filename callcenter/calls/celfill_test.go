package calls_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// Whatever piece is cut out of a stream: the channel event log and the call detail records give back the calls that were in
// it, and what they fill is what the whole stream tells.
func TestAnyCutIsFilled(t *testing.T) {
	fills := map[calls.Filling]int{}
	for _, r := range situations(t) {
		if r.hasGap() {
			continue
		}
		messages := relevant(r.messages(t))
		whole, _ := play(t, messages)
		random := rand.New(rand.NewPCG(7, uint64(len(messages))))
		for range 10 {
			from := random.IntN(len(messages))
			to := from + random.IntN(len(messages)-from)
			ended := playCut(t, messages, from, to)
			for _, c := range slices.Concat(filledBy(t, ended, celRows(t, r), nil), filledBy(t, ended, nil, cdrRecords(t, r))) {
				checkFilled(t, fmt.Sprintf("%s cut %d:%d", r.name, from, to), whole, c)
				for _, f := range c.Filled {
					fills[f]++
				}
			}
		}
	}
	t.Log(fills)
	for _, what := range []string{"legs", "answered", "ended", "conversations", "parties", "transfers", "parking", "pickups", "call"} {
		if fills[calls.Filling{What: what, Source: calls.FromCEL}] == 0 {
			t.Errorf("the log never fills %s", what)
		}
	}
	for _, what := range []string{"legs", "answered", "ended", "call"} {
		if fills[calls.Filling{What: what, Source: calls.FromCDR}] == 0 {
			t.Errorf("records never fill %s", what)
		}
	}
}

func filledBy(t *testing.T, ended []calls.Call, rows []calls.CELRow, records []calls.Record) []calls.Call {
	t.Helper()
	witness := calls.NewWitness(recordedConfig(t))
	for _, c := range ended {
		witness.Add(c)
	}
	for _, row := range rows {
		witness.HearCEL(row)
	}
	for _, record := range records {
		witness.Hear(record)
	}
	return witness.Report().Calls
}

// playCut plays the messages without those of a piece, with a snapshot after it, and returns the calls that ended.
func playCut(t *testing.T, messages []ami.Message, from, to int) (ended []calls.Call) {
	t.Helper()
	tracker := calls.NewTracker(recordedConfig(t))
	pbx := newListed()
	var changes []calls.Change
	var gap calls.Gap
	for i, message := range messages {
		at := time.UnixMicro(micro(message))
		pbx.take(message, at)
		if i == to && to > from {
			gap.End = at
			if !at.After(gap.Start) {
				gap.End = gap.Start.Add(time.Microsecond)
			}
			changes = append(changes, tracker.Resync(pbx.snapshot(t, at), gap)...)
		}
		if i < from {
			gap.Start = at
		}
		if i < from || i >= to {
			changes = append(changes, tracker.Feed(message, at)...)
		}
	}
	for _, change := range append(changes, tracker.Flush()...) {
		if change.Kind == calls.Finished {
			ended = append(ended, change.Call)
		}
	}
	return ended
}

// checkFilled compares what was filled with the call as it was.
func checkFilled(t *testing.T, name string, whole []calls.Call, got calls.Call) {
	t.Helper()
	i := slices.IndexFunc(whole, func(c calls.Call) bool { return c.ID == got.ID })
	if i < 0 && got.MergedInto != "" {
		return
	}
	cdr := slices.ContainsFunc(got.Filled, func(f calls.Filling) bool { return f.Source == calls.FromCDR })
	if i < 0 {
		if !cdr { // a record's Linkedid may be that of any call that its channels have met
			t.Errorf("%s: a call that there never was: %s %v", name, got.ID, got.Filled)
		}
		return
	}
	want := whole[i]
	is := func(what string) bool {
		return slices.ContainsFunc(got.Filled, func(f calls.Filling) bool { return f.What == what })
	}
	certain := func(what string) bool { return is(what) && !slices.Contains(got.Uncertain, what) }
	wrong := func(what string, want, got any) {
		t.Errorf("%s: cdr %t: %s is %v, was %v", name, cdr, what, got, want)
	}
	if certain("answered") && got.AnsweredBy != want.AnsweredBy {
		wrong("answerer", want.AnsweredBy, got.AnsweredBy)
	}
	if certain("answered") && got.Result != want.Result && !slices.Contains(got.Uncertain, "result") {
		wrong("result", want.Result, got.Result)
	}
	if is("ended") && got.Ended.Sub(want.Ended) > 3*time.Second || certain("ended") && want.Ended.Sub(got.Ended) > 3*time.Second {
		wrong("end", want.Ended, got.Ended)
	}
	if certain("parties") && (got.Direction != want.Direction || got.Caller != want.Caller || got.Dialed != want.Dialed) {
		wrong("parties", []any{want.Direction, want.Caller, want.Dialed}, []any{got.Direction, got.Caller, got.Dialed})
	}
	checkFilledLegs(t, name, want, got)
	hold := slices.ContainsFunc(want.Legs, func(l calls.Leg) bool { return l.HoldTime > 0 })
	if is("conversations") && !hold && (got.TalkTime-want.TalkTime).Abs() > 3*time.Second {
		wrong("talk time", want.TalkTime, got.TalkTime)
	}
}

func checkFilledLegs(t *testing.T, name string, want, got calls.Call) {
	t.Helper()
	all := slices.Contains(got.Filled, calls.Filling{What: "legs", Source: calls.FromCEL})
	if all && len(want.Legs) != len(got.Legs) {
		t.Errorf("%s: %d legs, were %d", name, len(got.Legs), len(want.Legs))
	}
	for _, leg := range got.Legs {
		i := slices.IndexFunc(want.Legs, func(l calls.Leg) bool { return l.Uniqueid == leg.Uniqueid })
		if all && !leg.Uncertain && i >= 0 && leg.Ended.Sub(want.Legs[i].Ended).Abs() > 3*time.Second {
			t.Errorf("%s: %s ended at %v, was %v", name, leg.Channel, leg.Ended, want.Legs[i].Ended)
		}
	}
}

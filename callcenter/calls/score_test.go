package calls_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// How far apart the clocks and ears of the phones and the events may be, in seconds.
const (
	timeTolerance  = 0.35
	queueTolerance = 1.0
	talkTolerance  = 0.7
	codeTolerance  = 1.5 // where a feature code is dialled, by somebody or other
)

// score compares the calls that were told with the truth, fact by fact.
type score struct {
	t      *testing.T
	truth  *trueStory
	told   []toldCall
	checks int

	channels map[string]string  // by name of the leg
	pairs    map[string]int     // index of the told call, by name of the true one
	handed   map[string]float64 // when a transferer's leg was done with
	codes    bool               // a transfer by feature code is among them
	hidden   map[string]bool    // channels of calls that came and went in a gap
	paired   map[int]bool       // told calls that have their true one
}

func newScore(t *testing.T, truth *trueStory, told []toldCall) *score {
	s := &score{
		t: t, truth: truth, told: told, channels: map[string]string{"": "", "system": "system"}, pairs: map[string]int{},
		handed: map[string]float64{}, hidden: map[string]bool{}, paired: map[int]bool{},
	}
	for _, c := range truth.Calls {
		for _, leg := range c.Legs {
			s.channels[leg.ID] = leg.Channel
			if !shown(c.Visible) {
				s.hidden[leg.Channel] = true
			}
		}
		for _, x := range c.Transfers {
			s.codes = s.codes || x.How == "dtmf"
			s.handOver(x)
		}
	}
	return s
}

// handOver notes who was done with when a call was transferred: Asterisk drops the transferer's channels before, or after,
// its telephone is told.
func (s *score) handOver(x trueTransfer) {
	if x.By == "" {
		return
	}
	legs := []string{x.By}
	for _, c := range s.truth.Calls {
		if c.ID == x.Consultation {
			for _, leg := range c.Legs {
				legs = append(legs, leg.ID)
			}
		}
	}
	for _, leg := range legs {
		if at, ok := s.handed[leg]; !ok || x.At < at {
			s.handed[leg] = x.At
		}
	}
}

func (s *score) check(ok bool, format string, args ...any) {
	s.t.Helper()
	s.checks++
	if !ok {
		s.t.Errorf(format, args...)
	}
}

func (s *score) same(what string, want, got any) {
	s.t.Helper()
	s.check(fmt.Sprint(want) == fmt.Sprint(got), "%s is %v, want %v", what, got, want)
}

func (s *score) near(what string, want, got, tolerance float64) {
	s.t.Helper()
	s.check(math.Abs(want-got) <= tolerance, "%s is %f, want %f", what, got, want)
}

// at compares two times. What happened in a gap of the stream was not seen: any time in it is right, and none too.
func (s *score) at(what string, want, got, tolerance float64) {
	s.t.Helper()
	if want == 0 {
		s.check(got == 0, "%s is %f, want none", what, got)
		return
	}
	for _, gap := range s.truth.Gaps {
		if want >= gap.Start-0.05 && want <= gap.End+0.05 {
			s.check(got == 0 || (got >= gap.Start-0.5 && got <= gap.End+1.5), "%s is %f, want one in the gap %v", what, got, gap)
			return
		}
	}
	s.check(got != 0 && math.Abs(want-got) <= tolerance, "%s is %f, want %f", what, got, want)
}

func (s *score) inGap(at float64) bool {
	return at != 0 && slices.ContainsFunc(s.truth.Gaps, func(g trueGap) bool { return g.Start-0.05 <= at && at <= g.End+0.05 })
}

// lost is how much of a piece of time may have been lost in gaps.
func (s *score) lost(start, end float64) (total float64) {
	for _, gap := range s.truth.Gaps {
		if start <= gap.End && end >= gap.Start-0.05 {
			total += gap.End - gap.Start
		}
	}
	return total
}

func (s *score) compare() {
	s.match()
	visible := 0
	for i := range s.truth.Calls {
		want := &s.truth.Calls[i]
		if !shown(want.Visible) {
			continue
		}
		visible++
		got, ok := s.pairs[want.ID]
		s.check(ok, "call %s is not told", want.ID)
		if ok {
			s.call(want, &s.told[got])
		}
	}
	s.same("number of calls", visible, len(s.told))
	s.talks()
}

// match finds for each true call the told one that has most of its channels. Ids are compared: names come again after a
// restart.
func (s *score) match() {
	order := make([]*trueCall, 0, len(s.truth.Calls))
	for i := range s.truth.Calls {
		order = append(order, &s.truth.Calls[i])
	}
	slices.SortStableFunc(order, func(a, b *trueCall) int { return len(b.Legs) - len(a.Legs) })
	for _, want := range order {
		if !shown(want.Visible) {
			continue
		}
		best, most := -1, 0
		for i := range s.told {
			if n := common(want.Legs, s.told[i].Legs); n > most && !s.paired[i] {
				best, most = i, n
			}
		}
		if best >= 0 {
			s.pairs[want.ID], s.paired[best] = best, true
		}
	}
}

func common(want []trueLeg, got []jsonLeg) (n int) {
	for _, leg := range want {
		if slices.ContainsFunc(got, func(other jsonLeg) bool { return other.Uniqueid == leg.Uniqueid }) {
			n++
		}
	}
	return n
}

func (s *score) call(want *trueCall, got *toldCall) {
	name := want.ID
	s.same(name+" direction", want.Direction, got.Direction)
	if want.KindAny == nil {
		s.same(name+" kind", want.Kind, got.Kind)
	}
	if !want.Race {
		s.same(name+" result", want.Result, got.Result)
		s.same(name+" missed", want.Missed, got.Missed)
		s.parties(want, got)
		s.times(want, got)
	}
	s.legs(want, got)
	s.transfers(want, got)
	s.queues(want, got)
	s.others(want, got)
}

func (s *score) parties(want *trueCall, got *toldCall) {
	name := want.ID
	merged := ""
	if i, ok := s.pairs[want.MergedInto]; ok {
		merged = s.told[i].ID
	}
	s.same(name+" merged into", merged, got.MergedInto)
	if want.Caller != nil && want.Caller.Kind != "system" {
		s.same(name+" caller", want.Caller.Number, got.Caller.Number)
	}
	if want.Callee != nil {
		s.same(name+" callee's kind", want.Callee.Kind, got.Callee.Kind)
		if want.Callee.Kind == "extension" || want.Callee.Kind == "external" {
			s.same(name+" callee", want.Callee.Number, got.Callee.Number)
		}
	}
	if want.Dialed != "" && !want.Callback && !want.Dialer {
		s.same(name+" dialed", want.Dialed, got.Dialed)
	}
}

func (s *score) times(want *trueCall, got *toldCall) {
	name := want.ID
	s.at(name+" started", want.Started, got.Started, timeTolerance)
	if want.Kind != "spy" {
		s.at(name+" answered", want.Answered, got.Answered, timeTolerance)
	}
	s.at(name+" ended", want.Ended, got.Ended, timeTolerance)
	by := s.channels[answeredBy(s.t, want.AnsweredBy)]
	s.check(by == got.AnsweredBy || (s.inGap(want.Answered) && got.AnsweredBy == ""), "%s answered by %s, want %s", name, got.AnsweredBy, by)
	if want.HangupBy != "" && !s.inGap(want.Ended) {
		s.same(name+" hung up by", s.channels[want.HangupBy], got.HangupBy)
	}
}

// answeredBy reads the name of a leg, or the first of several.
func answeredBy(t *testing.T, text json.RawMessage) string {
	var one string
	var several []string
	if len(text) == 0 || json.Unmarshal(text, &one) == nil {
		return one
	}
	if err := json.Unmarshal(text, &several); err != nil || len(several) == 0 {
		t.Fatalf("answered_by %s: %v", text, err)
	}
	return several[0]
}

// talks compares who heard whom, over all calls: a conversation may be told by either call.
func (s *score) talks() {
	want, got := map[string][]jsonTalk{}, map[string][]jsonTalk{}
	for _, c := range s.truth.Calls {
		for _, talk := range c.Conversations {
			key := pairKey(s.channels[talk.A], s.channels[talk.B])
			want[key] = append(want[key], talk)
		}
	}
	for _, c := range s.told {
		for _, talk := range c.Conversations {
			got[pairKey(talk.A, talk.B)] = append(got[pairKey(talk.A, talk.B)], talk)
		}
	}
	for key, talks := range want {
		s.talk(key, talks, got[key])
	}
	for key, talks := range got {
		a, b, _ := strings.Cut(key, " ")
		if want[key] == nil && !s.hidden[a] && !s.hidden[b] {
			s.check(total(talks) < 0.5, "%s talked for %f s, want not at all", key, total(talks))
		}
	}
}

func pairKey(a, b string) string {
	return min(a, b) + " " + max(a, b)
}

func total(talks []jsonTalk) (sum float64) {
	for _, talk := range talks {
		sum += talk.End - talk.Start
	}
	return sum
}

func (s *score) talk(key string, want, got []jsonTalk) {
	a, b, _ := strings.Cut(key, " ")
	if s.hidden[a] || s.hidden[b] {
		return
	}
	slack := 0.0
	for _, talk := range want {
		slack += s.lost(talk.Start, talk.End)
	}
	if len(got) == 0 {
		s.check(total(want)-slack < 0.3, "%s did not talk, want for %f s", key, total(want))
		return
	}
	s.near(key+" talked", total(want), total(got), s.talkTolerance()+slack)
	s.at(key+" talk start", bound(want, true), bound(got, true), 0.6)
	s.at(key+" talk end", bound(want, false), bound(got, false), 0.6)
}

func (s *score) talkTolerance() float64 {
	if s.codes {
		return codeTolerance
	}
	return talkTolerance
}

// bound is the first start or the last end of conversations.
func bound(talks []jsonTalk, first bool) float64 {
	at := talks[0].End
	if first {
		at = talks[0].Start
	}
	for _, talk := range talks {
		if first {
			at = min(at, talk.Start)
		} else {
			at = max(at, talk.End)
		}
	}
	return at
}

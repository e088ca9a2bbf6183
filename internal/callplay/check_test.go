package callplay_test

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/asterism-go/asterism/callcenter/calls"
)

// tolerance is how far what a phone notes may be from what Asterisk says of it: audio takes its time, and the ears of a
// phone end a tone that has been away for 0.3 s.
const tolerance = 700 * time.Millisecond

// want is what a script knows about one of its calls.
type want struct {
	of                *line // the call is the one that this line is a leg of
	direction         calls.Direction
	kind              calls.Kind // default: Ordinary
	result            calls.Result
	missed            bool
	caller, callee    string // numbers, or the name of a queue and the like
	answeredBy        *line
	hungUpBy          *line
	endedBySystem     bool
	outcomes          map[*line]calls.Outcome
	transfers         []transferWant
	merged            *line // the call became part of the one of this line
	facts             func(calls.Call) error
	pickedUp, spiedOn int
}

type transferWant struct {
	kind           calls.TransferType
	by, transferee *line // nil: nobody; not checked
	to             *line
	result         calls.TransferResult
}

// findings are differences between the calls told and what was played.
type findings struct {
	room    *room
	scene   *scene
	byLeg   map[string][]calls.Call
	talks   map[string][]talk
	found   []string
	audio   int // how many of these are about tones
	channel map[*line]string
}

type talk struct {
	with string // endpoint
	span
}

// examine holds everything that was told against a scene, and tells whether all that it finds is about when tones were
// heard. The lock of the room must be free, and its calls finished.
func (r *room) examine(s *scene, index *findings) (found []string, audio bool) {
	f := &findings{room: r, scene: s, byLeg: index.byLeg, talks: index.talks, channel: map[*line]string{}}
	for _, l := range s.lines {
		r.mu.Lock()
		f.channel[l] = r.channels[l.CallID()]
		r.mu.Unlock()
		if f.channel[l] != "" {
			f.line(l)
		}
	}
	for _, w := range s.wants {
		f.call(w)
	}
	return f.found, f.audio == len(f.found)
}

// index is what all scenes share.
func (r *room) index() *findings {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := &findings{byLeg: map[string][]calls.Call{}, talks: map[string][]talk{}}
	for _, c := range r.calls {
		if c.absorbed {
			continue
		}
		for _, leg := range c.Legs {
			f.byLeg[leg.Channel] = append(f.byLeg[leg.Channel], c.Call)
		}
		for _, t := range c.Conversations {
			f.talks[t.A] = append(f.talks[t.A], talk{endpointOf(t.B), span{t.Start, t.End}})
			f.talks[t.B] = append(f.talks[t.B], talk{endpointOf(t.A), span{t.Start, t.End}})
		}
	}
	return f
}

func endpointOf(channel string) string {
	for i := len(channel) - 1; i > 0; i-- {
		if channel[i] == '-' {
			return channel[:i]
		}
	}
	return channel
}

func (f *findings) addf(format string, args ...any) {
	f.found = append(f.found, fmt.Sprintf(format, args...))
}

// line checks what every leg has: it is told once, with its times, its holds and those it talked with.
func (f *findings) line(l *line) {
	channel := f.channel[l]
	of := f.byLeg[channel]
	if len(of) != 1 {
		f.addf("%s is a leg of %d calls", channel, len(of))
		return
	}
	leg := legOf(of[0], channel)
	if want := cmp.Or(l.number, l.st.number); leg.Number != want && (l.st.trunk == 0 || !l.incoming || l.number != "") {
		f.addf("%s has the number %q, want %q", channel, leg.Number, want)
	}
	if want := l.kind(); leg.Kind != want {
		f.addf("%s is %s, want %s", channel, leg.Kind, want)
	}
	f.near(channel+" answered", leg.Answered, l.answered)
	if !l.transferred {
		f.near(channel+" ended", leg.Ended, l.gone)
	}
	if held := l.held(leg.Ended); leg.HoldTime-held > tolerance || held-leg.HoldTime > tolerance {
		f.addf("%s held for %v, want %v", channel, leg.HoldTime, held)
	}
	if want, refused := refusals[l.refused]; refused && leg.Outcome != want {
		f.addf("%s: outcome %s, want %s", channel, leg.Outcome, want)
	}
	if !l.answered.IsZero() && leg.Outcome != calls.LegAnswered {
		f.addf("%s was answered, and its outcome is %s", channel, leg.Outcome)
	}
	f.heard(l)
}

func (l *line) kind() calls.PartyKind {
	if l.st.trunk != 0 {
		return calls.External
	}
	return calls.Extension
}

var refusals = map[int]calls.Outcome{
	302: calls.LegRedirected, 486: calls.LegBusy, 603: calls.LegDeclined, 503: calls.LegCongestion,
}

// held is for how long the phone kept others on hold.
func (l *line) held(until time.Time) time.Duration {
	var sum time.Duration
	for _, h := range l.holds {
		if h.to.IsZero() {
			h.to = until
		}
		sum += h.to.Sub(h.from)
	}
	return sum
}

// near checks a time, which is zero if the phone knows none.
func (f *findings) near(what string, got, want time.Time) {
	switch apart := got.Sub(want).Abs(); {
	case got.IsZero() && want.IsZero():
	case got.IsZero() != want.IsZero():
		f.addf("%s at %s, want %s", what, clock(got), clock(want))
	case apart > tolerance:
		f.addf("%s at %s, want %s", what, clock(got), clock(want))
	}
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "no time"
	}
	return t.UTC().Format("15:04:05.000")
}

func legOf(c calls.Call, channel string) calls.Leg {
	i := slices.IndexFunc(c.Legs, func(leg calls.Leg) bool { return leg.Channel == channel })
	if i < 0 {
		return calls.Leg{}
	}
	return c.Legs[i]
}

// heard compares with whom a leg is said to have talked with whom the phones have heard.
func (f *findings) heard(l *line) {
	truth := map[string][]span{}
	for tone, st := range f.room.tones {
		if st == l.st {
			continue // an echo
		}
		if both := intersect(hears(l, tone), f.theyHear(st, l.st.tone)); len(both) > 0 {
			truth[st.endpoint] = both
		}
	}
	told := map[string][]span{}
	for _, t := range f.talks[f.channel[l]] {
		told[t.with] = append(told[t.with], t.span)
	}
	for _, st := range f.room.tones {
		for _, d := range differences(told[st.endpoint], truth[st.endpoint]) {
			f.audio++
			f.addf("%s and %s from %s to %s: told %v, heard %v", f.channel[l], st.endpoint, clock(d.from), clock(d.to),
				told[st.endpoint], truth[st.endpoint])
		}
	}
}

// hears is when a line heard a tone.
func hears(l *line, tone float64) []span {
	var spans []span
	for _, h := range l.Heard() {
		if h.Tone == tone {
			spans = append(spans, span{h.From, h.To})
		}
	}
	return spans
}

// theyHear is when a phone heard a tone in any of its calls of the scene.
func (f *findings) theyHear(st *station, tone float64) []span {
	var spans []span
	for _, l := range f.scene.lines {
		if l.st == st {
			spans = append(spans, hears(l, tone)...)
		}
	}
	return union(spans)
}

// call checks what a script wants of a call.
func (f *findings) call(w want) {
	of := f.byLeg[f.channel[w.of]]
	if len(of) != 1 {
		f.addf("%d calls of %s", len(of), w.of.st.endpoint)
		return
	}
	c := of[0]
	if w.kind == "" {
		w.kind = calls.Ordinary
	}
	same(f, "direction", c.Direction, w.direction)
	same(f, "kind", c.Kind, w.kind)
	same(f, "result", c.Result, w.result)
	same(f, "missed", c.Missed, w.missed)
	same(f, "caller", c.Caller.Number, w.caller)
	if callee := c.Callee.Number; callee != w.callee && c.Callee.Name != w.callee {
		f.addf("callee %v, want %s", c.Callee, w.callee)
	}
	same(f, "answered by", c.AnsweredBy, f.channel[w.answeredBy])
	if w.hungUpBy != nil {
		same(f, "hung up by", c.HangupBy, f.channel[w.hungUpBy])
	} else if w.endedBySystem {
		same(f, "hung up by", c.HangupBy, calls.System)
	}
	for l, outcome := range w.outcomes {
		same(f, "outcome of "+f.channel[l], legOf(c, f.channel[l]).Outcome, outcome)
	}
	same(f, "pickups", len(c.Pickups), w.pickedUp)
	same(f, "spies", len(c.Spies), w.spiedOn)
	f.transfers(c, w.transfers)
	if w.merged != nil {
		if into := f.byLeg[f.channel[w.merged]]; len(into) != 1 || c.MergedInto != into[0].ID {
			f.addf("%s is merged into %q, want the call of %s", c.ID, c.MergedInto, f.channel[w.merged])
		}
	}
	if len(c.Uncertain)+len(c.Gaps) > 0 {
		f.addf("uncertain %v, gaps %v", c.Uncertain, c.Gaps)
	}
	if w.facts != nil {
		if err := w.facts(c); err != nil {
			f.addf("%v", err)
		}
	}
}

func same[T comparable](f *findings, what string, got, want T) {
	if got != want {
		f.addf("%s %v, want %v", what, got, want)
	}
}

func (f *findings) transfers(c calls.Call, wants []transferWant) {
	same(f, "transfers", len(c.Transfers), len(wants))
	for i := range min(len(c.Transfers), len(wants)) {
		got, w := c.Transfers[i], wants[i]
		same(f, "type of transfer", got.Type, w.kind)
		same(f, "result of transfer", got.Result, w.result)
		same(f, "transfer by", got.By, f.channel[w.by])
		if w.transferee != nil {
			same(f, "transferee", got.Transferee, f.channel[w.transferee])
		}
		if w.to != nil {
			same(f, "transfer to", got.To, f.channel[w.to])
		}
	}
}

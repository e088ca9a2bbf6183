package calls

import (
	"slices"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// Record is a call detail record: what Asterisk itself keeps of two channels (cdr.csv, a table, or the event Cdr).
type Record struct {
	// Channel and Dest are names of channels; Dest is empty if an application took the call.
	Channel, Dest string
	// Uniqueid is Channel's; Linkedid what it was in the end.
	Uniqueid, Linkedid string
	// Source and Destination are numbers.
	Source, Destination string
	Disposition         string // ANSWERED, NO ANSWER, BUSY, FAILED, CONGESTION
	Start, Answer, End  time.Time
}

// RecordOf reads the event Cdr. Its times are Asterisk's local ones, without a zone, which is given.
func RecordOf(event ami.Message, zone *time.Location) (Record, bool) {
	if event.Event() != "Cdr" {
		return Record{}, false
	}
	at := func(key string) time.Time {
		when, err := time.ParseInLocation(time.DateTime, event.Get(key), zone)
		if err != nil {
			return time.Time{} // empty: it never was
		}
		return when
	}
	return Record{
		Channel: event.Get("Channel"), Dest: event.Get("DestinationChannel"), Uniqueid: event.Get("UniqueID"),
		Linkedid: event.Get("LinkedID"), Source: event.Get("Source"), Destination: event.Get("Destination"),
		Disposition: event.Get("Disposition"), Start: at("StartTime"), Answer: at("AnswerTime"), End: at("EndTime"),
	}, true
}

// Verdict is how a Record and the calls agree.
type Verdict string

// The verdicts. All but Agrees, Unseen and Unexplained are ways in which a record says something else than a person would.
const (
	Agrees Verdict = "agrees"
	// Unseen: no call has the channel. It came and went in a gap; [Witness.Unseen] makes a call of it.
	Unseen Verdict = "unseen"
	// HalfRecord: one of the channels is half of a Local channel, no telephone.
	HalfRecord Verdict = "local_half"
	// ByApplication: the record is answered because an application was: a queue, a menu, an announcement, a conference.
	ByApplication Verdict = "application"
	// WasWaiting: the record of a telephone that only rang is answered, because the one who called it was up already.
	WasWaiting Verdict = "caller_was_up"
	// Moved: the record of two who talked is not answered, or of two others: it was closed when the call was moved.
	Moved Verdict = "moved"
	// Unexplained: none of these.
	Unexplained Verdict = "unexplained"
)

// Witness holds calls against what Asterisk recorded of them. It is a help to find what is wrong, and fills what gaps hide;
// the calls themselves it leaves as they are. It remembers the legs of all calls that it is given: use one for a day, say.
type Witness struct {
	settings settings
	legs     map[string]legOf // by Uniqueid of the channel
	names    map[string]string
	unseen   []Record
	// Counts is how many records there were of each verdict.
	Counts map[Verdict]int
}

type legOf struct {
	call *Call
	leg  *Leg
}

// NewWitness returns a Witness that knows no call.
func NewWitness(cfg Config) *Witness {
	return &Witness{settings: newSettings(cfg), legs: map[string]legOf{}, names: map[string]string{}, Counts: map[Verdict]int{}}
}

// Add takes a finished call.
func (w *Witness) Add(c Call) {
	for i := range c.Legs {
		leg := &c.Legs[i]
		w.legs[leg.Uniqueid] = legOf{&c, leg}
		w.names[leg.Channel] = leg.Uniqueid
	}
}

// Hear takes a record, and says how it agrees with the calls. Give it after all calls that were at the same time.
func (w *Witness) Hear(r Record) Verdict {
	verdict := w.judge(r)
	w.Counts[verdict]++
	if verdict == Unseen {
		w.unseen = append(w.unseen, r)
	}
	return verdict
}

func (w *Witness) judge(r Record) Verdict {
	if isPlumbing(r.Channel) || isPlumbing(r.Dest) {
		return HalfRecord
	}
	source, known := w.legs[r.Uniqueid]
	if !known {
		return Unseen
	}
	answered := r.Disposition == "ANSWERED"
	if r.Dest == "" {
		return judgeAlone(source.leg, answered)
	}
	dest, known := w.legs[w.names[r.Dest]]
	switch {
	case !known:
		return Unseen
	case answered == w.talked(source, dest):
		return Agrees
	case answered && dest.leg.Answered.IsZero():
		return WasWaiting
	case answered && conferred(source.call):
		return ByApplication
	}
	return Moved
}

// judgeAlone judges the record of a channel that no other one is in.
func judgeAlone(leg *Leg, answered bool) Verdict {
	switch {
	case answered && !leg.Answered.IsZero():
		return ByApplication
	case !answered && leg.Answered.IsZero():
		return Agrees
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

// Unseen are the calls that only records tell of, one for each Linkedid. Of their legs, who called whom and whether they
// talked is known, to the second; that is said in Uncertain.
func (w *Witness) Unseen() []Call {
	byID := map[string]*Call{}
	var order []string
	for _, r := range w.unseen {
		c := byID[r.Linkedid]
		if c == nil {
			c = &Call{ID: r.Linkedid, Kind: Ordinary, Dialed: r.Destination, Uncertain: []string{"parties", "answered", "ended", "conversations"}}
			byID[r.Linkedid] = c
			order = append(order, r.Linkedid)
		}
		w.tell(c, r)
	}
	calls := make([]Call, 0, len(order))
	for _, id := range order {
		calls = append(calls, *byID[id])
	}
	return calls
}

// recordResults are the results of a call by the disposition of its record.
var recordResults = map[string]Result{"ANSWERED": Answered, "BUSY": Busy, "NO ANSWER": NoAnswer}

// tell adds what a record says to a call that was not seen.
func (w *Witness) tell(c *Call, r Record) {
	source, dest := w.recorded(r.Channel, r.Source), w.recorded(r.Dest, r.Destination)
	source.Uniqueid, source.Role, source.Started, source.Ended = r.Uniqueid, Caller, r.Start, r.End
	if len(c.Legs) == 0 {
		c.Legs = append(c.Legs, source)
		c.Caller, c.Started = Party{source.Number, source.Name, source.Kind}, r.Start
	}
	if c.Result != Answered {
		c.Result = Failed
		if result, ok := recordResults[r.Disposition]; ok {
			c.Result = result
		}
	}
	c.Ended = latest(c.Ended, r.End)
	if r.Dest == "" {
		return
	}
	dest.Role, dest.Started, dest.Answered, dest.Ended = Callee, r.Start, r.Answer, r.End
	c.Legs = append(c.Legs, dest)
	if c.Callee.Kind == "" {
		c.Callee = Party{dest.Number, dest.Name, dest.Kind}
	}
	if !r.Answer.IsZero() && c.Answered.IsZero() {
		c.Answered, c.AnsweredBy = r.Answer, r.Dest
		c.Conversations = append(c.Conversations, Conversation{A: r.Channel, B: r.Dest, Start: r.Answer, End: r.End})
		c.TalkTime = r.End.Sub(r.Answer)
	}
	c.Direction = directionOf(c.Legs[0].Kind, dest.Kind)
	c.Missed = c.Direction == Inbound && c.Result != Answered
	if c.Missed && c.Result == NoAnswer {
		c.Result = Missed
	}
}

func directionOf(caller, callee PartyKind) Direction {
	switch {
	case caller == External:
		return Inbound
	case callee == External:
		return Outbound
	}
	return Internal
}

// recorded is the leg of a channel that is known by its name only.
func (w *Witness) recorded(channel, number string) Leg {
	leg := Leg{Channel: channel, Endpoint: endpointOf(channel), Kind: Extension, Number: number, Uncertain: true}
	if w.settings.trunks[leg.Endpoint] {
		leg.Kind = External
	} else if id, ok := w.settings.extensions[leg.Endpoint]; ok {
		leg.Number, leg.Name = id.Number, id.Name
	}
	return leg
}

package calls

import (
	"cmp"
	"time"
)

// unseenCalls are the calls that only records tell of. What both sources tell of is told by the log, which says more.
func (w *Witness) unseenCalls(story *celStory, told []Call, seen matching) []Call {
	var unseen []Call
	for i := range told {
		c := told[i]
		if seen.calls[i] != nil || !story.whole(&c) {
			continue
		}
		c.Filled = []Filling{{"call", FromCEL}}
		c.Uncertain = append(c.Uncertain, "ringing", "hold", "kind")
		if c.Callee.Number == "" {
			c.Uncertain = append(c.Uncertain, "parties")
		}
		if len(c.Queues) > 0 {
			c.Uncertain = append(c.Uncertain, "queues")
		}
		if c.Ended.IsZero() {
			c.Uncertain = append(c.Uncertain, "ended")
		}
		unseen = append(unseen, c)
	}
	var only []Record
	for _, r := range w.unseen {
		if story.channels[r.Uniqueid] == nil && (r.Uniqueid != "" || story.names[r.Channel] == nil) {
			only = append(only, r)
		}
	}
	return append(unseen, w.unrecorded(only)...)
}

// Unseen are the calls that only call detail records tell of, one for each Linkedid. Of their legs, who called whom and
// whether they talked is known, to the second; that is said in Uncertain.
func (w *Witness) Unseen() []Call { return w.unrecorded(w.unseen) }

// callID is the ID of the call that a record is of.
func callID(r Record) string {
	if id := cmp.Or(r.Linkedid, r.Uniqueid); id != "" {
		return id
	}
	return r.Channel + " " + r.Start.UTC().Format(time.RFC3339)
}

func (w *Witness) unrecorded(records []Record) []Call {
	byID := map[string]*Call{}
	var order []string
	for _, r := range records {
		id := callID(r)
		c := byID[id]
		if c == nil {
			c = &Call{
				ID: id, Kind: Ordinary, Dialed: r.Destination, Filled: []Filling{{"call", FromCDR}},
				Uncertain: []string{"parties", "answered", "ended", "conversations"},
			}
			byID[id] = c
			order = append(order, id)
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
var recordResults = map[string]Result{recordAnswered: Answered, "BUSY": Busy, "NO ANSWER": NoAnswer}

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

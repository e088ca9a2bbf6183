package calls

import "time"

// cdrTimes are what records say of a channel.
type cdrTimes struct{ answered, ended time.Time }

// fromCDR fills the times of legs that nothing else has made certain, to the second. Who ended the call, and what is
// between the records of a channel, is not in them.
func (f *filler) fromCDR(w *Witness) {
	if len(f.call.Gaps) == 0 || len(w.records) == 0 {
		return
	}
	times := map[string]cdrTimes{}
	for _, r := range w.records {
		if of := w.source(r).call; of == nil || of.ID != f.call.ID {
			continue
		}
		source := times[r.Channel]
		source.ended = latest(source.ended, r.End)
		times[r.Channel] = source
		if r.Dest == "" || isPlumbing(r.Dest) {
			continue
		}
		dest := times[r.Dest]
		dest.ended = latest(dest.ended, r.End)
		if r.Disposition == recordAnswered && dest.answered.IsZero() {
			dest.answered = r.Answer
		}
		times[r.Dest] = dest
		f.cdrDest(w, r)
	}
	f.cdrLegs(times)
	f.cdrEnd()
}

// cdrDest adds the leg of a record that came in a gap.
func (f *filler) cdrDest(w *Witness, r Record) {
	for i := range f.call.Legs {
		if f.call.Legs[i].Channel == r.Dest {
			return
		}
	}
	if !f.hidden(r.Start) && !f.hidden(r.Answer) {
		return
	}
	leg := w.recorded(r.Dest, r.Destination)
	leg.Role, leg.Started, leg.Ended = Callee, r.Start, r.End
	f.call.Legs = append(f.call.Legs, leg)
	f.filled("legs", FromCDR)
}

func (f *filler) cdrLegs(times map[string]cdrTimes) {
	for i := range f.call.Legs {
		leg := &f.call.Legs[i]
		recorded, ok := times[leg.Channel]
		if !leg.Uncertain || !ok {
			continue
		}
		if f.hidden(leg.Ended) && f.hidden(recorded.ended) {
			leg.Ended = recorded.ended
			f.filled("legs", FromCDR)
		}
		unknown := leg.Answered.IsZero() || f.hidden(leg.Answered)
		if leg.Role == Caller || recorded.answered.IsZero() || !unknown || !f.hidden(recorded.answered) {
			continue
		}
		leg.Answered, leg.Outcome = recorded.answered, LegAnswered
		f.filled("legs", FromCDR)
		f.cdrAnswer(leg)
	}
}

// cdrAnswer takes over that a leg has answered the call. Of several that did so the first counts; who it was stays
// uncertain, as a record is given to others when a call is moved.
func (f *filler) cdrAnswer(leg *Leg) {
	c := &f.call
	same := c.AnsweredBy == leg.Channel && f.hidden(c.Answered)
	if !same && c.AnsweredBy != "" && (!f.answered || !leg.Answered.Before(c.Answered)) {
		return
	}
	f.answered = true
	c.Answered, c.AnsweredBy, c.Result, c.Missed = leg.Answered, leg.Channel, Answered, false
	f.filled("answered", FromCDR)
	f.doubt("answered")
}

// cdrEnd makes the end of the call that of its last leg.
func (f *filler) cdrEnd() {
	last := time.Time{}
	for i := range f.call.Legs {
		last = latest(last, f.call.Legs[i].Ended)
	}
	if f.uncertain("ended") && !last.IsZero() && last.Before(f.call.Ended) {
		f.call.Ended = last
		f.filled("ended", FromCDR)
	}
}

package calls

import "time"

// cdrTimes are what records say of a channel.
type cdrTimes struct{ answered, ended time.Time }

// fromCDR fills the times of legs that nothing else has made certain, to the second. Who ended the call, and what is
// between the records of a channel, is not in them.
func (f *filler) fromCDR(w *Witness, records []Record) {
	if len(f.call.Gaps) == 0 || len(records) == 0 {
		return
	}
	times := map[string]cdrTimes{}
	for _, r := range records {
		source := times[r.Channel]
		source.ended = latest(source.ended, r.End)
		times[r.Channel] = source
		if r.Dest == "" || IsPlumbing(r.Dest) {
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
		if recorded, ok := times[leg.Channel]; ok && leg.Uncertain {
			f.cdrAnswered(leg, recorded.answered)
			f.cdrEnded(leg, recorded.ended)
		}
	}
}

// cdrAnswered takes over when somebody who was rung has answered. A record's time may be rounded down.
func (f *filler) cdrAnswered(leg *Leg, at time.Time) {
	unknown := leg.Answered.IsZero() || f.guessed(leg.Answered)
	if leg.Role == Caller || at.IsZero() || !unknown || !f.hidden(at) {
		return
	}
	leg.Answered, leg.Outcome = latest(at, leg.Started), LegAnswered
	f.filled("legs", FromCDR)
	f.cdrAnswer(leg)
}

// cdrEnded takes over when a leg ended. A record's time may be rounded down.
func (f *filler) cdrEnded(leg *Leg, at time.Time) {
	if f.guessed(leg.Ended) && f.hidden(at) {
		leg.Ended = earliest(leg.Ended, latest(at, leg.Started, leg.Answered))
		f.filled("legs", FromCDR)
	}
}

// cdrAnswer takes over that a leg has answered the call. Of several that did so the first counts; who it was stays
// uncertain, as a record is given to others when a call is moved.
func (f *filler) cdrAnswer(leg *Leg) {
	c := &f.call
	same := c.AnsweredBy == leg.Channel && f.guessed(c.Answered)
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

package calls

import (
	"maps"
	"time"
)

// snapshot makes the Call of what is known at a time.
func (t *Tracker) snapshot(c *call, at time.Time) Call {
	out := Call{ID: c.id, Dialed: c.dialedNumber, Variables: maps.Clone(c.variables)}
	if len(c.legs) == 0 {
		return out
	}
	out.Direction, out.Result = c.direction(), c.result()
	out.Missed = out.Direction == Inbound && out.Result != Answered && out.Result != Automated
	out.Caller, out.Callee = c.legs[0].party, c.callee()
	out.Started = c.legs[0].started
	if c.answeredBy != nil {
		out.Answered, out.AnsweredBy = c.answeredBy.answered, c.answeredBy.name
	}
	for _, talk := range c.conversations {
		out.Conversations = append(out.Conversations, Conversation{A: talk.a.name, B: talk.b.name, Start: talk.start, End: talk.end})
	}
	for _, leg := range c.legs {
		out.Legs = append(out.Legs, c.leg(leg, at))
	}
	out.TalkTime = out.Legs[0].TalkTime
	if c.live == 0 {
		out.Ended, out.HangupBy = c.ending()
	}
	return out
}

// callee is whom the call was for.
func (c *call) callee() Party {
	if c.together > 1 {
		return Party{Number: c.dialedNumber, Kind: Group}
	}
	for _, leg := range c.legs {
		if leg.dialed {
			return leg.party
		}
	}
	return Party{Number: c.dialedNumber, Kind: Application}
}

func (c *call) leg(ch *channel, at time.Time) Leg {
	leg := Leg{
		Channel: ch.name, Uniqueid: ch.uniqueid, Role: Caller, Kind: ch.party.Kind, Endpoint: ch.endpoint,
		Number: ch.party.Number, Name: ch.party.Name,
		Started: ch.started, Ringing: ch.ringing, Answered: ch.answered, Ended: ch.end(),
		Outcome: ch.outcome(), HoldTime: ch.holdTime, TalkTime: c.talkTime(ch, at),
	}
	if ch.dialed {
		leg.Role = Callee
	}
	if !ch.heldSince.IsZero() {
		leg.HoldTime += at.Sub(ch.heldSince)
	}
	return leg
}

// talkTime adds up the conversations of a leg. Those that overlap, because it talks with several at once, count once.
func (c *call) talkTime(ch *channel, at time.Time) time.Duration {
	var total time.Duration
	var until time.Time // conversations are in the order in which they began
	for _, talk := range c.conversations {
		if talk.a != ch && talk.b != ch {
			continue
		}
		start, end := talk.start, talk.end
		if end.IsZero() {
			end = at
		}
		if start.Before(until) {
			start = until
		}
		if end.After(start) {
			total += end.Sub(start)
			until = end
		}
	}
	return total
}

// hangupWindow is how long before the end of a call its last party hung up, at the most, if that ended the call.
const hangupWindow = time.Second

// ending tells when the call ended and who ended it.
func (c *call) ending() (ended time.Time, by string) {
	for _, leg := range c.legs {
		if end := leg.end(); end.After(ended) {
			ended = end
		}
	}
	if c.lastRequest != nil && ended.Sub(c.lastRequest.requested) <= hangupWindow {
		return ended, c.lastRequest.name
	}
	return ended, System
}

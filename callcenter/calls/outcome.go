package calls

// refusals are the outcomes of a leg that hung up by itself before it answered, by hangup cause: Q.850 as in
// include/asterisk/causes.h. DialStatus cannot be believed for them: a declined call is told as NOANSWER there, a busy
// member of a queue too.
var refusals = map[string]Outcome{
	"17": LegBusy,
	"21": LegDeclined,
	"18": LegNoAnswer,
	"19": LegNoAnswer,
	"20": LegUnavailable,
	"34": LegCongestion,
	"38": LegCongestion,
	"42": LegCongestion,
}

// dialStatuses are the outcomes of a leg that the system stopped ringing (DialEnd, main/dial.c and apps/app_dial.c).
var dialStatuses = map[string]Outcome{
	"NOANSWER":    LegNoAnswer,
	"CANCEL":      LegCancelled,
	"BUSY":        LegBusy,
	"CONGESTION":  LegCongestion,
	"CHANUNAVAIL": LegUnavailable,
}

// causeAnsweredElsewhere is AST_CAUSE_ANSWERED_ELSEWHERE.
const causeAnsweredElsewhere = "26"

// outcome tells how a leg ended; it is empty while the leg lives.
func (ch *channel) outcome() Outcome {
	switch {
	case ch.ended.IsZero():
		return ""
	case !ch.answered.IsZero():
		return LegAnswered
	case ch.gaveUp:
		return LegCancelled
	case !ch.dialed:
		return LegNotAnswered
	case !ch.requested.IsZero():
		if refusal, ok := refusals[ch.cause]; ok {
			return refusal
		}
		return LegFailed
	case ch.dialStatus == "CANCEL" && ch.cause == causeAnsweredElsewhere:
		return LegAnsweredElsewhere
	}
	if outcome, ok := dialStatuses[ch.dialStatus]; ok {
		return outcome
	}
	return LegFailed
}

// direction is decided by the leg that placed the call, and by the first one that it rang.
func (c *call) direction() Direction {
	var first *channel
	for _, leg := range c.legs {
		if first == nil {
			first = leg
			if leg.external && !leg.dialed {
				return Inbound
			}
			if leg.external {
				return Outbound
			}
			continue
		}
		if leg.dialed {
			if leg.external {
				return Outbound
			}
			return Internal
		}
	}
	return Internal
}

// result tells how the call ended: by who answered, not by any DialStatus.
func (c *call) result() Result {
	inbound := c.direction() == Inbound
	if c.answeredBy != nil {
		return Answered
	}
	if !c.anyDialed() {
		return c.undialedResult(inbound)
	}
	busy, rang := true, false
	for _, leg := range c.legs {
		if !leg.dialed {
			continue
		}
		outcome := leg.outcome()
		busy = busy && outcome == LegBusy
		rang = rang || !leg.ringing.IsZero() || outcome == LegNoAnswer || outcome == LegDeclined || outcome == LegCancelled
	}
	switch {
	case busy:
		return Busy
	case inbound:
		return Missed
	case rang:
		return NoAnswer
	}
	return Failed
}

// undialedResult is the result of a call in which nobody was rung.
func (c *call) undialedResult(inbound bool) Result {
	caller := c.legs[0]
	switch {
	case caller.answered.IsZero() && inbound:
		return Missed
	case caller.answered.IsZero():
		return Failed
	case inbound && c.lastRequest == caller:
		return Abandoned
	}
	return Automated
}

package calls

import "time"

// refusals are the outcomes of a leg that hung up by itself before it answered, by hangup cause: Q.850 as in
// include/asterisk/causes.h. DialStatus cannot be believed for them: a declined call is told as NOANSWER there, a busy
// member of a queue too. For chan_sip it is BUSY whatever the reason.
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

// dialStatuses are the outcomes of a leg that the system stopped ringing (DialEnd, main/dial.c and apps/app_dial.c), but for
// CANCEL, which has many reasons.
var dialStatuses = map[string]Outcome{
	"NOANSWER":    LegNoAnswer,
	"BUSY":        LegBusy,
	"CONGESTION":  LegCongestion,
	"CHANUNAVAIL": LegUnavailable,
}

const (
	causeAnsweredElsewhere = "26"  // AST_CAUSE_ANSWERED_ELSEWHERE
	causeDeclined          = "21"  // AST_CAUSE_CALL_REJECTED
	causeInterworking      = "127" // AST_CAUSE_INTERWORKING: chan_pjsip's for a 487, the caller gave up
)

// outcome tells how a leg ended; it is empty while the leg lives.
func (t *Tracker) outcome(ch *channel) Outcome {
	switch {
	case ch.end().IsZero():
		return ""
	case ch.picked:
		return LegPickedUp
	case !ch.answered.IsZero():
		return LegAnswered
	case !ch.dialed && ch.gaveUp:
		return LegCancelled
	case !ch.dialed:
		return LegNotAnswered
	case ch.rung.forward:
		return LegRedirected
	case !ch.requested.IsZero():
		return refusal(ch)
	}
	return t.stopped(ch)
}

// refusal is why a telephone refused. If another one answers at that moment, the cause of the Hangup is that of the losers.
func refusal(ch *channel) Outcome {
	for _, cause := range []string{ch.cause, ch.refusal} {
		if outcome, ok := refusals[cause]; ok {
			return outcome
		}
	}
	return LegFailed
}

// stopped tells why a telephone that neither answered nor refused does not ring any more.
func (t *Tracker) stopped(ch *channel) Outcome {
	status, end := ch.rung.status, ch.rung.end
	switch {
	case status == "BUSY" && ch.cause == causeDeclined && !ch.ringing.IsZero():
		return LegDeclined // chan_sip
	case status != "CANCEL" && status != "":
		if outcome, ok := dialStatuses[status]; ok {
			return outcome
		}
		return LegFailed
	case ch.cause == causeAnsweredElsewhere || answeredNear(ch, end):
		return LegAnsweredElsewhere
	case t.callerGone(ch, end):
		return LegCancelled
	}
	return LegNoAnswer
}

// answeredNear tells whether another telephone of the call was answered when this one stopped ringing.
func answeredNear(ch *channel, end time.Time) bool {
	for _, leg := range ch.call.legs {
		if leg == ch || leg.answered.IsZero() || !leg.dialed || leg.originated {
			continue
		}
		if end.Sub(leg.answered) < window/2 && leg.answered.Sub(end) < window/2 {
			return true
		}
	}
	return false
}

// callerGone tells whether the one for whom a telephone rang has given up when it stopped.
func (t *Tracker) callerGone(ch *channel, end time.Time) bool {
	caller := ch.dialer()
	if caller == nil {
		return ch.cause == causeInterworking
	}
	if caller.plumbing {
		if caller = caller.far(); caller == nil || caller == ch {
			return ch.cause == causeInterworking
		}
	}
	if !caller.requested.IsZero() && caller.requested.Sub(end).Abs() <= window {
		return true
	}
	return ch.cause == causeInterworking || (!t.requests && !caller.ended.IsZero() && caller.ended.Sub(end).Abs() <= window)
}

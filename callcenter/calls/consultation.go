package calls

import "time"

// A consultation is the call that a telephone places while it keeps another one on hold: to ask before it transfers. That
// it does transfer is told by AttendedTransfer. Whether the hold or the new call is told first is chance.

// placedTolerance is how much later than the new call the hold may be told.
const placedTolerance = 300 * time.Millisecond

// placesCall: an extension has placed a call.
func (t *Tracker) placesCall(ch *channel) {
	t.placed[ch.endpoint] = ch
	if other := t.holding[ch.endpoint]; other != nil && other.call != ch.call {
		ch.call.heldAtStart = true
	}
	if other := t.doubtful[ch.endpoint]; other != nil && other.call != ch.call {
		ch.call.doubt("kind")
	}
}

// heldAfterPlacing: a telephone holds a call; one that it has just placed is a consultation.
func (t *Tracker) heldAfterPlacing(ch *channel, at time.Time) {
	last := t.placed[ch.endpoint]
	if last != nil && last.call != ch.call && at.Sub(last.started).Abs() < placedTolerance {
		last.call.heldAtStart = true
	}
}

// consultation tells whether the call was one. A call that the system placed is none, whatever its telephone held.
func (c *call) consultation() bool {
	return c.consulting || (c.heldAtStart && len(c.legs) > 0 && !c.legs[0].dialed)
}

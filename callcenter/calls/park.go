package calls

import (
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// parking is a Parking while its channels are alive.
type parking struct {
	lot, slot string
	parkee    *channel
	parkedBy  string
	at, left  time.Time
	outcome   ParkOutcome
	by        *channel // who has retrieved it
}

// parkedCall: Parkee waits in a parking lot (res/parking/parking_bridge.c). It is told with, or instead of, a BlindTransfer to
// the lot's extension.
func (t *Tracker) parkedCall(event ami.Message, at time.Time) {
	raw := t.channels[event.Get("ParkeeUniqueid")]
	if raw == nil || t.parked[raw.uniqueid] != nil {
		return
	}
	parkee := raw.far()
	if parkee == nil {
		return
	}
	p := &parking{
		lot: strings.Clone(event.Get("Parkinglot")), slot: strings.Clone(event.Get("ParkingSpace")), parkee: parkee,
		parkedBy: strings.Clone(event.Get("ParkerDialString")), at: at,
	}
	t.parked[raw.uniqueid] = p
	c := raw.call.root()
	c.parkings = append(c.parkings, p)
	raw.moved = nil
	t.changed(Parked, c, at)
}

// unpark ends the parking that an event is about, and returns it.
func (t *Tracker) unpark(event ami.Message, outcome ParkOutcome, at time.Time) (*parking, *call) {
	raw := t.channels[event.Get("ParkeeUniqueid")]
	if raw == nil {
		return nil, nil
	}
	p := t.parked[raw.uniqueid]
	if p == nil && raw.far() != nil && raw.ended.IsZero() && !raw.unparkedAt(at) {
		t.parkedCall(event, time.Time{}) // that was not seen
		p = t.parked[raw.uniqueid]
		raw.call.root().doubt("parking")
	}
	if p == nil {
		return nil, nil
	}
	delete(t.parked, raw.uniqueid)
	raw.unparked = at
	p.outcome, p.left = outcome, at
	return p, raw.call.root()
}

// unparkedAt tells whether the channel left its parking lot at that very time: the event is told twice.
func (ch *channel) unparkedAt(at time.Time) bool { return ch.unparked.Equal(at) }

// parkedCallSwap: Parker takes the place of Parkee, as after an attended transfer into the lot.
func (t *Tracker) parkedCallSwap(event ami.Message, _ time.Time) {
	raw, now := t.channels[event.Get("ParkeeUniqueid")], t.channels[event.Get("ParkerUniqueid")]
	if raw == nil || now == nil || t.parked[raw.uniqueid] == nil || now.far() == nil {
		return
	}
	p := t.parked[raw.uniqueid]
	delete(t.parked, raw.uniqueid)
	t.parked[now.uniqueid] = p
	p.parkee = now.far()
}

// unParkedCall: Retriever takes the parked call; the call that it made for that was none.
func (t *Tracker) unParkedCall(event ami.Message, at time.Time) {
	p, c := t.unpark(event, Retrieved, at)
	if p == nil {
		return
	}
	t.whenTold(event.Get("RetrieverUniqueid"), at, func(by *channel) {
		p.by = by.far()
		by.retrieved = true
		t.takesPart(by, c.root(), at)
	})
	t.changed(Unparked, c, at)
}

func (t *Tracker) parkedCallTimeOut(event ami.Message, at time.Time) {
	if p, c := t.unpark(event, ParkTimeout, at); p != nil {
		t.changed(Unparked, c, at)
	}
}

func (t *Tracker) parkedCallGiveUp(event ami.Message, at time.Time) {
	if p, c := t.unpark(event, ParkAbandoned, at); p != nil {
		t.changed(Unparked, c, at)
	}
}

package calls

import (
	"strconv"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// Player feeds a recorded stream to a Tracker: everything that came over one or more connections, answers too, one after
// the other. Where a connection begins it finds the gap since the one before, and gives the Tracker what the lists that
// were asked for then have told.
type Player struct {
	Tracker *Tracker

	logins   int
	last     time.Time // of the last event that has a time
	gap      Gap
	snapshot *Snapshot
	lists    int // that have begun and not ended
	applied  bool
}

// Feed takes the next message of the stream. arrived is when it was received; it may be zero if that is not known, then the
// times of the events around have to do.
func (p *Player) Feed(message ami.Message, arrived time.Time) []Change {
	at, timed := parseTimestamp(message.Get("Timestamp"))
	if !timed {
		at = arrived
	}
	if at.IsZero() {
		at = p.last
	}
	var changes []Change
	if isLogin(message) {
		changes = p.apply()
		p.login(arrived)
	}
	if p.gap.End.IsZero() && p.logins > 1 && at.After(p.last) {
		p.gap.End, p.snapshot.At = at, at
		p.Tracker.Lost(p.gap)
	}
	p.last = latest(p.last, at)
	if p.logins > 1 && !timed {
		p.list(message, at)
		return changes
	}
	if p.ready() && handlers[message.Event()] != nil {
		changes = append(changes, p.apply()...)
	}
	return append(changes, p.Tracker.Feed(message, at)...)
}

// isLogin tells whether a message is the answer to a login (auth_mgr in main/manager.c).
func isLogin(message ami.Message) bool {
	return message.Get("Message") == "Authentication accepted" && message.Get("Response") == "Success"
}

func (p *Player) login(arrived time.Time) {
	p.logins++
	p.gap, p.lists, p.applied = Gap{Start: p.last, End: arrived}, 0, false
	p.snapshot = NewSnapshot(arrived)
	if p.logins > 1 && !arrived.IsZero() {
		p.Tracker.Lost(p.gap)
	}
}

// list takes what is not an event of the moment: answers to actions and the items of lists.
func (p *Player) list(message ami.Message, at time.Time) {
	if message.Get("EventList") == "start" {
		p.lists++
	}
	if message.Get("EventList") == "Complete" {
		p.lists--
	}
	if message.Event() == "FullyBooted" {
		if uptime, err := strconv.Atoi(message.Get("Uptime")); err == nil {
			p.snapshot.Started = at.Add(-time.Duration(uptime) * time.Second)
		}
	}
	if p.snapshot.Add(message) {
		p.applied = false
	}
}

func (p *Player) ready() bool {
	return p.logins > 1 && !p.applied && p.lists <= 0 && p.snapshot.Complete()
}

func (p *Player) apply() []Change {
	if p.logins < 2 || p.applied || !p.snapshot.Complete() {
		return nil
	}
	p.applied = true
	return p.Tracker.Resync(p.snapshot, p.gap)
}

// End ends the stream: what waits is decided, and calls that have ended are finished.
func (p *Player) End() []Change {
	return append(p.apply(), p.Tracker.Flush()...)
}

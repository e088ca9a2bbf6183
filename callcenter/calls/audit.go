package calls

import "time"

// auditAge is how long a channel must have been there, or gone, until an audit takes notice: what is on its way is no
// mistake.
const auditAge = 10 * time.Second

// Audit compares the Tracker with a Snapshot although no gap is known. A channel that two audits in a row do not find has
// ended without its Hangup being seen; one that two audits find and no event ever told is made. What is not seen is
// uncertain, as with [Tracker.Resync]. Audits should be farther apart than events are late: a minute is plenty.
func (t *Tracker) Audit(s *Snapshot) []Change {
	t.changes = nil
	if !s.hasChannels {
		return nil
	}
	t.pass(s.At)
	t.guessing = true
	defer func() { t.guessing = false }()
	for _, ch := range t.sorted() {
		switch {
		case s.channels[ch.uniqueid] != nil || s.At.Sub(ch.started) < auditAge:
			ch.absent = 0
		case ch.absent == 0:
			ch.absent = 1
		default:
			ch.call.lostPiece(Gap{ch.started, s.At})
			t.endUnseen(ch, s.At)
		}
	}
	t.strangers = t.auditStrangers(s)
	return t.changes
}

// auditStrangers makes the channels that were strangers in the last audit already, and returns those that are new.
func (t *Tracker) auditStrangers(s *Snapshot) map[string]bool {
	strangers := map[string]bool{}
	found := false
	for _, seen := range s.order {
		if t.channels[seen.uniqueid] == nil && seen.age > auditAge {
			strangers[seen.uniqueid] = true
			found = found || t.strangers[seen.uniqueid]
		}
	}
	if !found {
		return strangers
	}
	r := &resync{t: t, s: s, gap: Gap{End: s.At}}
	r.addUnknown()
	for id := range strangers {
		r.adopt(s.channels[id])
	}
	return nil
}

// adopt puts a channel that was just made where the snapshot has seen it.
func (r *resync) adopt(seen *seenChannel) {
	ch := r.t.channels[seen.uniqueid]
	if seen.state == "Up" {
		ch.answered = r.gap.End
	}
	if seen.bridge != "" {
		r.t.enter(ch, r.bridge(seen.bridge), r.gap.End)
	}
}

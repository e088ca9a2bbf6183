package agents

import (
	"slices"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// SnapshotActions are the actions whose answers make a Snapshot. The user needs the classes call or reporting for the second
// and third.
var SnapshotActions = []string{"QueueStatus", "ExtensionStateList", "DeviceStateList"}

// Snapshot is what Asterisk lists of members, hints and devices at one moment: all items of the answers to SnapshotActions.
// A list that was refused takes no part: what is known of its kind stays.
type Snapshot struct {
	items []ami.Message
	has   map[string]bool // the events that end the lists that are complete
}

// Add takes an item of a list, or the event that ends it.
func (s *Snapshot) Add(message ami.Message) {
	event := message.Event()
	switch event {
	case "QueueStatusComplete", "ExtensionStateListComplete", "DeviceStateListComplete":
		if s.has == nil {
			s.has = map[string]bool{}
		}
		s.has[event] = true
	default:
		s.items = append(s.items, message)
	}
}

// Complete reports whether the members are among what was listed; without them nothing is known.
func (s *Snapshot) Complete() bool { return s != nil && s.has["QueueStatusComplete"] }

// Resync takes a Snapshot over: what is not in it is not there any more, and no agent is [Unknown] after it. after are the
// events that came since the Snapshot was asked for, in order, those that were fed already too: each says all that there is
// to say of what it is about, so the last one is right whichever was first. What happened while events were lost counts as
// time in Unknown.
//
// A Snapshot that is not [Snapshot.Complete] changes nothing.
func (m *Model) Resync(s *Snapshot, at time.Time, after ...ami.Message) []Change {
	m.changes = nil
	if !s.Complete() {
		return nil
	}
	m.pass(at)
	m.forgetUnlisted(s)
	m.again = true
	for _, item := range slices.Concat(s.items, after) {
		switch event := item.Event(); event {
		case "AgentRingNoAnswer", "Hangup", "Newstate": // they were fed, and are of no state
		default:
			if handle := handlers[event]; handle != nil {
				handle(m, item, at)
			}
		}
	}
	m.complete, m.again = true, false
	m.touchAll()
	return m.flush(at)
}

// forgetUnlisted drops the members, hints and devices that the Snapshot does not have.
func (m *Model) forgetUnlisted(s *Snapshot) {
	listed := map[memberKey]bool{}
	devices := map[string]bool{}
	hints := map[string]bool{}
	for _, item := range s.items {
		listed[memberKey{item.Get("Queue"), interfaceOf(item)}] = true
		devices[item.Get("Device")] = true
		hints[item.Get("Exten")+"@"+item.Get("Context")] = true
	}
	for key, b := range m.members {
		if !listed[key] && !b.Own {
			m.removeMember(key)
		}
		b.open, b.done, b.foundOpen = 0, 0, false
	}
	if s.has["ExtensionStateListComplete"] {
		for key, h := range m.hints {
			if !hints[key] {
				delete(m.hints, key)
				m.hintChanged(h.endpoint, "")
			}
		}
	}
	if s.has["DeviceStateListComplete"] {
		for name := range m.devices {
			if !devices[name] {
				delete(m.devices, name)
			}
		}
	}
	for _, p := range m.phones {
		clear(p.keeping)
		m.refresh(p)
	}
}

// SetMember says that somebody is a member of a queue that is not app_queue's, or what has changed about it; the whole
// Member is to be given. Such members are not touched by [Model.Resync].
func (m *Model) SetMember(is Member, at time.Time) ([]Change, error) {
	if is.Queue == "" || is.Interface == "" {
		return nil, &InvalidError{Field: "Member", Problem: "has no Queue or no Interface"}
	}
	m.changes = nil
	m.pass(at)
	is.Own = true
	key := memberKey{strings.Clone(is.Queue), strings.Clone(is.Interface)}
	b := m.members[key]
	if b == nil {
		b = m.newMember(is)
	}
	was := b.StateInterface
	b.Member = is
	m.updateMember(b, was)
	return m.flush(at), nil
}

// RemoveMember says that somebody is not a member of a queue any more, for those of [Model.SetMember].
func (m *Model) RemoveMember(queue, endpoint string, at time.Time) []Change {
	m.changes = nil
	m.pass(at)
	if b := m.members[memberKey{queue, endpoint}]; b != nil && b.Own {
		m.removeMember(memberKey{queue, endpoint})
	}
	return m.flush(at)
}

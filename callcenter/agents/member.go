package agents

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

type memberKey struct{ queue, endpoint string }

// member is a Member while it is one.
type member struct {
	Member
	phone  *phone
	wrapUp time.Duration // the queue's, for who has none

	// Of the calls that were connected since no call was: the counter at that time, how many have ended, when the last one
	// did, and how many go on. An event about the member may have been made before the call was connected or had ended, and
	// come after.
	base, done, open int
	doneAt           time.Time
	foundOpen        bool // the one call that goes on was told by InCall, not by AgentConnect
}

// wrapUntil is when the queue gives the member calls again: Asterisk counts whole seconds from LastCall
// (can_ring_entry in apps/app_queue.c).
func (b *member) wrapUntil() time.Time {
	return b.LastCall.Add(cmp.Or(b.WrapUp, b.wrapUp))
}

// queueMember: every event about a member holds all that there is to tell of it (queue_member_blob_create in
// apps/app_queue.c); versions differ in which headers they have.
func (m *Model) queueMember(event ami.Message, at time.Time) {
	key := memberKey{event.Get("Queue"), interfaceOf(event)}
	if key.queue == "" || key.endpoint == "" {
		return
	}
	b := m.members[key]
	if b == nil {
		b = m.newMember(Member{Queue: strings.Clone(key.queue), Interface: strings.Clone(key.endpoint)})
	}
	was := b.Member
	b.take(event)
	b.keepCounters(&was, at)
	m.updateMember(b, was.StateInterface)
}

// interfaceOf returns what names the member: Interface in events, Location in lists and in events of Asterisk 11.
func interfaceOf(event ami.Message) string {
	return cmp.Or(event.Get("Interface"), event.Get("Location"))
}

func (m *Model) newMember(like Member) *member {
	b := &member{Member: like}
	wrapUp, ok := m.cfg.WrapUp[like.Queue]
	if !ok {
		wrapUp = m.cfg.WrapUp[""]
	}
	b.wrapUp = wrapUp
	m.members[memberKey{like.Queue, like.Interface}] = b
	return b
}

// updateMember puts a member that was changed where it belongs.
func (m *Model) updateMember(b *member, stateInterface string) {
	if b.phone == nil || b.StateInterface != stateInterface {
		m.bind(b)
	}
	if b.wrapUntil().After(latest(m.now, b.LastCall)) && !b.LastCall.IsZero() {
		m.wraps[b] = true
	} else {
		delete(m.wraps, b)
	}
	m.touchPhone(b.phone)
}

// bind puts a member to its telephone.
func (m *Model) bind(b *member) {
	endpoint := m.endpointOf(&b.Member)
	if b.phone != nil && b.phone.Endpoint == endpoint {
		return
	}
	m.unbind(b)
	b.phone = m.phone(endpoint)
	b.phone.members = append(b.phone.members, b)
	m.seat(b.phone)
}

func (m *Model) unbind(b *member) {
	if b.phone == nil {
		return
	}
	b.phone.members = slices.DeleteFunc(b.phone.members, func(other *member) bool { return other == b })
	m.touchPhone(b.phone)
	b.phone = nil
}

func (m *Model) queueMemberRemoved(event ami.Message, _ time.Time) {
	m.removeMember(memberKey{event.Get("Queue"), interfaceOf(event)})
}

func (m *Model) removeMember(key memberKey) {
	if b := m.members[key]; b != nil {
		m.unbind(b)
		delete(m.members, key)
		delete(m.wraps, b)
	}
}

// take reads what the event has; what it lacks stays.
func (b *member) take(event ami.Message) {
	for key, value := range event.All() {
		if take := memberHeaders[strings.ToLower(key)]; take != nil {
			take(&b.Member, value)
		}
	}
	if !b.Paused { // Asterisk 22 keeps what was given as a reason to go on
		b.PausedReason = ""
	}
}

var memberHeaders = map[string]func(*Member, string){
	"name":           func(b *Member, v string) { b.Name = strings.Clone(v) },
	"membername":     func(b *Member, v string) { b.Name = strings.Clone(v) },
	"stateinterface": func(b *Member, v string) { b.StateInterface = strings.Clone(v) },
	"membership":     func(b *Member, v string) { b.Membership = strings.Clone(v) },
	"penalty":        func(b *Member, v string) { b.Penalty = parseCount(v) },
	"callstaken":     func(b *Member, v string) { b.CallsTaken = parseCount(v) },
	"lastcall":       func(b *Member, v string) { b.LastCall = parseSeconds(v) },
	"lastpause":      func(b *Member, v string) { b.LastPause = parseSeconds(v) },
	"logintime":      func(b *Member, v string) { b.LoginTime = parseSeconds(v) },
	"incall":         func(b *Member, v string) { b.InCall = v == "1" },
	"status":         func(b *Member, v string) { b.Status = parseDeviceState(v) },
	"paused":         func(b *Member, v string) { b.Paused = v == "1" },
	"pausedreason":   func(b *Member, v string) { b.PausedReason = strings.Clone(v) },
	"reason":         func(b *Member, v string) { b.PausedReason = strings.Clone(v) }, // Asterisk 11 has no PausedReason
	"wrapuptime":     func(b *Member, v string) { b.WrapUp = time.Duration(parseCount(v)) * time.Second },
}

func parseCount(text string) int {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0
	}
	return int(n)
}

// parseSeconds reads seconds since 1970, of which 0 means never.
func parseSeconds(text string) time.Time {
	n, err := strconv.ParseUint(text, 10, 40)
	if err != nil || n == 0 {
		return time.Time{}
	}
	return time.Unix(int64(n), 0)
}

// late is how long after the end of a call an event may come that was made before it.
const late = 2 * time.Second

// keepCounters keeps what AgentConnect and AgentComplete have told from being undone by an event that was made before them.
// Asterisk counts a call and clears InCall at once (update_queue in apps/app_queue.c).
func (b *member) keepCounters(was *Member, at time.Time) {
	if b.done > 0 && at.Sub(b.doneAt) <= late && b.CallsTaken < b.base+b.done {
		b.CallsTaken, b.LastCall, b.InCall = was.CallsTaken, was.LastCall, was.InCall
		return
	}
	idle := b.Status == NotInUse || !b.Status.reachable()
	switch {
	case b.InCall && b.open == 0:
		b.base, b.done, b.open, b.foundOpen = b.CallsTaken, 0, 1, true
	case !b.InCall && b.open > 0 && !idle:
		b.InCall = true
	case !b.InCall:
		b.open, b.foundOpen = 0, false
	}
}

// agentConnect: a member has answered a call of the queue. No event about the member follows.
func (m *Model) agentConnect(event ami.Message, _ time.Time) {
	b := m.memberOf(event)
	if b == nil {
		return
	}
	switch {
	case b.foundOpen:
		b.foundOpen = false
	case b.open == 0:
		b.base, b.done, b.open = b.CallsTaken, 0, 1
	default:
		b.open++
	}
	b.InCall = true
	if b.phone.seat != nil && !m.again {
		b.phone.seat.stats.Calls++
	}
	m.touchPhone(b.phone)
}

// agentComplete: the call has ended, or was handed over. Asterisk has counted it (update_queue in apps/app_queue.c), and an
// event may have told so before.
func (m *Model) agentComplete(event ami.Message, at time.Time) {
	b := m.memberOf(event)
	if b == nil || b.open == 0 { // an event has told it all
		return
	}
	b.foundOpen = false
	b.done, b.doneAt = b.done+1, at
	b.open--
	b.InCall = b.open > 0
	if b.CallsTaken < b.base+b.done {
		b.CallsTaken, b.LastCall = b.base+b.done, at.Truncate(time.Second)
	}
	m.updateMember(b, b.StateInterface)
}

// agentRingNoAnswer: a member was offered a call and did not take it, or refused it.
func (m *Model) agentRingNoAnswer(event ami.Message, _ time.Time) {
	if b := m.memberOf(event); b != nil && b.phone.seat != nil {
		b.phone.seat.stats.NoAnswer++
		m.touchPhone(b.phone)
	}
}

func (m *Model) memberOf(event ami.Message) *member {
	return m.members[memberKey{event.Get("Queue"), event.Get("Interface")}]
}

// nextWrapUp returns the member whose wrap-up time ends next, or nil.
func (m *Model) nextWrapUp() *member {
	var next *member
	for b := range m.wraps {
		if next == nil || compareWrapUps(b, next) < 0 {
			next = b
		}
	}
	return next
}

func compareWrapUps(a, b *member) int {
	return cmp.Or(a.wrapUntil().Compare(b.wrapUntil()), cmp.Compare(a.Queue, b.Queue), cmp.Compare(a.Interface, b.Interface))
}

package agents

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// Config says what the Model cannot see in the events. The zero value is right for most systems.
type Config struct {
	// Calls says that the changes of a [calls.Tracker] are fed too ([Model.FeedCall], [FollowWith]): then who rings, talks
	// and holds is known from the calls themselves. Without it the states of the devices must do: a telephone in use is
	// taken to talk, although it may be dialling or listen to an announcement.
	Calls bool
	// DND is the beginning of the names of the custom devices that mean "do not disturb"; the rest is the extension's number.
	// Default: [DefaultDND], as FreePBX has it.
	DND string
	// WrapUp is wrapuptime of queues.conf by queue, which Asterisk tells nobody. The entry "" is that of all other queues.
	WrapUp map[string]time.Duration
}

// DefaultDND is the default of [Config.DND].
const DefaultDND = "Custom:DND"

// Model makes agents of events. It is a pure state machine: no I/O, no clock, no goroutine; the same input has the same
// result. It is not safe for concurrent use: feed it from one goroutine.
//
// An event costs a few map accesses and a copy of the agent that it is about. Memory is bounded by the telephones, hints and
// members that Asterisk has, the persons that were assigned, and the calls that live; nothing is kept of a call that has
// ended.
type Model struct {
	cfg     Config
	phones  map[string]*phone      // by endpoint
	hints   map[string]*hint       // by exten@context
	devices map[string]DeviceState // by name, but for Asterisk's own works
	members map[memberKey]*member
	wraps   map[*member]bool  // those in their wrap-up time
	persons map[string]*agent // by ID
	callers callers

	now      time.Time // the latest time seen in the stream
	complete bool      // nothing is missing: a snapshot was taken, and no event lost since
	again    bool      // what is fed was fed before: it is not counted twice
	touched  map[*agent]bool
	changes  []Change
}

// agent is an Agent while it is known. Its phone is nil for a person who sits nowhere.
type agent struct {
	id, name string
	person   bool
	phone    *phone
	told     Agent // what was told last; its ID is empty before the first time
	stats    Stats
	state    State
	reason   string
	since    time.Time
}

// NewModel returns a Model that has seen nothing: all agents are [Unknown] until the first [Model.Resync].
func NewModel(cfg Config) *Model {
	cfg.DND = cmp.Or(cfg.DND, DefaultDND)
	cfg.WrapUp = maps.Clone(cfg.WrapUp)
	return &Model{
		cfg:     cfg,
		phones:  map[string]*phone{},
		hints:   map[string]*hint{},
		devices: map[string]DeviceState{},
		members: map[memberKey]*member{},
		wraps:   map[*member]bool{},
		persons: map[string]*agent{},
		callers: newCallers(),
		touched: map[*agent]bool{},
	}
}

// handlers are the events that say something about agents; all others are ignored. QueueMemberPaused is what Asterisk 11 and
// older call QueueMemberPause.
var handlers = map[string]func(*Model, ami.Message, time.Time){
	"QueueMember":          (*Model).queueMember,
	"QueueMemberAdded":     (*Model).queueMember,
	"QueueMemberStatus":    (*Model).queueMember,
	"QueueMemberPause":     (*Model).queueMember,
	"QueueMemberPaused":    (*Model).queueMember,
	"QueueMemberPenalty":   (*Model).queueMember,
	"QueueMemberRinginuse": (*Model).queueMember,
	"QueueMemberRemoved":   (*Model).queueMemberRemoved,
	"AgentConnect":         (*Model).agentConnect,
	"AgentComplete":        (*Model).agentComplete,
	"AgentRingNoAnswer":    (*Model).agentRingNoAnswer,
	"DeviceStateChange":    (*Model).deviceStateChange,
	"ExtensionStatus":      (*Model).extensionStatus,
	"Newstate":             (*Model).newstate,
	"Hold":                 (*Model).hold,
	"Unhold":               (*Model).unhold,
	"Hangup":               (*Model).hangup,
}

// EventNames returns the names of the events that a Model needs, for Client.Subscribe; classes agent and call.
func EventNames() []string { return slices.Sorted(maps.Keys(handlers)) }

// Feed takes the next event and returns what it changes; often nothing. arrived is used for an event without Timestamp
// (timestampevents in manager.conf). Items of QueueStatus, DeviceStateList and ExtensionStateList may be fed too; what is not
// in those lists any more only [Model.Resync] forgets.
func (m *Model) Feed(event ami.Message, arrived time.Time) []Change {
	handle, ok := handlers[event.Event()]
	if !ok {
		return nil
	}
	at, timed := parseTimestamp(event.Get("Timestamp"))
	if !timed {
		at = arrived
	}
	m.changes = nil
	m.pass(at)
	handle(m, event, at)
	return m.flush(at)
}

// Tick tells the Model what time it is when no event does, so that wrap-up times end. It does no harm to call it often.
func (m *Model) Tick(now time.Time) []Change {
	m.changes = nil
	m.pass(now)
	return m.changes
}

// Lost says that events are missing from now on: all agents are [Unknown] until the next [Model.Resync].
func (m *Model) Lost(at time.Time) []Change {
	m.changes = nil
	m.pass(at)
	m.complete = false
	m.touchAll()
	return m.flush(at)
}

// pass lets the time go on: wrap-up times end, each at its own time.
func (m *Model) pass(at time.Time) {
	if !at.After(m.now) {
		return
	}
	for {
		next := m.nextWrapUp()
		if next == nil || next.wrapUntil().After(at) {
			break
		}
		m.now = latest(m.now, next.wrapUntil())
		delete(m.wraps, next)
		m.touchPhone(next.phone)
		m.flush(m.now)
	}
	m.now = at
}

// Agents returns all agents as they are now, in the order of their IDs.
func (m *Model) Agents() []Agent {
	var all []Agent
	for a := range m.agents {
		if a.told.ID != "" {
			all = append(all, a.told.clone())
		}
	}
	slices.SortFunc(all, func(a, b Agent) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// Agent returns the agent with this ID.
func (m *Model) Agent(id string) (Agent, bool) {
	a := m.find(id)
	if a == nil || a.told.ID == "" {
		return Agent{}, false
	}
	return a.told.clone(), true
}

// find returns the agent with an ID: a person, or who sits at a telephone unnamed.
func (m *Model) find(id string) *agent {
	if a := m.persons[id]; a != nil {
		return a
	}
	if p := m.phones[id]; p != nil && p.seat != nil && !p.seat.person {
		return p.seat
	}
	return nil
}

// agents yields every agent, in no particular order.
func (m *Model) agents(yield func(*agent) bool) {
	for _, p := range m.phones {
		if p.seat != nil && !p.seat.person && !yield(p.seat) {
			return
		}
	}
	for _, a := range m.persons {
		if !yield(a) {
			return
		}
	}
}

func (m *Model) touchAll() {
	for a := range m.agents {
		m.touched[a] = true
	}
}

func (m *Model) touchPhone(p *phone) {
	if p != nil && p.seat != nil {
		m.touched[p.seat] = true
	}
}

// flush tells what has become of the agents that were touched, and returns all that was told since the input came.
func (m *Model) flush(at time.Time) []Change {
	if len(m.touched) == 0 {
		return m.changes
	}
	all := slices.SortedFunc(maps.Keys(m.touched), func(a, b *agent) int { return cmp.Compare(a.id, b.id) })
	clear(m.touched)
	for _, a := range all {
		m.tell(a, at)
	}
	return m.changes
}

// tell compares an agent with what was told of it last.
func (m *Model) tell(a *agent, at time.Time) {
	m.settle(a, at)
	is := m.view(a)
	if a.told.ID == "" {
		a.told = is
		m.changes = append(m.changes, Change{Kind: Appeared, At: at, Agent: is.clone()})
		return
	}
	changes := compare(&a.told, &is, at)
	a.told = is
	for i := range changes {
		changes[i].Agent = is.clone()
	}
	m.changes = append(m.changes, changes...)
}

// settle moves an agent to the state that it is in now, and counts the time in the one before.
func (m *Model) settle(a *agent, at time.Time) {
	state, reason := transition(m.facts(a)), ""
	if state == Paused {
		reason = a.phone.pauseReason()
	}
	if a.told.ID == "" {
		a.state, a.reason, a.since = state, reason, at
		return
	}
	if state == a.state && reason == a.reason {
		return
	}
	at = latest(a.since, at) // an event that was overtaken by another one
	a.stats.add(a.state, a.reason, at.Sub(a.since))
	a.state, a.reason, a.since = state, reason, at
}

func (m *Model) view(a *agent) Agent {
	is := Agent{
		ID: a.id, Name: a.name, State: a.state, Since: a.since, Reason: a.reason, Stats: a.stats.clone(),
	}
	if a.phone == nil {
		return is
	}
	is.Phone, is.Queues = a.phone.Phone, a.phone.places()
	is.Call = a.phone.callOf(a.state)
	if is.Name == "" {
		is.Name = a.phone.name()
	}
	return is
}

func (a Agent) clone() Agent {
	a.Queues = slices.Clone(a.Queues)
	a.Stats = a.Stats.clone()
	return a
}

// parseTimestamp reads seconds.microseconds since 1970 (manager_event in main/manager.c).
func parseTimestamp(text string) (time.Time, bool) {
	seconds, micros := text, ""
	for i := range len(text) {
		if text[i] == '.' {
			seconds, micros = text[:i], (text[i+1:] + "000000")[:6]
			break
		}
	}
	sec, err := strconv.ParseUint(seconds, 10, 40)
	if err != nil {
		return time.Time{}, false
	}
	micro, err := strconv.ParseUint(cmp.Or(micros, "0"), 10, 32)
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(int64(sec), int64(micro)*1000), true
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

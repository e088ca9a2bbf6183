package agents

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// phone is a Phone while it is known: a member of a queue, the device of a hint, or where a person was assigned to. Every
// phone has one who sits there.
type phone struct {
	Phone
	members []*member
	seat    *agent
	hints   []*hint // that name it, in the order of their keys
	lines   []*line
	keeping map[string]bool // Uniqueids of its channels that keep others on hold
}

// hint is what an extension's state is made of.
type hint struct {
	key, number, text, endpoint string
	status                      DeviceState
}

func (m *Model) phone(endpoint string) *phone {
	p := m.phones[endpoint]
	if p == nil {
		p = &phone{Phone: Phone{Endpoint: strings.Clone(endpoint)}, keeping: map[string]bool{}}
		m.phones[p.Endpoint] = p
		m.findHints(p)
		m.callers.attach(p)
	}
	return p
}

// seat makes sure that somebody sits at a phone.
func (m *Model) seat(p *phone) {
	if p.seat == nil {
		p.seat = &agent{id: p.Endpoint, phone: p}
	}
	m.touched[p.seat] = true
}

// findHints looks for the hints that name a phone.
func (m *Model) findHints(p *phone) {
	p.hints = p.hints[:0]
	for _, h := range m.hints {
		if h.endpoint == p.Endpoint {
			p.hints = append(p.hints, h)
		}
	}
	slices.SortFunc(p.hints, func(a, b *hint) int { return strings.Compare(a.key, b.key) })
	m.refresh(p)
}

// refresh works out what devices and hints tell of a phone.
func (m *Model) refresh(p *phone) {
	device, told := m.devices[p.Endpoint]
	p.Number = ""
	if len(p.hints) > 0 {
		p.Number = p.hints[0].number
		if !told {
			device = p.hints[0].status
		}
	}
	p.Device = device
	number := cmp.Or(p.Number, p.Endpoint[strings.LastIndexByte(p.Endpoint, '/')+1:])
	p.DND = dndOn(m.devices[m.cfg.DND+number])
	m.touchPhone(p)
}

// dndOn tells whether a custom device in this state is on.
func dndOn(d DeviceState) bool { return d == DeviceBusy || d == InUse || d == OnHold || d.rings() }

func (d DeviceState) rings() bool { return d == DeviceRinging || d == RingInUse }

// deviceStateChange: see devstate_to_ami in main/devicestate.c.
func (m *Model) deviceStateChange(event ami.Message, _ time.Time) {
	name := event.Get("Device")
	if name == "" || inner(name) {
		return
	}
	m.setDevice(name, parseDeviceState(event.Get("State")))
}

// setDevice takes over a device's state, and what follows for the telephone that it is or belongs to.
func (m *Model) setDevice(name string, state DeviceState) {
	before, known := m.devices[name]
	if known && before == state {
		return
	}
	m.devices[strings.Clone(name)] = state
	if p := m.phones[name]; p != nil {
		if state.rings() || !state.reachable() {
			p.Refuses = false
		}
		m.refresh(p)
	}
	if number, ok := strings.CutPrefix(name, m.cfg.DND); ok {
		for _, p := range m.phones {
			if p.Number == number || strings.HasSuffix(p.Endpoint, "/"+number) {
				m.refresh(p)
			}
		}
	}
}

// works are the devices that are part of Asterisk's own works, and come without end.
var works = []string{
	"Local/", "Surrogate/", "CBAnn/", "CBRec/", "Announcer/", "Recorder/", "AsyncGoto/", "Snoop/", "Message/", "Bridge/", "Queue:",
}

func inner(device string) bool {
	return slices.ContainsFunc(works, func(prefix string) bool { return strings.HasPrefix(device, prefix) })
}

// extensionStatus: the state of a hint, made of those of its devices (extensionstate_to_ami in main/pbx.c and
// action_extensionstatelist in main/manager.c).
func (m *Model) extensionStatus(event ami.Message, _ time.Time) {
	number, text := event.Get("Exten"), event.Get("Hint")
	key := number + "@" + event.Get("Context")
	status, err := strconv.Atoi(event.Get("Status"))
	if number == "" || err != nil {
		return
	}
	h := m.hints[key]
	if status < 0 || text == "" { // removed or deactivated
		if h != nil {
			delete(m.hints, key)
			m.hintChanged(h.endpoint, "")
		}
		return
	}
	endpoint := hintedPhone(text)
	if h != nil && h.text == text {
		if state := deviceOf(status); h.status != state {
			h.status = state
			if p := m.phones[endpoint]; p != nil {
				m.refresh(p)
			}
		}
		return
	}
	before := ""
	if h != nil {
		before = h.endpoint
	}
	m.hints[key] = &hint{
		key: key, number: strings.Clone(number), text: strings.Clone(text), endpoint: endpoint, status: deviceOf(status),
	}
	m.hintChanged(before, endpoint)
}

// hintedPhone returns the first device of a hint that is a telephone, "" if there is none. A hint is devices joined by &,
// and after a comma one for presence.
func hintedPhone(text string) string {
	devices, _, _ := strings.Cut(text, ",")
	for device := range strings.SplitSeq(devices, "&") {
		device = strings.TrimSpace(device)
		if strings.Contains(device, "/") && !inner(device) {
			return strings.Clone(device)
		}
	}
	return ""
}

// hintChanged looks at the phones again that a hint names, or named before, and at the members who are known by hints.
func (m *Model) hintChanged(before, endpoint string) {
	if endpoint != "" {
		m.seat(m.phone(endpoint))
	}
	for _, name := range []string{before, endpoint} {
		if p := m.phones[name]; p != nil {
			m.findHints(p)
		}
	}
	if before == endpoint {
		return
	}
	for _, b := range m.members {
		m.bind(b)
	}
}

// endpointOf returns the telephone of a member: the device whose state the queue looks at, behind a hint if it is one. A
// member that is a Local channel is the extension it calls. Who cannot be traced is known by the interface itself.
func (m *Model) endpointOf(b *Member) string {
	device := cmp.Or(b.StateInterface, b.Interface)
	if key, ok := strings.CutPrefix(device, "hint:"); ok {
		if h := m.hints[key]; h != nil && h.endpoint != "" {
			return h.endpoint
		}
		device = b.Interface
	}
	local, ok := strings.CutPrefix(device, "Local/")
	if !ok {
		return device
	}
	local, _, _ = strings.Cut(local, "/")
	if h := m.hints[local]; h != nil && h.endpoint != "" {
		return h.endpoint
	}
	number, _, _ := strings.Cut(local, "@")
	found := ""
	for _, h := range m.hints {
		if h.number == number && h.endpoint != "" && (found == "" || h.endpoint < found) {
			found = h.endpoint
		}
	}
	return cmp.Or(found, device)
}

// places are the memberships of who sits here, in the order of their queues.
func (p *phone) places() []Member {
	places := make([]Member, 0, len(p.members))
	for _, b := range p.members {
		places = append(places, b.Member)
	}
	slices.SortFunc(places, func(a, b Member) int {
		return cmp.Or(cmp.Compare(a.Queue, b.Queue), cmp.Compare(a.Interface, b.Interface))
	})
	return places
}

// name is what queues call who sits here.
func (p *phone) name() string {
	for _, place := range p.places() {
		if place.Name != "" && place.Name != place.Interface {
			return place.Name
		}
	}
	return p.Number
}

// pauseReason is why the one who sits here is paused: the reason of the pause that began last.
func (p *phone) pauseReason() string {
	reason, since := "", time.Time{}
	for _, place := range p.places() {
		if place.Paused && !place.LastPause.Before(since) {
			reason, since = place.PausedReason, place.LastPause
		}
	}
	return reason
}

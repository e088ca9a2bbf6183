package calls

import (
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// Snapshot is what Asterisk says that there is at a moment: the items of its lists of channels, bridges, waiting callers and
// so on. Give it every item with [Snapshot.Add], then give it to [Tracker.Resync] or [Tracker.Audit]. [SnapshotActions] are
// the actions to ask for.
//
// Only the list of channels (CoreShowChannels, or Status) is needed; what other lists would tell is then uncertain.
type Snapshot struct {
	// At is when it was taken.
	At time.Time
	// Started is when Asterisk was started, if it said so (FullyBooted). All channels of an earlier life are gone.
	Started time.Time

	channels map[string]*seenChannel
	order    []*seenChannel
	talks    map[string]bool // by id of a bridge: whether those in it hear each other
	rooms    map[string]string
	inBridge []string // items of a BridgeInfo list that has not come to its end
	waiting  map[string]seenVisit
	parked   map[string]ami.Message
	devices  map[string]string // states by device

	hasChannels, hasQueues, hasParked, hasDevices bool
}

type seenChannel struct {
	uniqueid, linkedid, name, state, bridge string
	application, appData, dnid, context     string
	party                                   Party
	age                                     time.Duration
}

type seenVisit struct {
	queue string
	wait  time.Duration
}

// SnapshotActions are the names of the actions whose answers make a Snapshot, in order. BridgeInfo has to be asked for each
// BridgeUniqueid that BridgeList names, ConfbridgeList for each room of ConfbridgeListRooms; but CoreShowChannels of
// Asterisk 13 and later says the same.
var SnapshotActions = []string{
	"CoreShowChannels", "Status", "BridgeList", "QueueStatus", "ParkedCalls", "DeviceStateList",
}

// NewSnapshot returns an empty Snapshot taken at a time.
func NewSnapshot(at time.Time) *Snapshot {
	return &Snapshot{
		At: at, channels: map[string]*seenChannel{}, talks: map[string]bool{}, rooms: map[string]string{},
		waiting: map[string]seenVisit{}, parked: map[string]ami.Message{}, devices: map[string]string{},
	}
}

// Complete tells whether the list of channels has come to its end, so that the Snapshot is of use.
func (s *Snapshot) Complete() bool { return s.hasChannels }

// adders are the items of lists by event.
var adders = map[string]func(*Snapshot, ami.Message){
	"CoreShowChannel":          (*Snapshot).addChannel,
	"CoreShowChannelsComplete": func(s *Snapshot, _ ami.Message) { s.hasChannels = true },
	"Status":                   (*Snapshot).addStatus,
	"StatusComplete":           func(s *Snapshot, _ ami.Message) { s.hasChannels = true },
	"BridgeListItem":           (*Snapshot).addBridge,
	"BridgeListComplete":       func(*Snapshot, ami.Message) {},
	"BridgeInfoChannel":        (*Snapshot).addBridgeChannel,
	"BridgeInfoComplete":       (*Snapshot).endBridge,
	"QueueParams":              func(*Snapshot, ami.Message) {},
	"QueueMember":              func(*Snapshot, ami.Message) {},
	"QueueEntry":               (*Snapshot).addWaiting,
	"QueueStatusComplete":      func(s *Snapshot, _ ami.Message) { s.hasQueues = true },
	"ParkedCallsComplete":      func(s *Snapshot, _ ami.Message) { s.hasParked = true },
	"DeviceStateListComplete":  func(s *Snapshot, _ ami.Message) { s.hasDevices = true },
}

// answers are events that come live too; as an item of a list they have the ActionID of who asked.
var answers = map[string]func(*Snapshot, ami.Message){
	"ParkedCall":        (*Snapshot).addParked,
	"DeviceStateChange": (*Snapshot).addDevice,
}

// Add takes a message and tells whether it is an item, or the end, of a list that makes a snapshot.
func (s *Snapshot) Add(message ami.Message) bool {
	name := message.Event()
	add := adders[name]
	if add == nil && message.Get("ActionID") != "" {
		add = answers[name]
	}
	if add == nil {
		return false
	}
	add(s, message)
	return true
}

func (s *Snapshot) channel(m ami.Message) *seenChannel {
	id := m.Get("Uniqueid")
	if id == "" {
		return &seenChannel{} // nothing to know it by
	}
	ch := s.channels[id]
	if ch == nil {
		ch = &seenChannel{uniqueid: strings.Clone(id), name: strings.Clone(m.Get("Channel"))}
		s.channels[ch.uniqueid] = ch
		s.order = append(s.order, ch)
	}
	set(&ch.linkedid, m.Get("Linkedid"))
	set(&ch.state, m.Get("ChannelStateDesc"))
	set(&ch.context, m.Get("Context"))
	set(&ch.application, m.Get("Application"))
	set(&ch.party.Number, known(m.Get("CallerIDNum")))
	set(&ch.party.Name, known(m.Get("CallerIDName")))
	return ch
}

func set(field *string, value string) {
	if value != "" {
		*field = strings.Clone(value)
	}
}

func (s *Snapshot) addChannel(m ami.Message) {
	ch := s.channel(m)
	set(&ch.bridge, m.Get("BridgeId"))
	set(&ch.appData, m.Get("ApplicationData"))
	ch.age = parseClock(m.Get("Duration"))
}

func (s *Snapshot) addStatus(m ami.Message) {
	ch := s.channel(m)
	set(&ch.bridge, m.Get("BridgeID"))
	set(&ch.dnid, known(m.Get("DNID")))
	set(&ch.appData, m.Get("Data"))
	if age, ok := parseSeconds(m.Get("Seconds")); ok && age > ch.age {
		ch.age = age
	}
}

func (s *Snapshot) addBridge(m ami.Message) {
	id := strings.Clone(m.Get("BridgeUniqueid"))
	s.talks[id] = m.Get("BridgeTechnology") != "holding_bridge"
	if m.Get("BridgeCreator") == "ConfBridge" {
		s.rooms[id] = strings.Clone(m.Get("BridgeName"))
	}
}

// addBridgeChannel: the items of BridgeInfo do not name the bridge, only the end of the list does.
func (s *Snapshot) addBridgeChannel(m ami.Message) {
	s.inBridge = append(s.inBridge, strings.Clone(m.Get("Uniqueid")))
}

func (s *Snapshot) endBridge(m ami.Message) {
	s.addBridge(m)
	for _, id := range s.inBridge {
		if ch := s.channels[id]; ch != nil {
			set(&ch.bridge, m.Get("BridgeUniqueid"))
		}
	}
	s.inBridge = nil
}

func (s *Snapshot) addWaiting(m ami.Message) {
	wait, _ := parseSeconds(m.Get("Wait"))
	s.waiting[strings.Clone(m.Get("Uniqueid"))] = seenVisit{strings.Clone(m.Get("Queue")), wait}
}

func (s *Snapshot) addParked(m ami.Message) {
	s.parked[strings.Clone(m.Get("ParkeeUniqueid"))] = m
}

func (s *Snapshot) addDevice(m ami.Message) {
	s.devices[strings.Clone(m.Get("Device"))] = strings.Clone(m.Get("State"))
}

// parseClock reads hours:minutes:seconds.
func parseClock(text string) time.Duration {
	var total time.Duration
	for part := range strings.SplitSeq(text, ":") {
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil {
			return 0
		}
		total = total*60 + time.Duration(n)*time.Second
	}
	return total
}

package calls_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// However a piece is cut out of a stream, with what Asterisk lists afterwards every call ends, and a call that is not as it
// would have been says that it is uncertain.
func TestAnyCut(t *testing.T) {
	for _, r := range situations(t) {
		if r.hasGap() {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			messages := relevant(r.messages(t))
			want, _ := play(t, messages)
			random := rand.New(rand.NewPCG(1, uint64(len(messages))))
			for range 40 {
				from := random.IntN(len(messages))
				to := from + random.IntN(len(messages)-from)
				cutOut(t, messages, [2]int{from, to}, want)
			}
		})
	}
}

func TestAnyCutOfRandomCalls(t *testing.T) {
	messages := relevant(randomCalls(t).messages(t))
	want, _ := play(t, messages)
	random := rand.New(rand.NewPCG(2, 3))
	for range 6 {
		from := random.IntN(len(messages) - 2000)
		cutOut(t, messages, [2]int{from, from + random.IntN(2000)}, want)
	}
}

// cutOut plays the messages without those of a piece, with a snapshot after it.
func cutOut(t *testing.T, messages []ami.Message, piece [2]int, want []calls.Call) {
	t.Helper()
	tracker := calls.NewTracker(recordedConfig(t))
	pbx := newListed()
	var changes []calls.Change
	var gap calls.Gap
	for i, message := range messages {
		at := time.UnixMicro(micro(message))
		pbx.take(message, at)
		if i == piece[1] {
			gap.End = at
			if !at.After(gap.Start) { // their times may be out of order
				gap.End = gap.Start.Add(time.Microsecond)
			}
			changes = append(changes, tracker.Resync(pbx.snapshot(t, at), gap)...)
		}
		if i < piece[0] {
			gap.Start = at
		}
		if i < piece[0] || i >= piece[1] {
			changes = append(changes, tracker.Feed(message, at)...)
		}
	}
	changes = append(changes, tracker.Flush()...)
	for _, live := range tracker.Live() {
		t.Errorf("cut %v: call %s never ends", piece, live.ID)
	}
	for _, change := range changes {
		if change.Kind == calls.Finished {
			compareCut(t, piece, want, change.Call)
		}
	}
}

func compareCut(t *testing.T, piece [2]int, want []calls.Call, got calls.Call) {
	t.Helper()
	if len(got.Uncertain) > 0 || len(got.Gaps) > 0 {
		return
	}
	for _, call := range want {
		if call.ID == got.ID {
			if diff := diffCalls([]calls.Call{call}, []calls.Call{got}, 0); diff != "" {
				t.Fatalf("cut %v: a call that is not certain does not say so (-whole +cut):\n%s", piece, diff)
			}
			return
		}
	}
	t.Errorf("cut %v: a call that there never was: %s", piece, got.ID)
}

// A snapshot that shows nothing but what is known changes nothing, whenever it comes.
func TestSnapshotOfWhatIsKnown(t *testing.T) {
	for _, r := range situations(t) {
		if r.hasGap() {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			messages := relevant(r.messages(t))
			want, _ := play(t, messages)
			tracker := calls.NewTracker(recordedConfig(t))
			pbx := newListed()
			var got []calls.Call
			for i, message := range messages {
				at := time.UnixMicro(micro(message))
				pbx.take(message, at)
				changes := tracker.Feed(message, at)
				if i%5 == 0 {
					changes = append(changes, tracker.Resync(pbx.snapshot(t, at), calls.Gap{Start: at, End: at})...)
					changes = append(changes, tracker.Audit(pbx.snapshot(t, at))...)
				}
				for _, change := range append(changes, pbx.end(tracker, i == len(messages)-1)...) {
					if change.Kind == calls.Finished {
						got = append(got, change.Call)
					}
				}
			}
			slices.SortFunc(got, func(a, b calls.Call) int { return strings.Compare(a.ID, b.ID) })
			if diff := diffCalls(want, got, 0); diff != "" {
				t.Errorf("(-without +with snapshots):\n%s", diff)
			}
		})
	}
}

func (pbx *listed) end(tracker *calls.Tracker, last bool) []calls.Change {
	if last {
		return tracker.Flush()
	}
	return nil
}

// listed is what Asterisk would list: the state of its channels, taken from all of its events.
type listed struct {
	channels map[string]*listedChannel
	waiting  map[string]string      // queue by caller
	bridges  map[string]ami.Message // who entered it last
}

type listedChannel struct {
	name, linkedid, state, bridge, number, name2, exten, application, appData string

	held bool
	made time.Time
}

func newListed() *listed {
	return &listed{channels: map[string]*listedChannel{}, waiting: map[string]string{}, bridges: map[string]ami.Message{}}
}

func (pbx *listed) take(m ami.Message, at time.Time) {
	id := m.Get("Uniqueid")
	if m.Event() == "Newchannel" {
		pbx.channels[id] = &listedChannel{
			name: m.Get("Channel"), number: m.Get("CallerIDNum"), name2: m.Get("CallerIDName"), exten: m.Get("Exten"), made: at,
		}
	}
	ch := pbx.channels[id]
	if ch == nil {
		return
	}
	ch.linkedid, ch.state = m.Get("Linkedid"), m.Get("ChannelStateDesc")
	switch m.Event() {
	case "Newexten":
		ch.application, ch.appData = m.Get("Application"), m.Get("AppData")
	case "BridgeEnter":
		ch.bridge = m.Get("BridgeUniqueid")
		pbx.bridges[ch.bridge] = m
	case "BridgeLeave":
		ch.bridge = ""
	case "Hold":
		ch.held = true
	case "Unhold":
		ch.held = false
	case "QueueCallerJoin":
		pbx.waiting[id] = m.Get("Queue")
	case "QueueCallerLeave":
		delete(pbx.waiting, id)
	case "Hangup":
		delete(pbx.channels, id)
		delete(pbx.waiting, id)
	}
}

// snapshot lists it all, in the words of Asterisk.
func (pbx *listed) snapshot(t *testing.T, at time.Time) *calls.Snapshot {
	t.Helper()
	s := calls.NewSnapshot(at)
	add := func(format string, args ...any) {
		message, err := ami.ParseMessage(strings.ReplaceAll(fmt.Sprintf(format, args...), "|", "\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		if !s.Add(message) {
			t.Fatalf("not an item of a snapshot: %s", message)
		}
	}
	for id, ch := range pbx.channels {
		age := at.Sub(ch.made)
		add("Event: CoreShowChannel|Channel: %s|Uniqueid: %s|Linkedid: %s|ChannelStateDesc: %s|CallerIDNum: %s|CallerIDName: %s|"+
			"Application: %s|ApplicationData: %s|Duration: 00:%02d:%02d|BridgeId: %s|", ch.name, id, ch.linkedid, ch.state, ch.number,
			ch.name2, ch.application, ch.appData, int(age.Minutes()), int(age.Seconds())%60, ch.bridge)
		add("Event: Status|Channel: %s|Uniqueid: %s|DNID: %s|Seconds: %d|", ch.name, id, ch.exten, int(age.Seconds()))
		for _, other := range pbx.channels { // the device of who is kept on hold is the one that says so
			if other.held && other != ch && ch.bridge != "" && ch.bridge == other.bridge {
				add("Event: DeviceStateChange|Device: %s|State: ONHOLD|ActionID: 1|", ch.name[:max(strings.LastIndexByte(ch.name, '-'), 0)])
			}
		}
		if ch.bridge != "" {
			pbx.addBridge(add, ch.bridge)
		}
	}
	for id, queue := range pbx.waiting {
		add("Event: QueueEntry|Queue: %s|Uniqueid: %s|Wait: 1|", queue, id)
	}
	for _, list := range []string{"CoreShowChannels", "QueueStatus", "DeviceStateList"} {
		add("Event: %sComplete|", list)
	}
	return s
}

func (pbx *listed) addBridge(add func(string, ...any), id string) {
	m := pbx.bridges[id]
	add("Event: BridgeListItem|BridgeUniqueid: %s|BridgeTechnology: %s|BridgeCreator: %s|BridgeName: %s|", id, m.Get("BridgeTechnology"),
		m.Get("BridgeCreator"), m.Get("BridgeName"))
}

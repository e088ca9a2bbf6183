package agents_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/agents"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// world feeds a Model with anything, at random or as a fuzzer wants.
type world struct {
	next  func(n int) int
	model *agents.Model
	at    time.Time
	calls [3]calls.Call
}

var (
	endpoints = []string{"PJSIP/101", "PJSIP/102", "Local/103@agents/n", "", "PJSIP/101-1"}
	queues    = []string{"support", "sales", ""}
	devices   = []string{"PJSIP/101", "PJSIP/102", "SIP/103", "Custom:DND101", "Custom:DND", "Local/1", "Queue:x", ""}
	states    = []string{"NOT_INUSE", "INUSE", "BUSY", "RINGING", "RINGINUSE", "ONHOLD", "UNAVAILABLE", "INVALID", "UNKNOWN", "0", "7", "99", ""}
	hints     = []string{"PJSIP/101&Custom:DND101", "PJSIP/102", "SIP/103,CustomPresence:1", "Custom:x", "Local/1", "", "&&", "PJSIP/102&PJSIP/101"}
	persons   = []string{"ann", "ben", "", "a/b"}
)

func (w *world) of(all []string) string { return all[w.next(len(all))] }

// event makes any event that the Model knows, with fields that may be absent or absurd.
func (w *world) event() ami.Message {
	names := agents.EventNames()
	fields := []string{
		"Queue: " + w.of(queues), "Interface: " + w.of(endpoints), "StateInterface: " + w.of([]string{"", "hint:101@default", "PJSIP/102", "hint:x"}),
		"Paused: " + w.of([]string{"0", "1", "x"}), "PausedReason: " + w.of([]string{"", "lunch", "tea"}), "Penalty: " + w.of([]string{"0", "3", "-1", "x"}),
		"Status: " + w.of([]string{"0", "1", "2", "4", "5", "8", "-1", "17", "x"}), "CallsTaken: " + w.of([]string{"0", "1", "2", "99999999999"}),
		"LastCall: " + w.of([]string{"0", strconv.FormatInt(w.at.Unix(), 10), "99999999999999"}), "InCall: " + w.of([]string{"0", "1"}),
		"Wrapuptime: " + w.of([]string{"0", "5"}), "Device: " + w.of(devices), "State: " + w.of(states), "Exten: " + w.of([]string{"101", "102", ""}),
		"Context: default", "Hint: " + w.of(hints), "Channel: " + w.of(endpoints) + "-1", "Uniqueid: " + w.of([]string{"1", "2", "3", ""}),
		"ChannelStateDesc: " + w.of([]string{"Down", "Ringing", "Up"}), "Cause: " + w.of([]string{"16", "17"}), "MemberName: " + w.of(persons),
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Event: %s\r\nTimestamp: %d.%06d\r\n", w.of(names), w.at.Unix(), w.at.Nanosecond()/1000)
	for _, field := range fields {
		if w.next(8) > 0 {
			b.WriteString(field + "\r\n")
		}
	}
	m, err := ami.ParseMessage(b.String())
	if err != nil {
		panic(err)
	}
	return m
}

// call changes one of the calls at random.
func (w *world) call() calls.Change {
	i := w.next(len(w.calls))
	c := calls.Call{ID: strconv.Itoa(i)}
	when := func() time.Time {
		if w.next(2) == 0 {
			return time.Time{}
		}
		return w.at
	}
	for range w.next(3) {
		endpoint := w.of(endpoints)
		c.Legs = append(c.Legs, calls.Leg{
			Channel: endpoint + "-1", Uniqueid: w.of([]string{"1", "2", "3", ""}), Endpoint: endpoint, Ringing: when(), Answered: when(), Ended: when(),
		})
	}
	for range w.next(2) {
		c.Conversations = append(c.Conversations, calls.Conversation{A: w.of(endpoints) + "-1", B: w.of(endpoints) + "-1", End: when()})
	}
	if w.next(4) == 0 {
		c.Ended = w.at
	}
	return calls.Change{Kind: calls.ChangeKind(w.next(23)), At: w.at, Call: c}
}

// step does one thing.
func (w *world) step() []agents.Change {
	w.at = w.at.Add(time.Duration(w.next(4000)-200) * time.Millisecond)
	var changes []agents.Change
	switch w.next(24) {
	case 0:
		changes = w.model.Tick(w.at)
	case 1:
		changes = w.model.Lost(w.at)
	case 2, 3, 4:
		s := &agents.Snapshot{}
		for range w.next(6) {
			s.Add(w.event())
		}
		for _, end := range []string{"QueueStatusComplete", "ExtensionStateListComplete", "DeviceStateListComplete"} {
			if w.next(8) > 0 {
				s.Add(message("Event: " + end))
			}
		}
		changes = w.model.Resync(s, w.at, w.event(), w.event())
	case 5:
		changes, _ = w.model.Assign(agents.Person{ID: w.of(persons), Name: w.of(persons)}, w.of(endpoints), w.at)
	case 6:
		changes, _ = w.model.Release(w.of(persons), w.at)
	case 7:
		changes, _ = w.model.Forget(w.of(append(persons, endpoints...)), w.at)
	case 8:
		changes, _ = w.model.SetMember(agents.Member{Queue: w.of(queues), Interface: w.of(endpoints), Paused: w.next(2) == 0}, w.at)
	case 9:
		changes = w.model.RemoveMember(w.of(queues), w.of(endpoints), w.at)
	case 10:
		changes = w.model.ResetStats(w.at)
	case 11, 12, 13, 14, 15, 16:
		changes = w.model.FeedCall(w.call())
	default:
		changes = w.model.Feed(w.event(), w.at)
	}
	return changes
}

func message(text string) ami.Message {
	m, err := ami.ParseMessage(text)
	if err != nil {
		panic(err)
	}
	return m
}

// checkChanges applies changes to the picture before them, and finds what the Model has now.
func checkChanges(t *testing.T, picture map[string]agents.Agent, changes []agents.Change, m *agents.Model) {
	t.Helper()
	for _, change := range changes {
		before, known := picture[change.Agent.ID]
		switch {
		case change.Kind == agents.Gone:
			if !reflect.DeepEqual(before, change.Agent) {
				t.Fatalf("who has gone was another one: %s", difference(before, change.Agent))
			}
			delete(picture, change.Agent.ID)
			continue
		case known == (change.Kind == agents.Appeared):
			t.Fatalf("%v of %q, who is known: %v", change.Kind, change.Agent.ID, known)
		case known && reflect.DeepEqual(before, change.Agent) && change.Kind == agents.Updated:
			t.Fatalf("nothing was updated of %q", change.Agent.ID)
		}
		picture[change.Agent.ID] = change.Agent
	}
	is := m.Agents()
	if len(is) != len(picture) {
		t.Fatalf("the Model has %d agents, the changes have told of %v", len(is), slices.Sorted(maps.Keys(picture)))
	}
	for _, a := range is {
		if diff := difference(picture[a.ID], a); diff != "" {
			t.Fatalf("%q as told is not what the Model has: %s", a.ID, diff)
		}
	}
}

// A snapshot and the changes after it are the next snapshot; the time of each agent adds up; and the same input has the same
// result.
func TestSnapshotAndChanges(t *testing.T) {
	for seed := range uint64(150) {
		var runs [2][]string
		for run := range runs {
			random := rand.New(rand.NewPCG(seed, 1))
			w := &world{next: random.IntN, at: noon, model: agents.NewModel(agents.Config{
				Calls: seed%2 == 0, WrapUp: map[string]time.Duration{"support": 3 * time.Second},
			})}
			picture, first := map[string]agents.Agent{}, map[string]time.Time{}
			for range 200 {
				changes := w.step()
				for _, change := range changes {
					runs[run] = append(runs[run], fmt.Sprintf("%+v", change))
					if change.Kind == agents.Appeared || change.Agent.Stats.Total() == 0 { // ResetStats
						first[change.Agent.ID] = change.Agent.Since
					}
				}
				checkChanges(t, picture, changes, w.model)
				checkTimes(t, first, picture)
			}
		}
		for i, told := range runs[0] {
			if i >= len(runs[1]) || runs[1][i] != told {
				t.Fatalf("seed %d: the same input has had two results: %d changes and %d, and at %d\n%s\n%s", seed, len(runs[0]), len(runs[1]), i,
					told, runs[1][min(i, len(runs[1])-1)])
			}
		}
	}
}

// checkTimes finds that the times of each agent add up to that since it was first known.
func checkTimes(t *testing.T, first map[string]time.Time, picture map[string]agents.Agent) {
	t.Helper()
	for id, a := range picture {
		if known := a.Since.Sub(first[id]); a.Stats.Total() != known {
			t.Fatalf("%s is known for %v, and its times are %v: %+v", id, known, a.Stats.Total(), a.Stats)
		}
	}
}

// FuzzModel feeds whatever a fuzzer finds: nothing panics, and what is told is what is.
func FuzzModel(f *testing.F) {
	f.Add([]byte("0123456789abcdefghijklmnopqrstuvwxyz"))
	random := rand.New(rand.NewPCG(1, 2))
	long := make([]byte, 1024)
	for i := range long {
		long[i] = byte(random.IntN(256))
	}
	f.Add(long)
	f.Fuzz(func(t *testing.T, input []byte) {
		input = input[:min(len(input), 2048)]
		w := &world{at: noon, model: agents.NewModel(agents.Config{Calls: len(input)%2 == 0, WrapUp: map[string]time.Duration{"": time.Second}})}
		w.next = func(n int) int {
			if len(input) == 0 {
				return 0
			}
			v := int(input[0])
			if n > 256 && len(input) > 1 {
				v = v<<8 | int(input[1])
			}
			input = input[1:]
			return v % n
		}
		picture := map[string]agents.Agent{}
		for len(input) > 0 {
			checkChanges(t, picture, w.step(), w.model)
		}
	})
}

// FuzzEvents feeds events with any fields: what Asterisk never sends.
func FuzzEvents(f *testing.F) {
	for _, name := range agents.EventNames() {
		f.Add("Event: " + name + "\r\nQueue: support\r\nInterface: PJSIP/101\r\nStatus: 1\r\nDevice: PJSIP/101\r\nState: INUSE\r\nExten: 101\r\nHint: PJSIP/101\r\n")
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ami.ParseMessage(text)
		if err != nil {
			return // not a message
		}
		model := agents.NewModel(agents.Config{WrapUp: map[string]time.Duration{"": time.Second}})
		picture := map[string]agents.Agent{}
		s := &agents.Snapshot{}
		s.Add(m)
		s.Add(message("Event: QueueStatusComplete"))
		checkChanges(t, picture, model.Feed(m, noon), model)
		checkChanges(t, picture, model.Resync(s, noon, m), model)
		checkChanges(t, picture, model.Feed(m, noon), model)
	})
}

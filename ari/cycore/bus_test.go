package cycore

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	v5 "github.com/CyCoreSystems/ari/v5"
	"github.com/CyCoreSystems/ari/v5/stdbus"

	"github.com/asterism-go/asterism/ari"
)

func testBus(t testing.TB, bound int) *bus {
	b := newBus(&ari.App{Name: "test", Client: &ari.Client{}, QueueSize: bound})
	t.Cleanup(b.Close)
	return b
}

func digit(channel, digit string) *v5.ChannelDtmfReceived {
	return &v5.ChannelDtmfReceived{
		EventData: v5.EventData{Type: v5.Events.ChannelDtmfReceived, Application: "test", Node: "n"},
		Channel:   v5.ChannelData{ID: channel}, Digit: digit,
	}
}

// Who gets what: the same as with v5's own bus, but for events that have no keys.
func TestBusMatches(t *testing.T) {
	entered := &v5.ChannelEnteredBridge{
		EventData: v5.EventData{Type: v5.Events.ChannelEnteredBridge, Application: "test"},
		Bridge:    v5.BridgeData{ID: "b", ChannelIDs: []string{"1", "2"}}, Channel: v5.ChannelData{ID: "1"},
	}
	replaced := &v5.ApplicationReplaced{EventData: v5.EventData{Type: v5.Events.ApplicationReplaced, Application: "test"}}
	for name, test := range map[string]struct {
		key   *v5.Key
		types []string
		event v5.Event
		want  bool
	}{
		"no key":             {nil, []string{"ChannelDtmfReceived"}, digit("1", "5"), true},
		"all":                {nil, []string{v5.Events.All}, digit("1", "5"), true},
		"all and its type":   {nil, []string{v5.Events.All, "ChannelDtmfReceived"}, digit("1", "5"), true},
		"another type":       {nil, []string{"StasisEnd"}, digit("1", "5"), false},
		"no type":            {nil, nil, digit("1", "5"), false},
		"its channel":        {v5.NewKey(v5.ChannelKey, "1"), []string{"ChannelDtmfReceived"}, digit("1", "5"), true},
		"another channel":    {v5.NewKey(v5.ChannelKey, "2"), []string{"ChannelDtmfReceived"}, digit("1", "5"), false},
		"another kind":       {v5.NewKey(v5.BridgeKey, "1"), []string{"ChannelDtmfReceived"}, digit("1", "5"), false},
		"all of a kind":      {v5.NewKey(v5.ChannelKey, ""), []string{"ChannelDtmfReceived"}, digit("1", "5"), true},
		"another node":       {v5.NodeKey("test", "m"), []string{"ChannelDtmfReceived"}, digit("1", "5"), false},
		"its node":           {v5.NodeKey("test", "n"), []string{"ChannelDtmfReceived"}, digit("1", "5"), true},
		"another app":        {v5.AppKey("x"), []string{"ChannelDtmfReceived"}, digit("1", "5"), false},
		"who is in a bridge": {v5.NewKey(v5.ChannelKey, "2"), []string{"ChannelEnteredBridge"}, entered, true},
		"the bridge":         {v5.NewKey(v5.BridgeKey, "b"), []string{"ChannelEnteredBridge"}, entered, true},
		"without keys":       {nil, []string{"ApplicationReplaced"}, replaced, true},
	} {
		count := func(b v5.Bus) int {
			sub := b.Subscribe(test.key, test.types...)
			b.Send(test.event)
			sub.Cancel()
			sub.Cancel()
			n := 0
			for range sub.Events() {
				n++
			}
			return n
		}
		ours, theirs := count(testBus(t, 100)), count(stdbus.New())
		if (ours == 1) != test.want || ours > 1 {
			t.Errorf("%s: %d times", name, ours)
		}
		if name != "without keys" && (theirs > 0) != test.want {
			t.Errorf("%s: v5 does otherwise: %d", name, theirs)
		}
	}
}

// A subscription that is not read for long loses nothing, and keeps the order. (v5: 100 of 300, in silence.)
func TestBusLosesNothing(t *testing.T) {
	b := testBus(t, 0)
	sub := b.Subscribe(nil, v5.Events.ChannelDtmfReceived)
	const many = 5000
	for i := range many {
		b.Send(digit("1", string(rune(i))))
	}
	for i := range many {
		if e := (<-sub.Events()).(*v5.ChannelDtmfReceived); e.Digit != string(rune(i)) {
			t.Fatalf("event %d: %q", i, e.Digit)
		}
	}
	sub.Cancel()
	if _, ok := <-sub.Events(); ok {
		t.Error("an event after the end")
	}
	if len(b.types) != 0 {
		t.Errorf("left behind: %v", b.types)
	}
}

// What does not fit is counted, and who asks for it is told where it is missing, and how much.
func TestBusTellsGaps(t *testing.T) {
	b := testBus(t, 10)
	sub := b.Subscribe(nil, v5.Events.ChannelDtmfReceived, GapType)
	for range 200 {
		b.Send(digit("1", "5"))
	}
	lost := b.lost.Load()
	if lost == 0 {
		t.Fatal("nothing is lost")
	}
	for range 20 {
		<-sub.Events()
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for sent := false; !sent; <-tick.C { // room is made a moment after the reading
		lost = b.lost.Load()
		b.Send(digit("1", "6"))
		sent = b.lost.Load() == lost
	}
	for e := range sub.Events() {
		if gap, ok := e.(*Gap); ok {
			if gap.Lost != lost || gap.Err == nil {
				t.Errorf("gap: %+v, lost %d", gap, lost)
			}
			break
		}
	}
	if e := (<-sub.Events()).(*v5.ChannelDtmfReceived); e.Digit != "6" {
		t.Errorf("after the gap: %q", e.Digit)
	}
}

// Close ends all subscriptions, also those that nobody reads, and those that come later. (v5: half of them stay.)
func TestBusCloses(t *testing.T) {
	b := testBus(t, 100)
	var subs []v5.Subscription
	for range 10 {
		subs = append(subs, b.Subscribe(nil, v5.Events.All))
	}
	for range 50 {
		b.Send(digit("1", "5"))
	}
	b.Close()
	b.Close()
	subs = append(subs, b.Subscribe(nil, v5.Events.All))
	b.Send(digit("1", "5"))
	for _, sub := range subs {
		for range sub.Events() {
		}
		sub.Cancel()
	}
}

// An event of a type that v5 does not have comes all the same. (v5: it ends the connection, or crashes.)
func TestUnknown(t *testing.T) {
	lines := events(t)
	lines = append(lines, `{"type":"ChannelToneDetected","application":"test","channel":{"id":"1"}}`)
	unknown := 0
	for _, line := range lines {
		into := newEvent(typeOf(line))
		e, err := decode(fake(t, line))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if u, ok := e.(*Unknown); ok {
			unknown++
			if typeOf(line) == "ChannelToneDetected" && (u.Channel.ID != "1" || len(u.Keys()) != 1 || string(u.JSON) != line) {
				t.Errorf("got %+v", u)
			}
			continue
		}
		if e.GetType() != typeOf(line) || into == nil {
			t.Errorf("%s is %s", line, e.GetType())
		}
	}
	if unknown == 0 {
		t.Error("none is unknown")
	}
}

// Debian's packages have no mailboxes.
func TestMailboxes(t *testing.T) {
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Method+" "+r.RequestURI)
		switch {
		case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "mailboxes"):
			w.Write([]byte(`[{"name":"100@default"}]`)) //nolint:errcheck // the client sees it
		case r.Method == http.MethodGet:
			w.Write([]byte(`{"name":"100@default","old_messages":1,"new_messages":2}`)) //nolint:errcheck // the client sees it
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	defer server.Close()
	client := &ari.Client{URL: server.URL + "/ari"}
	defer client.Close()
	wrapped := &Client{app: &ari.App{Name: "test", Client: client}}
	other := From(wrapped)
	box := wrapped.Mailbox().Get(v5.NewKey(v5.MailboxKey, "100@default"))
	keys, err := wrapped.Mailbox().List(v5.NewKey(v5.MailboxKey, ""))
	if err != nil || len(keys) != 1 {
		t.Errorf("list: %v %v", keys, err)
	}
	if data, err := box.Data(); err != nil || data.NewMessages != 2 || data.OldMessages != 1 {
		t.Errorf("data: %+v %v", data, err)
	}
	if err := other.Client.Mailboxes().Update(t.Context(), "100@default", 3, 0); err != nil {
		t.Error(err)
	}
	if all, err := other.Client.Mailboxes().List(t.Context()); err != nil || len(all) != 1 || all[0].NewMessages != 2 {
		t.Errorf("list: %v %v", all, err)
	}
	if err := box.Delete(); err != nil {
		t.Error(err)
	}
	if want := "PUT /ari/mailboxes/100%40default?newMessages=0&oldMessages=3"; !strings.Contains(strings.Join(got, "\n"), "oldMessages=3") {
		t.Errorf("got %v, want %s", got, want)
	}
}

// events are real ones of Asterisk 22.
func events(t testing.TB) []string {
	t.Helper()
	text, err := os.ReadFile("../testdata/events-22.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

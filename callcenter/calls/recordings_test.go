package calls_test

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// A recording is a directory of testdata: the manager's events of a real Asterisk with SIP phones, and the truth of what
// happened, told by the audio that each phone heard and by its SIP log. testdata/README.md has more.

// timeTolerance and talkTolerance are how far apart the clocks and ears of the phones and the events may be, in seconds.
const (
	timeTolerance = 0.35
	talkTolerance = 0.7
)

func TestRecordings(t *testing.T) {
	dirs, err := filepath.Glob("testdata/*/truth.json")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, file := range dirs {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			var truth struct{ Calls []trueCall }
			readJSON(t, file, &truth)
			var told []calls.Call
			for _, change := range replay(t, dir) {
				if change.Kind == calls.Ended {
					told = append(told, change.Call)
				}
			}
			if len(told) != len(truth.Calls) {
				t.Fatalf("%d calls, want %d", len(told), len(truth.Calls))
			}
			for _, want := range truth.Calls {
				compare(t, want, find(t, told, want.Legs[0].Uniqueid))
			}
		})
	}
}

// trueCall and trueLeg are the truth, in the words of the schema call/1; legs are named L1, L2 ... by it.
type trueCall struct {
	Direction  calls.Direction
	Result     calls.Result
	Missed     bool
	Dialed     string
	Caller     trueParty
	Callee     trueParty
	AnsweredBy string `json:"answered_by"`
	HangupBy   string `json:"hangup_by"`

	Started, Answered, Ended float64

	Legs          []trueLeg
	Conversations []struct {
		A, B       string
		Start, End float64
	}
}

type trueParty struct {
	Number string
	Name   string
	Kind   calls.PartyKind
}

type trueLeg struct {
	ID, Channel, Uniqueid, Endpoint, Number, Name string

	Role    calls.Role
	Kind    calls.PartyKind
	Outcome calls.Outcome
	Placed  bool `json:"placed_by_leg"`

	Started, Ringing, Answered, Ended float64

	HoldSeconds float64 `json:"hold_seconds"`
	TalkSeconds float64 `json:"talk_seconds"`
}

func compare(t *testing.T, want trueCall, got calls.Call) {
	t.Helper()
	channels := map[string]string{"": "", calls.System: calls.System}
	for _, leg := range want.Legs {
		channels[leg.ID] = leg.Channel
	}
	type facts struct {
		Direction            calls.Direction
		Result               calls.Result
		Missed               bool
		Dialed               string
		Caller, Callee       calls.Party
		AnsweredBy, HangupBy string
	}
	wantFacts := facts{
		want.Direction, want.Result, want.Missed, want.Dialed, calls.Party(want.Caller), calls.Party(want.Callee),
		channels[want.AnsweredBy], channels[want.HangupBy],
	}
	gotFacts := facts{
		got.Direction, got.Result, got.Missed, got.Dialed, got.Caller, got.Callee, got.AnsweredBy, got.HangupBy,
	}
	if want.HangupBy == "" { // the phones could not tell
		wantFacts.HangupBy = gotFacts.HangupBy
	}
	if diff := cmp.Diff(wantFacts, gotFacts); diff != "" {
		t.Errorf("call %s (-truth +told):\n%s", got.ID, diff)
	}
	near(t, "started", want.Started, got.Started)
	near(t, "answered", want.Answered, got.Answered)
	near(t, "ended", want.Ended, got.Ended)
	compareLegs(t, want.Legs, got.Legs)

	if len(got.Conversations) != len(want.Conversations) {
		t.Fatalf("%d conversations, want %d", len(got.Conversations), len(want.Conversations))
	}
	for i, talk := range want.Conversations {
		if got.Conversations[i].A != channels[talk.A] || got.Conversations[i].B != channels[talk.B] {
			t.Errorf("conversation %d is %v, want %s and %s", i, got.Conversations[i], channels[talk.A], channels[talk.B])
		}
		near(t, "talk start", talk.Start, got.Conversations[i].Start)
		near(t, "talk end", talk.End, got.Conversations[i].End)
	}
}

func compareLegs(t *testing.T, want []trueLeg, got []calls.Leg) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d legs, want %d", len(got), len(want))
	}
	for i, leg := range want {
		wantLeg := calls.Leg{
			Channel: leg.Channel, Uniqueid: leg.Uniqueid, Role: leg.Role, Kind: leg.Kind, Endpoint: leg.Endpoint,
			Number: leg.Number, Name: leg.Name, Outcome: leg.Outcome,
		}
		gotLeg := got[i]
		if !leg.Placed { // who places a call rings nowhere; the truth notes the ringing that he heard
			near(t, leg.Channel+" ringing", leg.Ringing, gotLeg.Ringing)
		}
		near(t, leg.Channel+" started", leg.Started, gotLeg.Started)
		near(t, leg.Channel+" answered", leg.Answered, gotLeg.Answered)
		near(t, leg.Channel+" ended", leg.Ended, gotLeg.Ended)
		within(t, leg.Channel+" hold", leg.HoldSeconds, gotLeg.HoldTime.Seconds())
		within(t, leg.Channel+" talk", leg.TalkSeconds, gotLeg.TalkTime.Seconds())
		gotLeg.Started, gotLeg.Ringing, gotLeg.Answered, gotLeg.Ended = time.Time{}, time.Time{}, time.Time{}, time.Time{}
		gotLeg.HoldTime, gotLeg.TalkTime = 0, 0
		if diff := cmp.Diff(wantLeg, gotLeg); diff != "" {
			t.Errorf("leg %d (-truth +told):\n%s", i, diff)
		}
	}
}

func near(t *testing.T, what string, want float64, got time.Time) {
	t.Helper()
	if (want == 0) != got.IsZero() {
		t.Errorf("%s is %v, want %f", what, got, want)
		return
	}
	if want != 0 && math.Abs(float64(got.UnixMicro())/1e6-want) > timeTolerance {
		t.Errorf("%s is %f, want %f", what, float64(got.UnixMicro())/1e6, want)
	}
}

func within(t *testing.T, what string, want, got float64) {
	t.Helper()
	if math.Abs(want-got) > talkTolerance {
		t.Errorf("%s is %f s, want %f s", what, got, want)
	}
}

func find(t *testing.T, told []calls.Call, id string) calls.Call {
	t.Helper()
	for _, call := range told {
		if call.ID == id {
			return call
		}
	}
	t.Fatalf("no call %s", id)
	return calls.Call{}
}

// replay feeds a recording to a new Tracker and returns all changes.
func replay(t testing.TB, dir string) []calls.Change {
	t.Helper()
	tracker := calls.NewTracker(recordedConfig(t))
	var changes []calls.Change
	for _, event := range events(t, dir) {
		changes = append(changes, tracker.Feed(event, time.Time{})...)
	}
	return changes
}

func recordedConfig(t testing.TB) calls.Config {
	t.Helper()
	var cfg calls.Config
	readJSON(t, "testdata/input.json", &cfg)
	return cfg
}

// events reads the messages of a recording.
func events(t testing.TB, dir string) []ami.Message {
	t.Helper()
	file, err := os.Open(filepath.Join(dir, "ami.txt.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var messages []ami.Message
	reader := ami.NewReader(text)
	for {
		message, err := reader.ReadMessage()
		if errors.Is(err, io.EOF) {
			return messages
		}
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, message)
	}
}

func readJSON(t testing.TB, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

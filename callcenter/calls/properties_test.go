package calls_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// Threads of Asterisk tell what they do each for itself, so events that are close in time come in any order, but for those
// of one channel. The calls must be the same.
func TestAnyOrder(t *testing.T) {
	for _, r := range situations(t) {
		if r.hasGap() {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			messages := relevant(r.messages(t))
			want, _ := play(t, messages)
			for seed := range uint64(8) {
				got, _ := play(t, shuffled(messages, seed))
				if diff := diffCalls(want, got, reach); diff != "" {
					t.Fatalf("seed %d (-in order +shuffled):\n%s", seed, diff)
				}
				holdAgainstTruth(t, r, got)
			}
		})
	}
}

func TestRandomCallsInAnyOrder(t *testing.T) {
	r := randomCalls(t)
	messages := relevant(r.messages(t))
	for seed := range uint64(3) {
		got, _ := play(t, shuffled(messages, seed))
		holdAgainstTruth(t, r, got)
	}
}

// reach is how far messages are moved.
const reach = 50 * time.Millisecond

// shuffled delays each message by up to 50 ms, but none of a channel behind another one of the same.
func shuffled(messages []ami.Message, seed uint64) []ami.Message {
	random := rand.New(rand.NewPCG(seed, 50))
	type delayed struct {
		message ami.Message
		at      int64
	}
	last := map[string]int64{}
	out := make([]delayed, len(messages))
	for i, message := range messages {
		at := micro(message) + random.Int64N(reach.Microseconds())
		ids := channelIDs(message)
		for _, id := range ids {
			at = max(at, last[id])
		}
		for _, id := range ids {
			last[id] = at
		}
		out[i] = delayed{message, at}
	}
	slices.SortStableFunc(out, func(a, b delayed) int { return int(a.at - b.at) })
	shuffled := make([]ami.Message, len(out))
	for i, d := range out {
		shuffled[i] = d.message
	}
	return shuffled
}

func micro(message ami.Message) int64 {
	seconds, err := strconv.ParseFloat(message.Get("Timestamp"), 64)
	if err != nil {
		return 0
	}
	return int64(seconds * 1e6)
}

// channelIDs are the channels that a message is about.
func channelIDs(message ami.Message) (ids []string) {
	for key, value := range message.All() {
		if strings.HasSuffix(strings.ToLower(key), "uniqueid") && !strings.Contains(key, "Bridge") {
			ids = append(ids, value)
		}
	}
	return ids
}

// diffCalls compares calls, but for variables; times may differ by a tolerance.
func diffCalls(want, got []calls.Call, tolerance time.Duration) string {
	return cmp.Diff(want, got, cmp.Comparer(func(a, b time.Time) bool {
		return a.IsZero() == b.IsZero() && a.Sub(b).Abs() <= tolerance
	}), cmp.Comparer(func(a, b time.Duration) bool { return (a - b).Abs() <= 2*tolerance }))
}

// A stream that is merged of many recordings gives the calls of each. Their channels are renamed, so that they are
// different ones, and their times are moved to begin together.
func TestMergedStreams(t *testing.T) {
	all := situations(t)
	var want []calls.Call
	var merged []ami.Message
	for i, r := range all {
		if r.hasGap() || i%2 == 1 {
			continue
		}
		messages := moved(t, relevant(r.messages(t)), i)
		finished, _ := play(t, messages)
		want = append(want, finished...)
		merged = append(merged, messages...)
	}
	slices.SortStableFunc(merged, func(a, b ami.Message) int { return int(micro(a) - micro(b)) })
	slices.SortFunc(want, func(a, b calls.Call) int { return strings.Compare(a.ID, b.ID) })
	got, _ := play(t, merged)
	if len(want) < 50 {
		t.Fatalf("only %d calls", len(want))
	}
	if diff := diffCalls(want, got, 0); diff != "" {
		t.Errorf("(-one by one +merged):\n%s", diff)
	}
}

// moved renames the channels of a recording by its number, and moves its times to the same beginning. Telephones are
// renamed too: those of one recording are not those of another.
func moved(t *testing.T, messages []ami.Message, number int) []ami.Message {
	t.Helper()
	const begin = 1_800_000_000_000_000
	first := int64(0)
	out := make([]ami.Message, 0, len(messages))
	for _, message := range messages {
		at := micro(message)
		if at == 0 {
			continue
		}
		if first == 0 {
			first = at
		}
		var text strings.Builder
		for key, value := range message.All() {
			lower := strings.ToLower(key)
			switch {
			case key == "Timestamp":
				at := begin + at - first
				value = fmt.Sprintf("%d.%06d", at/1_000_000, at%1_000_000)
			case value != "" && (strings.HasSuffix(lower, "uniqueid") || strings.HasSuffix(lower, "linkedid")):
				value = fmt.Sprintf("s%d-%s", number, value)
			case strings.HasSuffix(key, "Channel"):
				value = strings.Replace(value, "-0", fmt.Sprintf("-s%d0", number), 1)
			}
			text.WriteString(key + ": " + value + "\r\n")
		}
		event, err := ami.ParseMessage(text.String())
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, event)
	}
	return out
}

// What is told twice changes nothing.
func TestEveryEventTwice(t *testing.T) {
	for _, r := range situations(t) {
		if r.hasGap() {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			messages := relevant(r.messages(t))
			want, _ := play(t, messages)
			twice := make([]ami.Message, 0, 2*len(messages))
			for _, message := range messages {
				twice = append(twice, message, message)
			}
			got, _ := play(t, twice)
			if diff := diffCalls(want, got, 0); diff != "" {
				t.Errorf("(-once +twice):\n%s", diff)
			}
		})
	}
}

// A user of the manager who may not read the class dialplan gets neither VarSet nor Newexten. All but what only those tell
// stays right.
func TestWithoutClassDialplan(t *testing.T) {
	for _, r := range situations(t) {
		t.Run(r.name, func(t *testing.T) {
			want, _ := play(t, r.messages(t))
			got, _ := play(t, slices.DeleteFunc(slices.Clone(r.messages(t)), func(m ami.Message) bool {
				return m.Event() == "VarSet" || m.Event() == "Newexten"
			}))
			if len(want) != len(got) {
				t.Fatalf("%d calls, want %d", len(got), len(want))
			}
			for i := range want { // what is asked for is asked of both
				maskDialplan(&want[i], &got[i])
			}
			if diff := diffCalls(want, got, time.Millisecond); diff != "" {
				t.Errorf("(-with +without):\n%s", diff)
			}
		})
	}
}

// maskDialplan takes out of two tellings of a call what only the class dialplan tells.
func maskDialplan(with, without *calls.Call) {
	if with.Voicemail != nil || len(with.Menus) > 0 {
		with.Result, with.Callee, without.Result, without.Callee = "", calls.Party{}, "", calls.Party{}
	}
	for _, c := range []*calls.Call{with, without} {
		c.Voicemail, c.Menus = nil, nil
		for j := range c.Recordings {
			c.Recordings[j].Files, c.Recordings[j].By = nil, ""
		}
		for j := range c.Spies {
			c.Spies[j].Mode = ""
		}
		for j := range c.Queues {
			if c.Queues[j].Outcome == calls.QueueExitKey {
				c.Queues[j].Outcome, c.Queues[j].Key = calls.QueueTimeout, ""
			}
		}
	}
}

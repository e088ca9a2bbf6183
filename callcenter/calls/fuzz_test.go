package calls_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// FuzzFeed plays the events of recordings in any order, with any of them missing, and mixed with each other: whatever
// comes, nothing panics, every call can be told, and when all channels have hung up nothing is kept.
func FuzzFeed(f *testing.F) {
	var all []ami.Message
	for _, name := range []string{
		"xfer_att_dtmf", "queue_local_n_attended_transfer", "park_retrieve", "conf3", "ami_bridge_two_calls", "pickup_queue_call",
		"spy_barge", "xfer_att_to_queue", "callback_to_queue", "gap_crash",
	} {
		all = append(all, situation(f, name).messages(f)...)
	}
	all = relevant(all)
	f.Add([]byte{0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	f.Add([]byte{200, 0, 0, 0, 0, 0, 0, 9, 9, 9, 80, 7, 1})
	every := make([]byte, len(all))
	for i := range every {
		every[i] = 1
	}
	f.Add(every)
	cfg := recordedConfig(f)
	f.Fuzz(func(t *testing.T, steps []byte) {
		tracker := calls.NewTracker(cfg)
		seen := map[string]bool{}
		at := 0
		for _, step := range steps {
			at = (at + int(step)) % len(all) // 0 plays the same event again
			check(t, tracker.Feed(all[at], time.Unix(int64(at), 0)))
			seen[all[at].Get("Uniqueid")] = true
		}
		hangUp(t, tracker, seen)
	})
}

// hangUp ends all channels, and finds nothing left.
func hangUp(t *testing.T, tracker *calls.Tracker, channels map[string]bool) {
	t.Helper()
	for id := range channels {
		if id == "" {
			continue
		}
		event, err := ami.ParseMessage(fmt.Sprintf("Event: Hangup\r\nUniqueid: %s\r\nCause: 16\r\n", id))
		if err != nil {
			t.Fatal(err)
		}
		check(t, tracker.Feed(event, time.Unix(4e9, 0)))
	}
	check(t, tracker.Tick(time.Unix(4e9+10, 0)))
	check(t, tracker.Flush())
	if kept := tracker.Kept(); kept != "" {
		t.Errorf("kept after all channels have hung up: %s", kept)
	}
}

func check(t *testing.T, changes []calls.Change) {
	t.Helper()
	for _, change := range changes {
		if _, err := json.Marshal(change.Call); err != nil {
			t.Fatal(err)
		}
		if change.Kind == calls.Finished && change.Call.Ended.IsZero() {
			t.Fatalf("a finished call without an end: %+v", change.Call)
		}
	}
}

// relevant are the events that say something about calls.
func relevant(messages []ami.Message) []ami.Message {
	var out []ami.Message
	for _, message := range messages {
		switch message.Event() {
		case "", "CEL", "Cdr", "TestEvent", "DeviceStateChange", "QueueMember", "QueueParams", "FullyBooted", "NewConnectedLine":
		default:
			out = append(out, message)
		}
	}
	return out
}

// FuzzMutated feeds events with any fields: what Asterisk never sends.
func FuzzMutated(f *testing.F) {
	for _, message := range relevant(situation(f, "xfer_att_complete").messages(f)) {
		f.Add(message.String())
	}
	events := relevant(situation(f, "queue_recorded").messages(f))
	cfg := recordedConfig(f)
	f.Fuzz(func(t *testing.T, text string) {
		event, err := ami.ParseMessage(text)
		if err != nil {
			return // not a message
		}
		tracker := calls.NewTracker(cfg)
		seen := map[string]bool{event.Get("Uniqueid"): true}
		for i, other := range events {
			if i%3 == 0 {
				check(t, tracker.Feed(event, time.Unix(int64(i), 0)))
			}
			check(t, tracker.Feed(other, time.Unix(int64(i), 0)))
			seen[other.Get("Uniqueid")] = true
		}
		hangUp(t, tracker, seen)
	})
}

package calls_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/asterism-go/asterism/callcenter/calls"
)

// A change that is kept stays as it was told, also while another goroutine reads it and the Tracker goes on: with -race this
// shows that nothing is written to what changes share.
func TestChangesAreKept(t *testing.T) {
	for _, r := range append(situations(t), randomCalls(t)) {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			player := calls.Player{Tracker: calls.NewTracker(recordedConfig(t))}
			var kept []calls.Change
			var told []string
			read := make(chan calls.Change, 1000)
			texts := make(chan []string)
			go func() {
				var all []string
				for change := range read {
					all = append(all, textOf(change))
				}
				texts <- all
			}()
			keep := func(changes []calls.Change) {
				for _, change := range changes {
					kept, told = append(kept, change), append(told, textOf(change))
					read <- change
				}
			}
			for _, message := range r.messages(t) {
				keep(player.Feed(message, time.Time{}))
			}
			keep(player.End())
			close(read)
			others := <-texts
			for i, change := range kept {
				if now := textOf(change); now != told[i] || others[i] != told[i] {
					t.Fatalf("change %d was %s\nis %s\nwas read as %s", i, told[i], now, others[i])
				}
			}
			if len(kept) == 0 {
				t.Error("nothing has changed")
			}
		})
	}
}

// textOf is all that a change says.
func textOf(change calls.Change) string {
	document, err := json.Marshal(change.Call)
	return fmt.Sprintf("%+v %s %v", change, document, err)
}

// The slice that Feed returns is used again, but what is appended to it, or told by anything else than Feed, is not.
func TestFedAgain(t *testing.T) {
	tracker := calls.NewTracker(calls.Config{Trunks: []string{"PJSIP/trunk-main"}})
	var all []calls.Change
	for _, message := range messagesOf(t, callText(1, answeredText+hungUpText)) {
		at := time.Unix(1_800_000_010, 0)
		changes := append(tracker.Feed(message, at), tracker.Tick(at.Add(-time.Hour))...)
		all = append(all, changes...)
	}
	changes := append(tracker.Tick(time.Unix(1_800_000_010, 0)), tracker.Flush()...)
	var kinds []calls.ChangeKind
	for _, change := range append(all, changes...) {
		kinds = append(kinds, change.Kind)
	}
	want := []calls.ChangeKind{
		calls.Started, calls.Ringing, calls.Connected, calls.Talking, calls.TalkingEnd, calls.Ended, calls.Finished,
	}
	if fmt.Sprint(kinds) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", kinds, want)
	}
}

package calls_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// A hold that lasts over a gap lasts, and one that ended in it has ended: the state of devices tells, if one knows whose.
func TestHoldOverAGap(t *testing.T) {
	pbx := realOffice(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cfg, _, err := calls.Discover(ctx, dialIn(t, pbx.Asterisk))
	if err != nil {
		t.Fatal(err)
	}
	for name, resumes := range map[string]bool{"lasts": false, "ends in it": true} {
		t.Run(name, func(t *testing.T) {
			tracker := calls.NewTracker(cfg)
			first := watch(ctx, t, dialIn(t, pbx.Asterisk), tracker)
			call, err := pbx.phones[0].Dial(ctx, "102")
			if err != nil {
				t.Fatal(err)
			}
			first.until(calls.Talking)
			if err := call.Hold(ctx); err != nil {
				t.Fatal(err)
			}
			first.until(calls.Held)
			first.until(calls.TalkingEnd)
			first.stop()
			lost := time.Now()
			if resumes {
				if err := call.Resume(ctx); err != nil {
					t.Fatal(err)
				}
			}
			client := dialIn(t, pbx.Asterisk)
			snapshot, err := calls.Take(ctx, client)
			if err != nil {
				t.Fatal(err)
			}
			tracker.Resync(snapshot, calls.Gap{Start: lost, End: snapshot.At})
			second := watch(ctx, t, client, tracker)
			if !resumes {
				if err := call.Resume(ctx); err != nil {
					t.Fatal(err)
				}
			}
			second.until(calls.Talking)
			if err := call.Hangup(ctx); err != nil {
				t.Fatal(err)
			}
			ended := second.until(calls.Ended)
			if ended.Legs[0].HoldTime == 0 || ended.Legs[1].HoldTime != 0 {
				t.Errorf("holds of %v and %v", ended.Legs[0].HoldTime, ended.Legs[1].HoldTime)
			}
		})
	}
}

// watcher follows a client while other things are done.
type watcher struct {
	t    *testing.T
	next func() (calls.Change, error, bool)
	stop func()
}

func watch(ctx context.Context, t *testing.T, client *ami.Client, tracker *calls.Tracker) *watcher {
	t.Helper()
	w := &watcher{t: t}
	w.next, w.stop = iter.Pull2(calls.Follow(ctx, client, tracker))
	t.Cleanup(w.stop)
	return w
}

// until waits for a change of a kind.
func (w *watcher) until(kind calls.ChangeKind) calls.Call {
	w.t.Helper()
	for {
		change, err, ok := w.next()
		if !ok || err != nil {
			w.t.Fatalf("no call is %s: %v", kind, err)
		}
		if change.Kind == kind {
			return change.Call
		}
	}
}

package queue

import (
	"context"
	"testing"
	"time"

	"github.com/asterism-go/asterism/queue/acd"
)

// Until it is known who is there nothing that has become due meanwhile happens: who has hung up during the outage has not timed out.
func TestOverdueAfterOutage(t *testing.T) {
	now := time.Now()
	joined, hungUp := now.Add(-time.Hour), now.Add(-59*time.Minute-30*time.Second)
	store := NewMemory()
	var change Change
	for i, id := range []string{"gone", "there"} {
		change.Callers = append(change.Callers, CallerRecord{Caller: acd.CallerRecord{
			Caller: acd.Caller{ID: id, Queue: "q", Joined: joined}, State: acd.Waiting, Entered: joined, Sequence: uint64(i + 1),
		}})
	}
	if err := store.Put(change); err != nil {
		t.Fatal(err)
	}
	var left []acd.Transition // the owner's
	s := &Server{Queues: []Queue{{Queue: acd.Queue{Name: "q", MaxWait: time.Minute}}}, Store: store, Observe: func(t acd.Transition) {
		left = append(left, t)
	}}
	s.setup()
	if err := s.load(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	s.life = ctx
	s.serving.Store(true)
	go s.own(ctx)
	look := func(what func(*acd.State)) {
		t.Helper()
		if err := s.look(ctx, func(state *acd.State) error { what(state); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	look(func(state *acd.State) { s.gone(state, "gone", hungUp) })
	look(func(*acd.State) {
		if len(left) != 1 || left[0].Caller != "gone" || left[0].Outcome != acd.Abandoned || !left[0].Time.Equal(hungUp) {
			t.Errorf("%+v", left)
		}
		if next := s.rest(); next < time.Second {
			t.Errorf("it does not rest: %v", next)
		}
	})
	close(s.counted)
	look(func(*acd.State) {}) // as takeOver does
	look(func(*acd.State) {
		if len(left) != 2 || left[1].Caller != "there" || left[1].Outcome != acd.TimedOut || left[1].Time.Before(now) {
			t.Errorf("%+v", left)
		}
	})
	stop()
	<-s.stopped
}

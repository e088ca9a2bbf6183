package queue_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
)

// brittle is a Store that fails at times.
type brittle struct {
	*queue.Memory
	broken atomic.Bool
	failed chan struct{} // gets one for each failure
}

func newBrittle() *brittle {
	return &brittle{Memory: queue.NewMemory(), failed: make(chan struct{}, 1)}
}

func (b *brittle) Put(c queue.Change) error {
	if !b.broken.Load() {
		return b.Memory.Put(c)
	}
	select {
	case b.failed <- struct{}{}:
	default:
	}
	return errors.New("no space left on device")
}

// While the Store fails nothing is told and nobody is rung, but callers hear music, and who hangs up takes the other side along. When
// it works again everything is told that has happened, and what is told is what is stored.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	store := newBrittle()
	h.check = func(tr acd.Transition) {
		records, err := store.Load()
		if err != nil {
			t.Error(err)
		}
		r, stored := records.Callers[tr.Caller]
		switch {
		case (tr.Kind == acd.Left || tr.Kind == acd.Finished) && stored:
			t.Errorf("%s has left, and is stored: %+v", tr.Caller, r)
		case tr.Kind == acd.Began && r.Caller.State != acd.Connected, tr.Kind == acd.Joined && tr.Caller != "c4" && !stored:
			t.Errorf("told %v of %s, stored %v %+v", tr.Kind, tr.Caller, stored, r)
		}
	}
	h.open(&queue.Server{
		Store:  store,
		Queues: []queue.Queue{{Queue: acd.Queue{Name: "support", Strategy: acd.Linear}}},
		Agents: localAgents("anna", "boris"),
	})
	h.call("c1", "qsupport")
	h.wait("c1 talks", of(acd.Began, "c1"))
	h.until("c1 has an agent", func() bool { _, talks := h.lineUp(); return talks["c1"] == 2 })
	leg := h.legOf("c1")

	store.broken.Store(true)
	for _, id := range []string{"c2", "c3"} {
		h.call(id, "qsupport")
		h.until(id+" hears music", func() bool { waiting, _ := h.lineUp(); return waiting[id] })
	}
	<-store.failed
	must(t, h.client.Channels().Hangup(within(t), "c1", ari.ChannelHangupParams{}))
	h.until("the leg is gone", func() bool { return h.isGone(leg) })
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := h.server.Pause(ctx, "anna", "coffee"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a pause that is not stored: %v", err)
	}
	if _, joined := h.find(of(acd.Joined, "c2")); joined {
		t.Error("it is told, and not stored")
	}
	h.call("c4", "qsupport")
	h.until("c4 hears music", func() bool { waiting, _ := h.lineUp(); return waiting["c4"] })
	must(t, h.client.Channels().Hangup(within(t), "c4", ari.ChannelHangupParams{}))
	h.until("c4 is gone", func() bool { return h.isGone("c4") })
	must(t, h.server.Do(within(t), func(*acd.State) error { store.broken.Store(false); return nil }))

	if over := h.wait("c1 has talked", of(acd.Finished, "c1")); over.Outcome != acd.Answered {
		t.Errorf("%+v", over)
	}
	if left := h.wait("c4 has left", of(acd.Left, "c4")); left.Outcome != acd.Abandoned {
		t.Errorf("%+v", left)
	}
	if next := h.wait("c2 talks", of(acd.Began, "c2")); next.Agent != "boris" {
		t.Errorf("anna pauses, but %+v", next)
	}
	if missed, ok := h.find(func(tr acd.Transition) bool { return tr.Kind == acd.OfferEnded && tr.Cause != acd.Withdrawn }); ok {
		t.Errorf("somebody is blamed: %+v", missed)
	}
	h.until("c2 has an agent, and c3 waits", func() bool {
		waiting, talks := h.lineUp()
		return talks["c2"] == 2 && waiting["c3"]
	})
}

// Before Serve and after it the Server says that it does not serve.
func TestNotServing(t *testing.T) {
	s := &queue.Server{App: &ari.App{Client: &ari.Client{URL: "http://127.0.0.1:1/ari"}, Name: "queue", ReconnectWait: -1}}
	check := func(when string) {
		t.Helper()
		for what, err := range map[string]error{
			"Do":    s.Do(t.Context(), func(*acd.State) error { return nil }),
			"Login": s.Login(t.Context(), "anna"),
		} {
			if !errors.Is(err, queue.ErrNotServing) {
				t.Errorf("%s %s: %v", what, when, err)
			}
		}
	}
	check("before Serve")
	if err := s.Serve(t.Context()); err == nil {
		t.Error("nobody is there, and it serves")
	}
	check("after Serve")
	if err := s.Ready(t.Context()); !errors.Is(err, queue.ErrNotServing) {
		t.Errorf("Ready: %v", err)
	}
}

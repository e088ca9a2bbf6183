package queue_test

import (
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
)

// wire is a network that can be cut: a proxy.
type wire struct {
	listener net.Listener
	to       string
	wg       sync.WaitGroup

	mu  sync.Mutex
	off bool
	all map[net.Conn]bool
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	w := &wire{listener: l, to: to, all: map[net.Conn]bool{}}
	w.wg.Go(w.accept)
	t.Cleanup(func() {
		w.set(true)
		l.Close()
		w.wg.Wait()
	})
	return w
}

func (w *wire) accept() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return
		}
		far, err := new(net.Dialer).DialContext(context.Background(), "tcp", w.to)
		if err != nil || !w.add(near, far) {
			near.Close()
			if err == nil {
				far.Close()
			}
			continue
		}
		for _, pair := range [][2]net.Conn{{near, far}, {far, near}} {
			w.wg.Go(func() {
				_, _ = io.Copy(pair[0], pair[1]) // until either is closed
				near.Close()
				far.Close()
			})
		}
	}
}

func (w *wire) add(conns ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range conns {
		w.all[c] = true
	}
	return !w.off
}

// set cuts the network, or mends it.
func (w *wire) set(off bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.off = off
	for c := range w.all {
		c.Close()
		delete(w.all, c)
	}
}

// localAgents are agents whose telephones answer at once.
func localAgents(ids ...string) []queue.Agent {
	agents := make([]queue.Agent, 0, len(ids))
	for _, id := range ids {
		a := agent(id, nil, "support")
		a.Endpoint = "Local/phone@default/n"
		agents = append(agents, a)
	}
	return agents
}

// of fits a transition of a caller.
func of(kind acd.Kind, caller string) func(acd.Transition) bool {
	return func(t acd.Transition) bool { return t.Kind == kind && t.Caller == caller }
}

// twoAndTwo has c1 and c2 talk, then c3 and c4 wait.
func (h *hall) twoAndTwo() {
	h.Helper()
	for i, id := range []string{"c1", "c2", "c3", "c4"} {
		h.call(id, "qsupport")
		if i < 2 {
			h.wait(id+" talks", of(acd.Began, id))
			h.until(id+" has an agent", func() bool { _, talks := h.lineUp(); return talks[id] == 2 })
		} else {
			h.wait(id+" waits", of(acd.Joined, id))
			h.until(id+" hears music", func() bool { waiting, _ := h.lineUp(); return waiting[id] })
		}
	}
}

// legOf is the channel of the agent who talks with a caller.
func (h *hall) legOf(caller string) string {
	h.Helper()
	b, err := h.client.Bridges().Get(within(h), "asterism-talk-"+caller)
	must(h, err)
	i := slices.IndexFunc(b.Channels, func(id string) bool { return id != caller })
	if i < 0 {
		h.Fatalf("%s talks with nobody: %+v", caller, b)
	}
	return b.Channels[i]
}

// isGone reports whether a channel is there no more.
func (h *hall) isGone(id string) bool {
	_, err := h.client.Channels().Get(within(h), id)
	return ari.IsNotFound(err)
}

// While the network is cut a caller who waits hangs up, and so does an agent. When it is mended both are found out: nobody stays in
// the queue who is not there, and the agent gets the next caller. Who is there stays.
func TestGap(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	w := newWire(t, h.pbx.HTTP.String())
	h.front = w.listener.Addr().String()
	h.open(&queue.Server{
		Queues: []queue.Queue{{Queue: acd.Queue{Name: "support", Strategy: acd.Linear}}},
		Agents: localAgents("anna", "boris"),
	})
	h.twoAndTwo()
	leg := h.legOf("c2")

	w.set(true)
	for _, id := range []string{"c4", leg} {
		must(t, h.client.Channels().Hangup(within(t), id, ari.ChannelHangupParams{}))
		h.until(id+" is gone", func() bool { return h.isGone(id) })
	}
	w.set(false)

	if left := h.wait("c4 has left", of(acd.Left, "c4")); left.Outcome != acd.Abandoned || left.Wait <= 0 {
		t.Errorf("%+v", left)
	}
	if over := h.wait("c2 has talked", of(acd.Finished, "c2")); !over.ByAgent || over.Outcome != acd.Answered || over.Agent != "boris" {
		t.Errorf("%+v", over)
	}
	if next := h.wait("c3 talks", of(acd.Began, "c3")); next.Agent != "boris" {
		t.Errorf("%+v", next)
	}
	h.until("c2 is gone", func() bool { return h.isGone("c2") })
	h.until("c3 hears boris", func() bool { _, talks := h.lineUp(); return talks["c3"] == 2 && talks["c1"] == 2 })
	if over, ok := h.find(of(acd.Finished, "c1")); ok {
		t.Errorf("who is there is gone: %+v", over)
	}
}

// Asterisk dies and comes again: it is seen that it is another one, all calls count as ended by that, when it was, and the next
// caller is served as if nothing had been.
func TestAsteriskRestarts(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.open(&queue.Server{
		Queues: []queue.Queue{{Queue: acd.Queue{Name: "support", Strategy: acd.Linear}}},
		Agents: localAgents("anna", "boris"),
	})
	h.twoAndTwo()

	h.config.HTTP = h.pbx.HTTP.Port()
	down := time.Now()
	h.pbx.Kill()
	h.pbx = asterisktest.Start(t, h.config)
	up := time.Now()

	for _, id := range []string{"c3", "c4"} {
		left := h.wait(id+" has left", of(acd.Left, id))
		if left.Outcome != acd.Restart || left.Time.Before(down.Add(-time.Second)) || left.Time.After(up) {
			t.Errorf("down %v, up %v: %+v", down, up, left)
		}
	}
	for _, id := range []string{"c1", "c2"} {
		if over := h.wait(id+" has talked", of(acd.Finished, id)); over.Outcome != acd.Restart || over.Talk <= 0 || over.ByAgent {
			t.Errorf("%+v", over)
		}
	}
	h.call("c5", "qsupport")
	h.wait("c5 talks", of(acd.Began, "c5"))
	h.until("c5 has an agent", func() bool { _, talks := h.lineUp(); return talks["c5"] == 2 })
	if bridges, err := h.client.Bridges().List(within(t)); err != nil || slices.ContainsFunc(bridges, func(b ari.BridgeSnapshot) bool {
		return strings.HasPrefix(b.ID, "asterism-talk-") && b.ID != "asterism-talk-c5"
	}) {
		t.Errorf("%v, %+v", err, bridges)
	}
}

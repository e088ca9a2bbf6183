package callcenter

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/callcenter/agents"
	"github.com/asterism-go/asterism/callcenter/calls"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// walk changes a picture at random.
type walk struct {
	live
	random *rand.Rand
	clock  time.Time
}

func newWalk(seed uint64, queueSize int) *walk {
	w := &walk{random: rand.New(rand.NewPCG(seed, 0)), clock: time.Unix(1000, 0)} //nolint:gosec // repeatable, not secret
	w.init(queueSize)
	known := map[string]calls.Identity{}
	for i := range 4 {
		known[fmt.Sprintf("PJSIP/10%d", i)] = calls.Identity{Number: fmt.Sprintf("10%d", i)}
	}
	w.extensions(known)
	return w
}

func (w *walk) one(of ...string) string { return of[w.random.IntN(len(of))] }

func (w *walk) endpoint() string { return fmt.Sprintf("PJSIP/10%d", w.random.IntN(6)) }

// step is a change of a call or of an agent.
func (w *walk) step() {
	w.clock = w.clock.Add(time.Second)
	if w.random.IntN(3) == 0 {
		id := w.endpoint()
		a := agents.Agent{ID: id, State: agents.State(w.random.IntN(6)), Phone: agents.Phone{Endpoint: id, Device: agents.DeviceState(w.random.IntN(6))}}
		if w.random.IntN(2) == 0 {
			a.Queues = []agents.Member{{Queue: w.one("help", "sales")}}
		}
		kind := agents.StateChanged
		if w.random.IntN(8) == 0 {
			kind = agents.Gone
		}
		w.agent(agents.Change{Kind: kind, Agent: a})
		return
	}
	call := calls.Call{ID: w.one("1", "2", "3", "4")}
	for i := range 1 + w.random.IntN(3) {
		leg := calls.Leg{Channel: fmt.Sprintf("%s-%s%d", w.endpoint(), call.ID, i), Endpoint: w.endpoint(), Started: w.clock}
		if w.random.IntN(2) == 0 {
			leg.Answered = w.clock
		}
		call.Legs = append(call.Legs, leg)
	}
	if w.random.IntN(2) == 0 && len(call.Legs) > 1 {
		call.Conversations = []calls.Conversation{{A: call.Legs[0].Channel, B: call.Legs[1].Channel, Start: w.clock}}
	}
	if w.random.IntN(3) == 0 {
		call.Queues = []calls.QueueVisit{{Queue: w.one("help", "sales"), Entered: w.clock}}
	}
	kind := calls.Talking
	switch w.random.IntN(6) {
	case 0:
		kind, call.Ended = calls.Ended, w.clock
	case 1:
		kind = calls.Absorbed
	}
	w.call(calls.Change{Kind: kind, Call: call})
}

// TestPictureAndChanges: whatever happens, a picture and the changes after it give the next picture, and it holds nothing of what is over.
func TestPictureAndChanges(t *testing.T) {
	for seed := range uint64(50) {
		w := newWalk(seed, 0)
		for range 20 {
			w.step()
		}
		picture, changes := w.watch(t.Context())
		for range 100 {
			w.step()
		}
		want := w.picture()
		w.end()
		for change, err := range changes {
			if err != nil {
				t.Fatal(err)
			}
			picture.Apply(change)
		}
		if diff := cmp.Diff(want, picture); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
		for id := range want.Calls {
			w.call(calls.Change{Kind: calls.Absorbed, Call: calls.Call{ID: id}})
		}
		for _, ext := range w.picture().Extensions {
			if ext.Calls != 0 || ext.Call != "" {
				t.Errorf("seed %d: %+v has no call", seed, ext)
			}
		}
		if len(w.at.calls) > 0 || len(w.at.queued) > 0 {
			t.Errorf("seed %d: the index keeps %v %v", seed, w.at.calls, w.at.queued)
		}
	}
}

// TestSlowWatcher: who does not keep up gets what came before, and is told.
func TestSlowWatcher(t *testing.T) {
	w := newWalk(1, 3)
	_, changes := w.watch(t.Context())
	for range 50 {
		w.step()
	}
	n := 0
	var last error
	for _, err := range changes {
		if last = err; err == nil {
			n++
		}
	}
	if !errors.Is(last, ErrSlowWatcher) || n != 3 {
		t.Errorf("%d changes, then %v", n, last)
	}
	if len(w.watchers) > 0 {
		t.Error("the watcher is kept")
	}
}

// TestActivities: what a telephone is shown to do.
func TestActivities(t *testing.T) {
	at := time.Unix(1000, 0)
	alice := calls.Leg{Channel: "a", Endpoint: "PJSIP/100", Number: "100"}
	bob := calls.Leg{Channel: "b", Endpoint: "PJSIP/101", Number: "101", Name: "Bob"}
	up := func(l calls.Leg) calls.Leg { l.Answered = at; return l }
	call := func(legs []calls.Leg, talks ...calls.Conversation) calls.Call {
		return calls.Call{
			ID: "1", Legs: legs, Conversations: talks, Caller: calls.Party{Number: "100"}, Callee: calls.Party{Number: "101"},
		}
	}
	for name, c := range map[string]struct {
		call calls.Call
		want map[string]Extension
	}{
		"rings": {call([]calls.Leg{alice, bob}), map[string]Extension{
			"PJSIP/100": {Activity: Dialing, With: calls.Party{Number: "101"}}, "PJSIP/101": {Activity: Ringing, With: calls.Party{Number: "100"}},
		}},
		"talks": {call([]calls.Leg{up(alice), up(bob)}, calls.Conversation{A: "a", B: "b", Start: at}), map[string]Extension{
			"PJSIP/100": {Activity: Talking, With: calls.Party{Number: "101", Name: "Bob"}}, "PJSIP/101": {Activity: Talking, With: calls.Party{Number: "100"}},
		}},
		"holds": {call([]calls.Leg{up(alice), up(bob)}, calls.Conversation{A: "a", B: "b", Start: at, End: at}), map[string]Extension{
			"PJSIP/100": {Activity: OnHold, With: calls.Party{Number: "101", Name: "Bob"}}, "PJSIP/101": {Activity: OnHold, With: calls.Party{Number: "100"}},
		}},
		"in a menu": {call([]calls.Leg{up(alice)}), map[string]Extension{
			"PJSIP/100": {Activity: Connected, With: calls.Party{Number: "101"}}, "PJSIP/101": {Activity: Free},
		}},
	} {
		w := newWalk(1, 0)
		w.call(calls.Change{Kind: calls.Started, Call: c.call})
		for endpoint, want := range c.want {
			got := w.picture().Extensions[endpoint]
			if got.Activity != want.Activity || got.With != want.With {
				t.Errorf("%s: %s is %s with %v, want %s with %v", name, endpoint, got.Activity, got.With, want.Activity, want.With)
			}
		}
	}
}

// TestIdlePhones: what a telephone without a call is, as its agent's phone says.
func TestIdlePhones(t *testing.T) {
	w := newWalk(1, 0)
	for phone, want := range map[agents.Phone]Activity{
		{Device: agents.NotInUse}: Free, {Device: agents.Unavailable}: Unreachable, {Device: agents.NotInUse, DND: true}: Busy, {Device: agents.DeviceBusy}: Busy,
	} {
		phone.Endpoint = "PJSIP/100"
		w.agent(agents.Change{Kind: agents.PhoneChanged, Agent: agents.Agent{ID: "alice", Phone: phone}})
		if got := w.picture().Extensions["PJSIP/100"].Activity; got != want {
			t.Errorf("%+v: %s, want %s", phone, got, want)
		}
	}
}

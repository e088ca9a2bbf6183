package queue

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ari/aritest"
	"github.com/asterism-go/asterism/queue/acd"
)

// A wish that was stored outlives the Callback of its queue: nobody is dialled.
func TestCustomerWithoutCallback(t *testing.T) {
	q := &Queue{Queue: acd.Queue{Name: "support"}}
	if _, err := (&Server{}).customer(t.Context(), q, "channel", acd.Caller{Number: "2610123456"}); err == nil {
		t.Error("the customer is dialled")
	}
}

// wisher is a Server that decides nothing by itself, with a caller who waits to be called back.
type wisher struct {
	*Server
	c *caller

	mu   sync.Mutex
	told []acd.Transition
}

func newWisher(t *testing.T, number string, script ...aritest.Step) *wisher {
	t.Helper()
	client := &ari.Client{URL: aritest.Start(t, append([]aritest.Step{aritest.Connect("queue")}, script...)...).URL}
	t.Cleanup(func() { client.Close() })
	w := &wisher{c: newCaller("c", "")}
	w.Server = &Server{
		App: &ari.App{Client: client, Name: "queue"}, Store: NewMemory(),
		Queues: []Queue{{Queue: acd.Queue{Name: "support"}, Ear: Ear{
			Callback: &Callback{Endpoint: "PJSIP/{number}", Allow: []string{"26"}}, Sounds: Sounds{NotReached: []string{"sorry"}},
		}}},
	}
	w.Observe = func(told acd.Transition) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.told = append(w.told, told)
	}
	w.setup()
	fine(t, w.load())
	ctx, stop := context.WithCancel(context.Background())
	w.life = ctx
	w.serving.Store(true)
	go w.own(ctx)
	t.Cleanup(func() {
		stop()
		<-w.stopped
		w.App.Close()
		w.tasks.Wait()
	})
	fine(t, w.App.Connect(ctx))
	fine(t, w.do(ctx, func(state *acd.State) error {
		w.callers["c"] = w.c
		if err := state.Join(acd.Caller{ID: "c", Queue: "support"}); err != nil {
			return err
		}
		return w.agree(state, w.c, number)
	}))
	return w
}

func fine(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// attempt has an attempt be under way on a channel, as prepare does.
func (w *wisher) attempt(t *testing.T, channel string) {
	t.Helper()
	fine(t, w.do(t.Context(), func(*acd.State) error {
		w.c.callback.Channel, w.customers[channel] = channel, "c"
		w.c.attempt = &attempt{over: make(chan struct{})}
		return nil
	}))
}

// count is how often something was told; all that has happened before is.
func (w *wisher) count(t *testing.T, kind acd.Kind) (n int) {
	t.Helper()
	fine(t, w.do(t.Context(), func(*acd.State) error { return nil }))
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, told := range w.told {
		if told.Kind == kind {
			n++
		}
	}
	return n
}

// created is what a real Asterisk does when a channel is made.
func created(id string) []aritest.Step {
	return []aritest.Step{
		aritest.Expect("POST /channels/create", "channelId="+id),
		aritest.Send(`{"type":"StasisStart","args":[],"channel":{"id":"` + id + `","state":"Down"}}`),
		aritest.Reply(200, `{"id":"`+id+`","state":"Down"}`),
	}
}

// done is what it does with a request that has no result.
func done(request string, params ...string) []aritest.Step {
	return []aritest.Step{aritest.Expect(request, params...), aritest.Reply(204, "")}
}

// An attempt is missed once, and one that is over says nothing of the one after it.
func TestMissedOnce(t *testing.T) {
	w := newWisher(t, "2610123456")
	w.attempt(t, "first")
	w.missed(t.Context(), w.c, "first", errNotReached)
	w.missed(t.Context(), w.c, "first", errNotReached)
	if n := w.count(t, acd.CallbackMissed); n != 1 {
		t.Errorf("the first attempt is missed %d times", n)
	}
	w.attempt(t, "second")
	w.missed(t.Context(), w.c, "first", errNotReached)
	if n := w.count(t, acd.CallbackMissed); n != 1 || w.c.callback.Channel != "second" || w.c.attempt == nil {
		t.Errorf("after the end of the first attempt: %d, %+v", n, w.c.callback)
	}
}

// An attempt that is given up before there is a channel rings nobody.
func TestGivenUpBeforeThereIsAChannel(t *testing.T) {
	w := newWisher(t, "2610123456", slices.Concat(created("customer"), done("DELETE /channels/customer"))...)
	_, err := w.customer(t.Context(), w.queues["support"], "customer", acd.Caller{Number: "2610123456"})
	if !errors.Is(err, errAttemptOver) {
		t.Errorf("it is dialled: %v", err)
	}
}

// A customer who answers when the call-back is over is hung up, and does not listen to nothing.
func TestReachedTooLate(t *testing.T) {
	early := []aritest.Step{aritest.Expect("DELETE /channels/customer"), aritest.Reply(404, `{"message":"Channel not found"}`)}
	w := newWisher(t, "2610123456", slices.Concat(created("customer"), early, done("DELETE /channels/customer"))...)
	call, err := w.App.Create(t.Context(), ari.ChannelCreateParams{Endpoint: "PJSIP/2610123456", ChannelID: "customer"})
	fine(t, err)
	w.attempt(t, "customer")
	fine(t, w.do(t.Context(), func(state *acd.State) error { return state.Send("c", "elsewhere") }))
	w.reached(t.Context(), call, w.c)
}

// An agent who waits for a customer who is not reached is told so, and hung up, before the attempt is over for the state: until then
// the agent has no other call. The number is not allowed any more.
func TestAgentIsToldFirst(t *testing.T) {
	var w *wisher
	untold := func(context.Context, *aritest.Server) error {
		if w.count(t, acd.CallbackMissed) != 0 {
			return errors.New("the agent is free, and still in a call")
		}
		return nil
	}
	w = newWisher(t, "0900123", slices.Concat(
		created("leg"), done("POST /channels/leg/ring"), done("DELETE /channels/leg/ring"),
		[]aritest.Step{
			aritest.Expect("POST /channels/leg/play/{sorry}", "media=sound:sorry"), untold, aritest.Reply(201, `{"id":"{sorry}","state":"queued"}`),
			aritest.Send(`{"type":"PlaybackFinished","playback":{"id":"{sorry}","state":"done","target_uri":"channel:leg"}}`),
			aritest.Expect("DELETE /channels/leg"), untold, aritest.Reply(204, ""), untold,
			aritest.Send(`{"type":"StasisEnd","channel":{"id":"leg"}}`),
		},
	)...)
	leg, err := w.App.Create(t.Context(), ari.ChannelCreateParams{Endpoint: "PJSIP/anna", ChannelID: "leg"})
	fine(t, err)
	o := &ringing{
		Server: w.Server, offer: acd.Transition{Caller: "c", CallerInfo: acd.Caller{Callback: true}}, agent: &Agent{},
		queue: w.queues["support"], here: w.c, id: "leg",
	}
	if err := o.bring(t.Context(), leg); !errors.Is(err, errNotReached) {
		t.Errorf("%v", err)
	}
	if n := w.count(t, acd.CallbackMissed); n != 1 {
		t.Errorf("the attempt is missed %d times", n)
	}
}

// Who flows over while talking about a call-back goes on waiting if the other queue calls nobody back.
func TestAgreeAfterOverflow(t *testing.T) {
	s := &Server{queues: map[string]*Queue{"other": {}}}
	state, here := acd.New(1), newCaller("c", "")
	fine(t, state.SetQueue(acd.Queue{Name: "other"}))
	fine(t, state.Join(acd.Caller{ID: "c", Queue: "other"}))
	if err := s.agree(state, here, "2610123456"); err == nil || here.callback != nil {
		t.Errorf("it is agreed: %v", err)
	}
	if r, ok := state.Caller("c"); !ok || r.Caller.Callback {
		t.Errorf("%+v", r)
	}
}

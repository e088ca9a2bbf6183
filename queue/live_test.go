package queue_test

import (
	"context"
	"testing"
	"time"

	"github.com/asterism-go/asterism/internal/sipphone"
	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
)

const (
	callerTone = 500
	annaTone   = 650
	borisTone  = 750
)

// office is a hall with one caller and two agents.
type office struct {
	*hall
	caller      *sipphone.Phone
	anna, boris chan *sipphone.Call // what their telephones have answered
}

func newOffice(t *testing.T, q queue.Queue, skills ...map[string]int) *office {
	t.Helper()
	o := &office{hall: newHall(t, "carol", "anna", "boris"), anna: make(chan *sipphone.Call, 8), boris: make(chan *sipphone.Call, 8)}
	skills = append(skills, nil, nil)
	o.caller = o.phone("carol", callerTone, nil)
	o.open(&queue.Server{Queues: []queue.Queue{q}, Agents: []queue.Agent{
		agent("anna", skills[0], q.Name), agent("boris", skills[1], q.Name),
	}})
	return o
}

// answer has both telephones answer.
func (o *office) answer() {
	o.Helper()
	o.phone("anna", annaTone, answering(o.hall, o.anna))
	o.phone("boris", borisTone, answering(o.hall, o.boris))
}

func (o *office) next(calls <-chan *sipphone.Call) *sipphone.Call {
	o.Helper()
	select {
	case c := <-calls:
		return c
	case <-within(o).Done():
		o.Fatal("the telephone does not answer")
		return nil
	}
}

// talking proves by the tones that two hear each other.
func (o *office) talking(caller, agent *sipphone.Call, tone float64) {
	o.Helper()
	must(o, caller.WaitHears(within(o), tone))
	must(o, agent.WaitHears(within(o), callerTone))
}

// hangUp ends a call, and waits until the other side has ended too.
func (o *office) hangUp(call, other *sipphone.Call) {
	o.Helper()
	must(o, call.Hangup(within(o)))
	select {
	case <-other.Done():
	case <-within(o).Done():
		o.Error("the other side is not hung up")
	}
}

// Callers hear music until the agent answers; the agents take turns, as each is the one who is idle for longest.
func TestLongestIdle(t *testing.T) {
	t.Parallel()
	o := newOffice(t, queue.Queue{Queue: acd.Queue{Name: "support", Strategy: acd.LongestIdle}})
	ctx := within(t)
	must(t, o.server.Pause(ctx, "anna", "coffee"))
	must(t, o.server.Pause(ctx, "boris", "coffee"))
	o.answer()
	call := o.dial(o.caller, "qsupport")
	must(t, call.WaitHears(ctx, musicTone))
	must(t, o.server.Unpause(ctx, "anna"))
	anna := o.next(o.anna)
	o.talking(call, anna, annaTone)
	must(t, call.WaitSilent(ctx, musicTone))
	must(t, o.server.Unpause(ctx, "boris"))
	o.hangUp(anna, call)
	if over := o.waitKind(acd.Finished, "anna"); !over.ByAgent || over.Wait <= 0 || over.Talk <= 0 {
		t.Errorf("%+v", over)
	}
	call = o.dial(o.caller, "qsupport")
	boris := o.next(o.boris)
	o.talking(call, boris, borisTone)
	o.hangUp(call, boris)
	if over := o.waitKind(acd.Finished, "boris"); over.ByAgent {
		t.Errorf("%+v", over)
	}
}

// All telephones ring; the first to answer has the caller, and the others stop.
func TestRingAll(t *testing.T) {
	t.Parallel()
	o := newOffice(t, queue.Queue{Queue: acd.Queue{Name: "support"}})
	rung := make(chan struct{})
	ringing := make(chan *sipphone.Call, 1)
	o.phone("anna", annaTone, func(c *sipphone.Call) {
		if err := c.Ring(context.Background()); err == nil {
			ringing <- c
			close(rung)
		}
		<-c.Done()
	})
	o.phone("boris", borisTone, func(c *sipphone.Call) {
		<-rung
		answering(o.hall, o.boris)(c)
	})
	call := o.dial(o.caller, "qsupport")
	boris := o.next(o.boris)
	o.talking(call, boris, borisTone)
	select {
	case <-(<-ringing).Done():
	case <-within(t).Done():
		t.Error("the other telephone still rings")
	}
	if lost := o.waitKind(acd.OfferEnded, "anna"); lost.Cause != acd.Lost {
		t.Errorf("%v", lost.Cause)
	}
	o.hangUp(call, boris)
	o.waitKind(acd.Finished, "boris")
}

// Only who has the skill gets the call.
func TestSkills(t *testing.T) {
	t.Parallel()
	o := newOffice(t, queue.Queue{Queue: acd.Queue{Name: "skills", Strategy: acd.Linear}}, map[string]int{"fr": 1}, map[string]int{"fr": 2})
	o.answer()
	call := o.dial(o.caller, "skilled")
	boris := o.next(o.boris)
	o.talking(call, boris, borisTone)
	o.hangUp(call, boris)
	o.waitKind(acd.Finished, "boris")
}

// An agent refuses by a key, and the call is offered on; the caller goes on hearing music.
func TestRefuse(t *testing.T) {
	t.Parallel()
	o := newOffice(t, queue.Queue{
		Queue:     acd.Queue{Name: "support", Strategy: acd.Linear},
		AcceptKey: "1", RefuseKey: "2", AcceptWithin: 40 * time.Second, AgentHears: []string{"sound:beep"},
	})
	o.answer()
	call := o.dial(o.caller, "qsupport")
	anna := o.next(o.anna)
	if err := anna.SendDTMF(within(t), "2"); err != nil {
		t.Logf("hung up while the key was still held: %v", err)
	}
	if refused := o.waitKind(acd.OfferEnded, "anna"); refused.Cause != acd.Refused {
		t.Errorf("%v", refused.Cause)
	}
	boris := o.next(o.boris)
	must(t, call.WaitHears(within(t), musicTone))
	must(t, boris.SendDTMF(within(t), "1"))
	o.talking(call, boris, borisTone)
	must(t, call.WaitSilent(within(t), musicTone))
	o.hangUp(boris, call)
	o.waitKind(acd.Finished, "boris")
}

// An agent lets it ring, another is busy: the call goes on to who answers in the end.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	o := newOffice(t, queue.Queue{Queue: acd.Queue{
		Name: "support", Strategy: acd.Linear, RingTimeout: 2 * time.Second, Retry: time.Second, NoAnswer: acd.NoAnswer{PauseAfter: 1},
	}})
	o.phone("anna", annaTone, nil)
	busy := true // one call at a time
	o.phone("boris", borisTone, func(c *sipphone.Call) {
		if busy {
			busy = false
			if err := c.Reject(context.Background(), 486); err != nil {
				o.Logf("the refusal came too late: %v", err)
			}
			return
		}
		answering(o.hall, o.boris)(c)
	})
	call := o.dial(o.caller, "qsupport")
	if missed := o.waitKind(acd.OfferEnded, "anna"); missed.Cause != acd.Unanswered {
		t.Errorf("anna: %v", missed.Cause)
	}
	if missed := o.waitKind(acd.OfferEnded, "boris"); missed.Cause != acd.LineBusy {
		t.Errorf("boris: %v", missed.Cause)
	}
	must(t, o.server.Unpause(within(t), "boris"))
	boris := o.next(o.boris)
	o.talking(call, boris, borisTone)
	o.hangUp(call, boris)
	o.waitKind(acd.Finished, "boris")
}

// A key leads out of the queue, and the position is told while one waits; the call goes on in the dialplan.
func TestExit(t *testing.T) {
	t.Parallel()
	o := newOffice(t, queue.Queue{
		Queue:         acd.Queue{Name: "support", Exits: map[string]string{"1": "voicemail"}},
		AnnounceEvery: time.Second,
	})
	must(t, o.server.Logout(within(t), "anna"))
	must(t, o.server.Logout(within(t), "boris"))
	call := o.dial(o.caller, "qsupport")
	must(t, call.WaitHears(within(t), musicTone))
	must(t, call.WaitSilent(within(t), musicTone)) // while the position is told
	must(t, call.WaitHears(within(t), musicTone))
	if err := call.SendDTMF(within(t), "51"); err != nil {
		t.Logf("hung up while the key was still held: %v", err)
	}
	left := o.wait("the exit", func(t acd.Transition) bool { return t.Kind == acd.Left })
	if left.Outcome != acd.ExitKey || left.To != "voicemail" || left.Position != 1 {
		t.Errorf("%+v", left)
	}
	for ctx := within(t); ; {
		got, err := o.client.Asterisk().GetGlobalVar(ctx, "LEFT")
		must(t, err)
		if got == "exitkey voicemail" {
			break
		}
	}
}

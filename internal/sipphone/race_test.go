package sipphone_test

import (
	"sync"
	"testing"

	"github.com/asterism-go/asterism/internal/sipphone"
)

// Answer, Reject and Hangup at once: one of them decides, and the call ends on both sides.
func TestOneDecision(t *testing.T) {
	x := start(t)
	alice, bob := x.phone("101", 500), x.phone("102", 650)
	for range 10 {
		caller := alice.dial("102")
		callee := bob.rings()
		var all sync.WaitGroup
		all.Go(func() { callee.Answer(x.ctx) })      //nolint:errcheck // one of the three wins
		all.Go(func() { callee.Reject(x.ctx, 486) }) //nolint:errcheck // the same
		all.Go(func() { x.check(callee.Hangup(x.ctx)) })
		all.Wait()
		ended(t, callee)
		x.must(caller.Hangup(x.ctx))
		ended(t, caller)
	}
}

// A hangup that crosses the answer ends the call all the same.
func TestHangupCrossesTheAnswer(t *testing.T) {
	x := start(t)
	alice, bob := x.phone("101", 500), x.phone("102", 650)
	for range 10 {
		caller := alice.dial("102")
		callee := bob.rings()
		var both sync.WaitGroup
		both.Go(func() { callee.Answer(x.ctx) }) //nolint:errcheck // or it is too late
		both.Go(func() { x.check(caller.Hangup(x.ctx)) })
		both.Wait()
		ended(t, caller)
		ended(t, callee)
	}
	for range 50 {
		caller := alice.dial("601") // answers at once
		x.must(caller.Hangup(x.ctx))
		ended(t, caller)
		x.check(caller.Err())
	}
}

// What is asked of a call while its phone closes leaves no socket behind: TestMain looks.
func TestCloseDuringARequest(t *testing.T) {
	x := start(t)
	alice := x.phone("101", 500)
	for range 5 {
		bob := x.phone("102", 650)
		_, callee := x.talk(alice, "102", bob)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for callee.Hold(x.ctx) == nil { // until it has ended
				}
			})
		}
		x.must(bob.Close())
		all.Wait()
		ended(t, callee)
	}
}

// Closing meets calls at every stage of their beginning.
func TestCloseDuringADial(t *testing.T) {
	x := start(t)
	alice := x.phone("101", 500)
	for range 10 {
		bob := x.phone("102", 650)
		calls := make(chan *sipphone.Call)
		go func() {
			defer close(calls)
			if c, err := bob.Dial(x.ctx, "101"); err == nil {
				calls <- c
			}
		}()
		toBob := alice.dial("102")
		x.must(bob.Close())
		for c := range calls {
			ended(t, c)
		}
		x.must(toBob.Hangup(x.ctx))
	}
}

func TestCloseEndsCalls(t *testing.T) {
	x := start(t)
	alice, bob := x.phone("101", 500), x.phone("102", 650)
	_, callee := x.talk(alice, "102", bob)
	waiting := alice.dial("103") // nobody is registered there
	x.must(alice.Close())
	ended(t, callee)
	ended(t, waiting)
	if _, err := alice.Dial(x.ctx, "102"); err == nil {
		t.Error("a closed phone placed a call")
	}
}

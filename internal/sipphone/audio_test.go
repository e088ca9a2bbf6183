package sipphone_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestHold(t *testing.T) {
	x := start(t)
	alice, bob := x.phone("101", 500), x.phone("102", 650)
	caller, callee := x.talk(alice, "102", bob)
	x.must(callee.Hold(x.ctx))
	x.must(caller.WaitSilent(x.ctx, 650))
	x.must(callee.WaitSilent(x.ctx, 500))
	silent := time.Now()
	x.must(callee.Resume(x.ctx))
	x.hearEachOther(caller, 500, callee, 650)
	for _, h := range caller.Heard() {
		if h.Tone == 650 && !h.From.After(silent) && (h.To.IsZero() || h.To.After(silent)) {
			t.Errorf("the caller heard %v, on hold since %v", caller.Heard(), silent)
		}
	}
}

func TestDTMF(t *testing.T) {
	x := start(t)
	alice := x.phone("101", 500)
	call := alice.dial("600")
	x.must(call.WaitAnswered(x.ctx))
	x.must(call.SendDTMF(x.ctx, "4*7"))
	x.eventually("Asterisk sends back what it got and #", func() bool { return call.Digits() == "4*7#" })
	if err := call.SendDTMF(x.ctx, "1x"); err == nil {
		t.Error("x was taken for a digit")
	}
	x.must(call.Hangup(x.ctx))
}

func TestDTMFAcrossABridge(t *testing.T) {
	x := start(t)
	alice, bob := x.phone("101", 500), x.phone("102", 650)
	caller, callee := x.talk(alice, "102", bob)
	x.must(caller.SendDTMF(x.ctx, "1122#"))
	x.must(callee.SendDTMF(x.ctx, "*D0"))
	x.eventually("each has the other's digits", func() bool { return callee.Digits() == "1122#" && caller.Digits() == "*D0" })
}

func TestDTMFOnHold(t *testing.T) {
	x := start(t)
	alice, bob := x.phone("101", 500), x.phone("102", 650)
	caller, callee := x.talk(alice, "102", bob)
	x.must(callee.Hold(x.ctx))
	given, giveUp := context.WithTimeout(x.ctx, 100*time.Millisecond)
	defer giveUp()
	if err := callee.SendDTMF(given, "1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a digit on hold: %v", err)
	}
	x.must(callee.Resume(x.ctx))
	x.must(callee.SendDTMF(x.ctx, "2"))
	x.eventually("the caller has the digit that was sent", func() bool { return caller.Digits() != "" })
	if got := caller.Digits(); got != "2" {
		t.Errorf("the caller got %q, want 2: 1 was given up", got)
	}
}

// With direct media Asterisk leaves the audio's way, by a re-INVITE to either side.
func TestDirectMedia(t *testing.T) {
	x := start(t, "direct_media = yes")
	alice, bob := x.phone("101", 500), x.phone("102", 650)
	caller, callee := x.talk(alice, "102", bob)
	x.eventually("each sends its audio to the other", func() bool {
		return caller.AudioTo() == callee.AudioFrom() && callee.AudioTo() == caller.AudioFrom()
	})
	x.must(caller.SendDTMF(x.ctx, "5"))
	x.eventually("the digit has come", func() bool { return callee.Digits() == "5" })
	x.hearEachOther(caller, 500, callee, 650)
	x.must(caller.Hangup(x.ctx))
	ended(t, callee)
}

func TestWaitForAToneNotListenedFor(t *testing.T) {
	x := start(t)
	alice := x.phone("101", 500)
	call := alice.dial("601")
	for _, wait := range []func(context.Context, float64) error{call.WaitHears, call.WaitSilent} {
		if err := wait(x.ctx, 501); err == nil || !strings.Contains(err.Error(), "101") || !strings.Contains(err.Error(), "501 Hz") {
			t.Errorf("error %v, want who does not listen for what", err)
		}
	}
}

func TestEcho(t *testing.T) {
	x := start(t)
	alice := x.phone("101", 500)
	call := alice.dial("601")
	x.must(call.WaitHears(x.ctx, 500))
}

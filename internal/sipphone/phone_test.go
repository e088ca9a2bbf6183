package sipphone_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/internal/sipphone"
)

func TestTalk(t *testing.T) {
	x := start(t)
	alice, bob := x.phone("101", 500), x.phone("102", 650)
	caller, callee := x.talk(alice, "102", bob)
	if number, _ := callee.Remote(); number != "101" {
		t.Errorf("the callee sees %q", number)
	}
	x.must(callee.Hangup(x.ctx))
	ended(t, caller)
	if caller.Err() != nil || callee.Err() != nil {
		t.Errorf("ended with %v, %v", caller.Err(), callee.Err())
	}
	if got := tones(caller); !slices.Equal(got, []float64{650}) {
		t.Errorf("the caller heard %v", got)
	}
	if got := tones(callee); !slices.Equal(got, []float64{500}) {
		t.Errorf("the callee heard %v", got)
	}
	for _, h := range append(caller.Heard(), callee.Heard()...) {
		if h.To.IsZero() || !h.To.After(h.From) {
			t.Errorf("heard %v after the end", h)
		}
	}
}

func TestCallerHangsUp(t *testing.T) {
	x := start(t)
	alice, bob := x.phone("101", 500), x.phone("102", 650)
	caller, callee := x.talk(alice, "102", bob)
	x.must(caller.Hangup(x.ctx))
	ended(t, callee)
	x.must(caller.Hangup(x.ctx)) // again: nothing
}

func TestSeveralCallsAtOnce(t *testing.T) {
	x := start(t)
	alice, bob, carol := x.phone("101", 500), x.phone("102", 650), x.phone("103", 800)
	toBob, atBob := x.talk(alice, "102", bob)
	toCarol, atCarol := x.talk(alice, "103", carol)
	for _, c := range []*sipphone.Call{atBob, atCarol} {
		x.must(c.Hangup(x.ctx))
	}
	ended(t, toBob)
	ended(t, toCarol)
	if slices.Contains(tones(toBob), 800) || slices.Contains(tones(toCarol), 650) {
		t.Errorf("heard %v and %v: a third party", tones(toBob), tones(toCarol))
	}
}

func TestReject(t *testing.T) {
	x := start(t)
	alice, bob := x.phone("101", 500), x.phone("102", 650)
	for _, code := range []int{486, 603} {
		caller := alice.dial("102")
		callee := bob.rings()
		if err := callee.Reject(x.ctx, 200); err == nil {
			t.Error("200 was taken for a refusal")
		}
		x.must(callee.Reject(x.ctx, code))
		ended(t, caller)
		var refused *sipphone.StatusError
		if err := caller.WaitAnswered(x.ctx); !errors.As(err, &refused) || refused.Code < 400 {
			t.Errorf("%d: the caller sees %v", code, err)
		}
		if code == 486 && refused != nil && refused.Code != code {
			t.Errorf("the caller of a busy phone sees %v", refused)
		}
		if err := callee.Answer(x.ctx); err == nil {
			t.Error("a refused call was answered")
		}
	}
}

func TestCancel(t *testing.T) {
	x := start(t)
	alice, bob := x.phone("101", 500), x.phone("102", 650)
	caller := alice.dial("102")
	callee := bob.rings()
	x.must(caller.WaitRinging(x.ctx))
	x.must(caller.Hangup(x.ctx))
	ended(t, callee)
	if caller.Err() != nil || callee.Err() != nil {
		t.Errorf("ended with %v, %v", caller.Err(), callee.Err())
	}
	if err := callee.Answer(x.ctx); err == nil {
		t.Error("a canceled call was answered")
	}
}

// A phone without a password does not register: it is a peer beyond a trunk.
func TestTrunk(t *testing.T) {
	x := start(t)
	alice, outside := x.phone("101", 500), x.unregistered("2101234567", 1000)
	caller, callee := x.talk(outside, "101", alice)
	if number, _ := callee.Remote(); number != "2101234567" {
		t.Errorf("the call from outside is from %q", number)
	}
	x.must(caller.Hangup(x.ctx))
	ended(t, callee)

	caller, callee = x.talk(alice, fmt.Sprint("9", outside.Addr().Port()), outside)
	x.must(callee.Hangup(x.ctx))
	ended(t, caller)
}

func TestStates(t *testing.T) {
	x := start(t)
	alice, bob := x.phone("101", 500), x.phone("102", 650)
	caller := alice.dial("102")
	callee := bob.rings()
	x.must(caller.WaitRinging(x.ctx))
	states := func(want sipphone.State) {
		t.Helper()
		if caller.State() != want || callee.State() != want {
			t.Errorf("the caller is %v, the callee %v: want %v", caller.State(), callee.State(), want)
		}
	}
	states(sipphone.Ringing)
	x.must(callee.Answer(x.ctx))
	x.must(caller.WaitAnswered(x.ctx))
	states(sipphone.Answered)
	x.must(callee.Hangup(x.ctx))
	ended(t, caller)
	states(sipphone.Ended)
	nobody := alice.dial("103") // not registered
	ended(t, nobody)
	if err := nobody.WaitRinging(x.ctx); err == nil {
		t.Error("it rang where nobody is")
	}
}

func TestRegistrationIsRenewed(t *testing.T) {
	x := start(t)
	alice := x.phone("101", 500)
	brief := x.open(sipphone.Config{User: "102", Password: "pw102", Tone: 650, Expires: 2 * time.Second})
	contact := brief.Addr().String()
	seen := map[string]bool{} // when the registration ends, as Asterisk keeps it
	x.eventually("it was renewed beyond its first end", func() bool {
		out, err := x.pbx.CLI(x.ctx, "database show registrar/contact")
		x.must(err)
		for _, line := range strings.Split(out, "\n") {
			if _, after, ok := strings.Cut(line, `"expiration_time":"`); ok && strings.Contains(line, contact) {
				end, _, _ := strings.Cut(after, `"`)
				seen[end] = true
			}
		}
		return len(seen) > 3
	})
	x.talk(alice, "102", brief)
}

func TestExpiresTooBrief(t *testing.T) {
	if _, err := sipphone.New(t.Context(), sipphone.Config{User: "102", Password: "x", Expires: time.Millisecond}); err == nil {
		t.Error("a registration of no second was taken")
	}
}

func TestWrongPassword(t *testing.T) {
	x := start(t)
	_, err := sipphone.New(x.ctx, sipphone.Config{Server: x.pbx.SIP, User: "101", Password: "wrong"})
	var refused *sipphone.StatusError
	if !errors.As(err, &refused) || refused.Code != 401 {
		t.Errorf("error %v, want 401", err)
	}
}

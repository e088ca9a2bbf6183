package sipphone_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is for a machine that does much else.
const patience = 30 * time.Second

// exchange is a real Asterisk with the phones 101, 102 and 103.
type exchange struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // the time that the whole test may take
	pbx *asterisktest.Asterisk
}

const dialplan = `
[default]
exten => _10X,1,Dial(PJSIP/${EXTEN},20)
exten => 600,1,Answer()
 same => n,Read(GOT,,3,,,10)
 same => n,SendDTMF(${GOT}#)
 same => n,Wait(20)
exten => 601,1,Answer()
 same => n,Echo()
`

func start(t *testing.T) *exchange {
	t.Helper()
	var pjsip strings.Builder
	for _, number := range []string{"101", "102", "103"} {
		fmt.Fprintf(&pjsip, `
[%[1]s]
type = endpoint
context = default
disallow = all
allow = ulaw
direct_media = no
auth = %[1]s
aors = %[1]s
[%[1]s]
type = auth
auth_type = userpass
username = %[1]s
password = pw%[1]s
[%[1]s]
type = aor
max_contacts = 1
remove_existing = yes
`, number)
	}
	pbx := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"extensions.conf": dialplan, "pjsip.conf": pjsip.String()}})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return &exchange{t: t, ctx: ctx, pbx: pbx}
}

// station is a phone, and its incoming calls.
type station struct {
	*sipphone.Phone
	x    *exchange
	tone float64
	in   chan *sipphone.Call
}

// phone registers a phone whose incoming calls ring and then wait in its channel.
func (x *exchange) phone(number string, tone float64) *station {
	x.t.Helper()
	s := &station{x: x, tone: tone, in: make(chan *sipphone.Call, 4)}
	phone, err := sipphone.New(x.ctx, sipphone.Config{
		Server: x.pbx.SIP, User: number, Password: "pw" + number, Tone: tone,
		OnInvite: func(c *sipphone.Call) {
			if c.Ring(x.ctx) == nil {
				s.in <- c
			}
		},
	})
	if err != nil {
		x.t.Fatal(err)
	}
	s.Phone = phone
	x.t.Cleanup(func() {
		if err := phone.Close(); err != nil {
			x.t.Errorf("closing %s: %v", number, err)
		}
	})
	return s
}

func (s *station) dial(number string) *sipphone.Call {
	s.x.t.Helper()
	c, err := s.Dial(s.x.ctx, number)
	if err != nil {
		s.x.t.Fatal(err)
	}
	return c
}

// rings returns the next incoming call.
func (s *station) rings() *sipphone.Call {
	s.x.t.Helper()
	select {
	case c := <-s.in:
		return c
	case <-time.After(patience):
		s.x.t.Fatal("the phone does not ring")
		return nil
	}
}

// must fails the test at an error.
func (x *exchange) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

// talk is an answered call between two stations, both sides of it.
func (x *exchange) talk(from *station, number string, to *station) (caller, callee *sipphone.Call) {
	x.t.Helper()
	caller = from.dial(number)
	callee = to.rings()
	x.must(caller.WaitRinging(x.ctx))
	x.must(callee.Answer(x.ctx))
	x.must(caller.WaitAnswered(x.ctx))
	x.hearEachOther(caller, from.tone, callee, to.tone)
	return caller, callee
}

func (x *exchange) hearEachOther(a *sipphone.Call, toneA float64, b *sipphone.Call, toneB float64) {
	x.t.Helper()
	x.must(a.WaitHears(x.ctx, toneB))
	x.must(b.WaitHears(x.ctx, toneA))
}

func ended(t *testing.T, c *sipphone.Call) {
	t.Helper()
	select {
	case <-c.Done():
	case <-time.After(patience):
		t.Fatal("the call does not end")
	}
}

func tones(c *sipphone.Call) []float64 {
	var all []float64
	for _, h := range c.Heard() {
		if !slices.Contains(all, h.Tone) {
			all = append(all, h.Tone)
		}
	}
	return all
}

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

func TestRedirect(t *testing.T) {
	x := start(t)
	alice, bob, carol := x.phone("101", 500), x.phone("102", 650), x.phone("103", 800)
	caller := alice.dial("102")
	x.must(bob.rings().Redirect(x.ctx, "103"))
	callee := carol.rings()
	x.must(callee.Answer(x.ctx))
	x.must(caller.WaitAnswered(x.ctx))
	x.hearEachOther(caller, 500, callee, 800)
}

func TestHold(t *testing.T) {
	x := start(t)
	alice, bob := x.phone("101", 500), x.phone("102", 650)
	caller, callee := x.talk(alice, "102", bob)
	x.must(callee.Hold(x.ctx))
	x.must(caller.WaitSilent(x.ctx, 650))
	x.must(callee.WaitSilent(x.ctx, 500))
	x.must(callee.Resume(x.ctx))
	x.hearEachOther(caller, 500, callee, 650)
	heard := 0
	for _, h := range caller.Heard() {
		if h.Tone == 650 {
			heard++
		}
	}
	if heard != 2 {
		t.Errorf("the caller heard %v: want two stretches of 650 Hz", caller.Heard())
	}
}

func TestBlindTransfer(t *testing.T) {
	x := start(t)
	alice, bob, carol := x.phone("101", 500), x.phone("102", 650), x.phone("103", 800)
	caller, callee := x.talk(alice, "102", bob)
	transferred := make(chan error, 1)
	go func() { transferred <- callee.Transfer(x.ctx, "103") }()
	target := carol.rings()
	x.must(target.Answer(x.ctx))
	x.must(<-transferred)
	ended(t, callee)
	x.hearEachOther(caller, 500, target, 800)
	if slices.Contains(tones(callee), 800) || slices.Contains(tones(target), 650) {
		t.Errorf("who transferred heard %v, target %v", tones(callee), tones(target))
	}
}

func TestBlindTransferToNobody(t *testing.T) {
	x := start(t)
	alice, bob := x.phone("101", 500), x.phone("102", 650)
	caller, callee := x.talk(alice, "102", bob)
	var refused *sipphone.StatusError
	if err := callee.Transfer(x.ctx, "999"); !errors.As(err, &refused) {
		t.Errorf("transfer to a number that does not exist: %v", err)
	}
	x.hearEachOther(caller, 500, callee, 650)
}

func TestAttendedTransfer(t *testing.T) {
	x := start(t)
	alice, bob, carol := x.phone("101", 500), x.phone("102", 650), x.phone("103", 800)
	caller, callee := x.talk(alice, "102", bob)
	x.must(callee.Hold(x.ctx))
	x.must(caller.WaitSilent(x.ctx, 650))
	consultation, target := x.talk(bob, "103", carol)
	x.must(callee.TransferTo(x.ctx, consultation))
	ended(t, callee)
	ended(t, consultation)
	x.hearEachOther(caller, 500, target, 800)
	x.must(target.WaitSilent(x.ctx, 650))
	if slices.Contains(tones(callee), 800) {
		t.Errorf("the held call heard %v", tones(callee))
	}
}

func TestDTMF(t *testing.T) {
	x := start(t)
	alice := x.phone("101", 500)
	call := alice.dial("600")
	x.must(call.WaitAnswered(x.ctx))
	x.must(call.SendDTMF(x.ctx, "4*7"))
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for call.Digits() != "4*7#" {
		select {
		case <-tick.C:
		case <-x.ctx.Done():
			t.Fatalf("Asterisk sent back %q, want what it got and #", call.Digits())
		}
	}
	if err := call.SendDTMF(x.ctx, "1x"); err == nil {
		t.Error("x was taken for a digit")
	}
	x.must(call.Hangup(x.ctx))
}

func TestEcho(t *testing.T) {
	x := start(t)
	alice := x.phone("101", 500)
	call := alice.dial("601")
	x.must(call.WaitHears(x.ctx, 500))
}

func TestWrongPassword(t *testing.T) {
	x := start(t)
	_, err := sipphone.New(x.ctx, sipphone.Config{Server: x.pbx.SIP, User: "101", Password: "wrong"})
	var refused *sipphone.StatusError
	if !errors.As(err, &refused) || refused.Code != 401 {
		t.Errorf("error %v, want 401", err)
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

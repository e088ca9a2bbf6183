package sipphone_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// TestMain lets pass what sipgo may leave: a socket that it opens for what it sends while its transports close.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/emiago/sipgo/sip.(*TransportUDP).readUDPConnection"))
}

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
exten => _9XXXXX,1,Dial(PJSIP/provider/sip:desk@127.0.0.1:${EXTEN:1},20)
`

// start runs an Asterisk whose phones have these further options, and with a trunk.
func start(t *testing.T, options ...string) *exchange {
	t.Helper()
	var pjsip strings.Builder
	pjsip.WriteString(sipphone.PJSIPTrunk("provider"))
	for _, number := range []string{"101", "102", "103"} {
		pjsip.WriteString(sipphone.PJSIPConfig(number, "pw"+number, options...))
	}
	pbx := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"extensions.conf": dialplan, "pjsip.conf": pjsip.String()}})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return &exchange{t: t, ctx: ctx, pbx: pbx}
}

// unregistered makes a phone beyond the trunk.
func (x *exchange) unregistered(user string, tone float64) *station {
	x.t.Helper()
	return x.open(sipphone.Config{User: user, Tone: tone})
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
	return x.open(sipphone.Config{User: number, Password: "pw" + number, Tone: tone})
}

func (x *exchange) open(cfg sipphone.Config) *station {
	x.t.Helper()
	s := &station{x: x, tone: cfg.Tone, in: make(chan *sipphone.Call, 4)}
	cfg.Server = x.pbx.SIP
	cfg.OnInvite = func(c *sipphone.Call) {
		if c.Ring(x.ctx) != nil {
			return
		}
		select {
		case s.in <- c:
		case <-c.Done(): // before anybody asked for it
		}
	}
	phone, err := sipphone.New(x.ctx, cfg)
	if err != nil {
		x.t.Fatal(err)
	}
	s.Phone = phone
	x.t.Cleanup(func() {
		if err := phone.Close(); err != nil {
			x.t.Errorf("closing %s: %v", cfg.User, err)
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

// check reports an error, from any goroutine.
func (x *exchange) check(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Error(err)
	}
}

func (x *exchange) eventually(what string, done func() bool) {
	x.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-x.ctx.Done():
			x.t.Fatalf("in vain: %s", what)
		}
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

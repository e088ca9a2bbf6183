package control_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/callcenter/control"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// office is a real Asterisk with telephones, and a Control that follows it.
type office struct {
	t      *testing.T
	pbx    *asterisktest.Asterisk
	ctl    *control.Control
	phones map[string]*phone
	deaf   bool                 // the next telephones do not do what a NOTIFY asks for
	seen   func(*sipphone.Call) // has each call that rings, if not nil

	mu      sync.Mutex
	entries []control.Entry
}

// phone is a telephone and the calls that ring at it.
type phone struct {
	*sipphone.Phone
	number string
	tone   float64
	in     chan *sipphone.Call
}

const dialplan = `
[from-internal]
exten => _10X,1,Dial(PJSIP/${EXTEN},20,tT)
; a line, and numbers outside: busy, congestion, one that only an application answers
exten => _9X.,1,Dial(PJSIP/109,20,tT)
exten => 8001,1,Congestion(1)
exten => 8002,1,Answer()
 same => n,Wait(1)
exten => 7000,1,Answer()
 same => n,Queue(help)
exten => *101,1,Answer()
 same => n,Wait(60)
exten => 600,1,Answer()
 same => n,Echo()
include => parkedcalls
; an application of Stasis that connects 1XX
exten => _5XX,1,Stasis(desk,1${EXTEN:1})
 same => n,Hangup()

[prompts]
exten => play,1,Answer()
 same => n,Playback(${ASTERISM_PROMPT})
`

// openOffice starts Asterisk with telephones 101 to 109; none answers by itself.
func openOffice(t *testing.T) *office {
	t.Helper()
	var pjsip strings.Builder
	for i := range 9 {
		number := strconv.Itoa(101 + i)
		fmt.Fprintf(&pjsip, "%s\n", sipphone.PJSIPConfig(number, "pw"+number, `context = from-internal`, `callerid = "Desk `+number+`" <`+number+`>`))
	}
	pbx := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"extensions.conf": dialplan, "pjsip.conf": pjsip.String(), "pjsip_notify.conf": "",
		"features.conf":    "[general]\n[featuremap]\natxfer => *2\n",
		"queues.conf":      "[general]\n[help]\nstrategy = ringall\ntimeout = 30\nringinuse = yes\nmember => PJSIP/103\n",
		"res_parking.conf": "[general]\n[default]\nparkext => 700\nparkpos => 701-720\ncontext => parkedcalls\nparkingtime => 60\n",
	}})
	t.Cleanup(func() { pbx.Kill() }) // it would wait for its calls to end
	o := &office{t: t, pbx: pbx, phones: map[string]*phone{}}
	client := &ami.Client{Addr: pbx.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret}
	if err := client.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	o.ctl = &control.Control{Client: client, Policy: control.DefaultPolicy(), PromptContext: "prompts", VoicemailPrefix: "*", Audit: o.audit}
	o.follow(client)
	return o
}

func (o *office) audit(e control.Entry) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.entries = append(o.entries, e)
}

func (o *office) audited() []control.Entry {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.entries
}

func (o *office) follow(client *ami.Client) {
	cfg := calls.Config{Extensions: map[string]calls.Identity{}}
	for i := range 8 {
		number := strconv.Itoa(101 + i)
		cfg.Extensions["PJSIP/"+number] = calls.Identity{Number: number, Name: "Desk " + number}
	}
	cfg.Trunks = []string{"PJSIP/109"}
	ctx, cancel := context.WithCancel(context.Background())
	changes := calls.Follow(ctx, client, calls.NewTracker(cfg))
	var running sync.WaitGroup
	running.Go(func() {
		for change, err := range changes {
			if err == nil {
				o.ctl.Apply(change)
			}
		}
	})
	o.t.Cleanup(func() { cancel(); running.Wait() })
}

// phone is a telephone that is registered.
func (o *office) phone(number string) *phone {
	o.t.Helper()
	if p := o.phones[number]; p != nil {
		return p
	}
	all := sipphone.Frequencies()
	p := &phone{number: number, tone: all[len(o.phones)], in: make(chan *sipphone.Call, 100)}
	var err error
	p.Phone, err = sipphone.New(o.t.Context(), sipphone.Config{
		Server: o.pbx.SIP, User: number, Password: "pw" + number, Tone: p.tone, Tones: all, Deaf: o.deaf,
		OnInvite: func(c *sipphone.Call) {
			if c.Ring(context.Background()) == nil {
				if o.seen != nil {
					o.seen(c)
				}
				p.in <- c
			}
		},
	})
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { p.Close() })
	o.phones[number] = p
	return p
}

// agent is the commands of who has a telephone.
func (o *office) agent(number string) *control.Desk {
	return o.ctl.As(control.Actor{ID: "agent " + number, Role: control.Agent, Endpoint: "PJSIP/" + number})
}

func (o *office) admin(number string) *control.Desk {
	return o.ctl.As(control.Actor{ID: "admin", Role: control.Admin, Endpoint: "PJSIP/" + number})
}

// rings waits for the next call of a telephone.
func (p *phone) rings(ctx context.Context, t *testing.T) *sipphone.Call {
	t.Helper()
	for {
		select {
		case c := <-p.in:
			if c.State() != sipphone.Ended { // it may have been given up before anybody looked
				return c
			}
		case <-ctx.Done():
			t.Fatalf("%s does not ring", p.number)
		}
	}
}

func (p *phone) answers(ctx context.Context, t *testing.T) *sipphone.Call {
	t.Helper()
	c := p.rings(ctx, t)
	must(t, c.Answer(ctx))
	return c
}

// talk lets a telephone call another one, and returns both sides when they hear each other.
func (o *office) talk(ctx context.Context, from, to string) (a, b *sipphone.Call) {
	o.t.Helper()
	caller, callee := o.phone(from), o.phone(to)
	a, err := caller.Dial(ctx, to)
	must(o.t, err)
	b = callee.answers(ctx, o.t)
	must(o.t, a.WaitAnswered(ctx))
	o.hear(ctx, hearing{a, to}, hearing{b, from})
	return a, b
}

// hearing is somebody who should hear a telephone.
type hearing struct {
	call *sipphone.Call
	whom string
}

func (o *office) hear(ctx context.Context, all ...hearing) {
	o.t.Helper()
	for _, h := range all {
		if err := h.call.WaitHears(ctx, o.phone(h.whom).tone); err != nil {
			o.t.Fatalf("%s is not heard: %v", h.whom, err)
		}
	}
}

// leg is the channel of the only call of a telephone, when it is known to talk.
func (o *office) leg(ctx context.Context, number string) string {
	o.t.Helper()
	leg, err := o.ctl.Leg(ctx, "PJSIP/"+number)
	must(o.t, err)
	return leg.Channel
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

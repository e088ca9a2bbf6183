package callcenter_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter"
	"github.com/asterism-go/asterism/callcenter/agents"
	"github.com/asterism-go/asterism/callcenter/control"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// hall is a real Asterisk with two telephones, a queue, and a Center.
type hall struct {
	center *callcenter.Center
	phones map[string]*sipphone.Phone
	rings  map[string]chan *sipphone.Call
}

func openHall(t *testing.T) *hall {
	t.Helper()
	pjsip := sipphone.PJSIPConfig("101", "pw101", `callerid = "Alice" <101>`) + sipphone.PJSIPConfig("102", "pw102", `callerid = "Bob" <102>`)
	pbx := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"pjsip.conf":      pjsip,
		"extensions.conf": "[default]\nexten => _10X,1,Dial(PJSIP/${EXTEN},20)\nexten => 700,1,Answer()\n same => n,Queue(help)\n",
		"queues.conf":     "[general]\n[help]\nstrategy = ringall\nmember => PJSIP/102\n",
	}})
	t.Cleanup(pbx.Kill) // it would wait for its calls to end
	client := &ami.Client{Addr: pbx.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret}
	if err := client.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	h := &hall{
		center: &callcenter.Center{Client: client, Control: &control.Control{Policy: control.DefaultPolicy(), Context: "default"}},
		phones: map[string]*sipphone.Phone{}, rings: map[string]chan *sipphone.Call{},
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.center.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	for _, number := range []string{"101", "102"} {
		rings := make(chan *sipphone.Call, 10)
		phone, err := sipphone.New(t.Context(), sipphone.Config{Server: pbx.SIP, User: number, Password: "pw" + number, OnInvite: func(c *sipphone.Call) {
			if c.Ring(context.Background()) == nil {
				rings <- c
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { phone.Close() })
		h.phones[number], h.rings[number] = phone, rings
	}
	return h
}

// TestCenter follows a real call in the picture: dialled with a click, it rings, talks and ends; and a caller waits in a queue.
func TestCenter(t *testing.T) {
	h := openHall(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	picture, changes := h.center.Watch(ctx)
	seen := make(chan callcenter.Picture, 1)
	seen <- copied(picture)
	go func() {
		defer close(seen)
		for change, err := range changes {
			if err != nil {
				return
			}
			picture.Apply(change)
			select {
			case seen <- copied(picture):
			case <-ctx.Done():
				return
			}
		}
	}()
	var last callcenter.Picture
	until := func(what string, so func(p callcenter.Picture) bool) {
		t.Helper()
		for last = range seen {
			if so(last) {
				return
			}
		}
		t.Fatalf("%s is not seen: %+v", what, last)
	}
	until("the agent", func(p callcenter.Picture) bool {
		return p.Agents["PJSIP/102"].State == agents.Ready && p.Queues["help"].Agents["ready"] == 1 && len(p.Extensions) == 2
	})
	if err := h.center.Assign(ctx, agents.Person{ID: "bob", Name: "Bob Baker"}, "PJSIP/102"); err != nil {
		t.Fatal(err)
	}
	until("the person", func(p callcenter.Picture) bool {
		_, nameless := p.Agents["PJSIP/102"]
		return !nameless && p.Agents["bob"].Name == "Bob Baker"
	})
	alice := h.center.As(control.Actor{ID: "alice", Role: control.Agent, Endpoint: "PJSIP/101"})
	if _, err := alice.Dial(ctx, control.Dial{Number: "700"}); err != nil {
		t.Fatal(err)
	}
	call := <-h.rings["101"]
	until("ringing", func(p callcenter.Picture) bool { return p.Extensions["PJSIP/101"].Activity == callcenter.Ringing })
	if err := call.Answer(ctx); err != nil {
		t.Fatal(err)
	}
	until("waiting", func(p callcenter.Picture) bool { return len(p.Queues["help"].Waiting) == 1 })
	other := <-h.rings["102"]
	if err := other.Answer(ctx); err != nil {
		t.Fatal(err)
	}
	until("talking", func(p callcenter.Picture) bool {
		a, b := p.Extensions["PJSIP/101"], p.Extensions["PJSIP/102"]
		return a.Activity == callcenter.Talking && b.Activity == callcenter.Talking && b.With.Number == "101" &&
			p.Agents["bob"].State == agents.Talking && len(p.Queues["help"].Waiting) == 0
	})
	if err := call.Hangup(ctx); err != nil {
		t.Fatal(err)
	}
	until("the end", func(p callcenter.Picture) bool {
		return len(p.Calls) == 0 && p.Extensions["PJSIP/101"].Activity == callcenter.Free && p.Agents["bob"].State == agents.Ready
	})
}

func copied(p callcenter.Picture) callcenter.Picture {
	return callcenter.Picture{
		Calls: maps.Clone(p.Calls), Agents: maps.Clone(p.Agents), Extensions: maps.Clone(p.Extensions), Queues: maps.Clone(p.Queues),
	}
}

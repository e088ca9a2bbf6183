package control_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/callcenter/control"
)

// hostile is what comes from a user who wants more than one dial target, argument or header.
var hostile = []string{
	"", "1\r\nAction: Originate", "1\nVariable: A=b", "1\x00", "1,2", "1&PJSIP/666", "1|2", "${SHELL(id)}", "$[1+1]", "1^2", "1@other",
	"1;2", "(1)", "1 2", `1"`, "1\\", "١٢٣", strings.Repeat("1", 65),
}

// TestHostileValues: nothing that is not what it should be is sent; the fake Asterisk of this test takes a login and no more.
func TestHostileValues(t *testing.T) {
	manager := amitest.Start(t, []amitest.Step{amitest.Login("user", "secret")})
	client := &ami.Client{Addr: manager.Addr, Username: "user", Secret: "secret", BootTimeout: -1}
	must(t, client.Connect(t.Context()))
	defer client.Close()
	ctl := &control.Control{Client: client, Policy: control.DefaultPolicy(), PromptContext: "prompts"}
	ctl.Apply(calls.Change{Kind: calls.Talking, Call: calls.Call{
		ID: "1", Legs: []calls.Leg{
			{Channel: "PJSIP/101-1", Uniqueid: "1", Endpoint: "PJSIP/101", Answered: time.Unix(1, 0)},
			{Channel: "PJSIP/102-2", Uniqueid: "2", Endpoint: "PJSIP/102", Answered: time.Unix(1, 0)},
		},
		Conversations: []calls.Conversation{{A: "PJSIP/101-1", B: "PJSIP/102-2"}},
		Parking:       []calls.Parking{{Slot: "701", Parkee: "PJSIP/101-1"}},
	}})
	desk := ctl.As(control.Actor{ID: "x", Role: control.Admin, Endpoint: "PJSIP/101"})
	const leg = "PJSIP/102-2"
	operations := map[string]func(ctx context.Context, value string) error{
		"dial a number": func(ctx context.Context, v string) error { return dial(ctx, desk, control.Dial{Number: v}) },
		"dial a prefix": func(ctx context.Context, v string) error {
			return dial(ctx, desk, control.Dial{Number: "1", Prefix: orBad(v)})
		},
		"dial in a context": func(ctx context.Context, v string) error {
			return dial(ctx, desk, control.Dial{Number: "1", Context: orBad(v)})
		},
		"dial by an extension": func(ctx context.Context, v string) error {
			return dial(ctx, desk, control.Dial{Number: "1", AgentExten: orBad(v)})
		},
		"dial from a line": func(ctx context.Context, v string) error {
			return dial(ctx, desk, control.Dial{Number: "1", LineNumber: orBad(v)})
		},
		"dial at an endpoint": func(ctx context.Context, v string) error {
			return dial(ctx, desk, control.Dial{Number: "1", Endpoint: "PJSIP/" + orBad(strings.ReplaceAll(v, "@", ","))})
		},
		"dial with an answer": func(ctx context.Context, v string) error {
			return dial(ctx, desk, control.Dial{Number: "1", AutoAnswer: control.AutoAnswer(orBad(v))})
		},
		"spy on": func(ctx context.Context, v string) error {
			return spy(ctx, desk, control.Spy{Target: "PJSIP/" + strings.ReplaceAll(v, "@", ",")})
		},
		"spy in group": func(ctx context.Context, v string) error {
			return spy(ctx, desk, control.Spy{Channel: leg, Group: orBad(v)})
		},
		"spy notice": func(ctx context.Context, v string) error {
			return spy(ctx, desk, control.Spy{Channel: leg, Notice: "../" + v})
		},
		"transfer":  func(ctx context.Context, v string) error { _, err := desk.Transfer(ctx, leg, v); return err },
		"voicemail": func(ctx context.Context, v string) error { _, err := desk.ToVoicemail(ctx, leg, v); return err },
		"consult":   func(ctx context.Context, v string) error { _, err := desk.Consult(ctx, leg, v); return err },
		"invite":    func(ctx context.Context, v string) error { _, err := desk.Invite(ctx, leg, v); return err },
		"park": func(ctx context.Context, v string) error {
			_, err := desk.Park(ctx, leg, "PJSIP/"+strings.ReplaceAll(v, "@", ","))
			return err
		},
		"retrieve": func(ctx context.Context, v string) error { return desk.Retrieve(ctx, v, "") },
		"pickup by": func(ctx context.Context, v string) error {
			return desk.Pickup(ctx, leg, "PJSIP/"+orBad(strings.ReplaceAll(v, "@", ",")))
		},
		"digits": func(ctx context.Context, v string) error {
			return desk.SendDigits(ctx, leg, strings.ReplaceAll(v, "1", "x"))
		},
		"sound": func(ctx context.Context, v string) error { return desk.PlayTo(ctx, leg, "../"+v) },
		"sound by name": func(ctx context.Context, v string) error {
			return desk.PlayTo(ctx, leg, "/"+strings.ReplaceAll(v, "..", ""))
		},
		"mute": func(ctx context.Context, v string) error { return desk.Mute(ctx, leg, control.Direction(v), true) },
		"retrieve by": func(ctx context.Context, v string) error {
			return desk.Retrieve(ctx, "701", "PJSIP/"+orBad(strings.ReplaceAll(v, "@", ",")))
		},
		"spy by": func(ctx context.Context, v string) error {
			return spy(ctx, desk, control.Spy{Channel: leg, Endpoint: "PJSIP/" + orBad(strings.ReplaceAll(v, "@", ","))})
		},
		"spy mode": func(ctx context.Context, v string) error {
			return spy(ctx, desk, control.Spy{Channel: leg, Mode: calls.SpyMode(orBad(v))})
		},
		"spy with an answer": func(ctx context.Context, v string) error {
			return spy(ctx, desk, control.Spy{Channel: leg, AutoAnswer: control.AutoAnswer(orBad(v))})
		},
		"switch of a spy": func(ctx context.Context, v string) error {
			return (&control.Spying{}).Switch(ctx, calls.SpyMode(v))
		},
	}
	for name, operation := range operations {
		for _, value := range hostile {
			var invalid *control.ValueError
			if err := operation(t.Context(), value); !errors.As(err, &invalid) {
				t.Errorf("%s with %q: %v", name, value, err)
			}
		}
	}
	if err := dial(t.Context(), desk, control.Dial{Number: "1", ShownName: "a\r\nb"}); err == nil {
		t.Error("a name with a line break is taken")
	}
	for name, order := range map[string]control.Dial{
		"account":  {Number: "1", Account: "a\r\nAction: Originate"},
		"variable": {Number: "1", Variables: []ami.Header{{Key: "A", Value: "b\r\nAction: Originate"}}},
		"key":      {Number: "1", Variables: []ami.Header{{Key: "A\r\nB", Value: "c"}}},
		"data":     {Application: "Wait", Data: "1\r\nAction: Originate"},
	} {
		if err := dial(t.Context(), desk, order); err == nil {
			t.Errorf("%s with a line break is taken", name)
		}
	}
}

// TestHostileNames shows names that would be expressions, arguments or headers elsewhere: they stay what they are.
func TestHostileNames(t *testing.T) {
	o := openOffice(t)
	ctx := within(t)
	agent, callee := o.phone("101"), o.phone("102")
	for _, name := range []string{"${SHELL(id)}", "$[1+1]", "a,b", "a&PJSIP/666", "a|b^c", "a;b", "(a)", "a=b"} {
		dialing, err := o.agent("101").Dial(ctx, control.Dial{
			Number: "102", ShownName: name, LineName: name, LineNumber: "2109999999", Variables: []ami.Header{{Key: "__CRM", Value: name}},
		})
		must(t, err)
		call := agent.rings(ctx, t)
		if _, got := call.Remote(); got != name {
			t.Errorf("the telephone shows %q, want %q", got, name)
		}
		must(t, call.Answer(ctx))
		out := callee.answers(ctx, t)
		if number, got := out.Remote(); got != name || number != "2109999999" {
			t.Errorf("the number sees %q %q, want %q", number, got, name)
		}
		_, err = dialing.Wait(ctx)
		must(t, err)
		value, err := o.ctl.Client.Do(ctx, ami.Action{Name: "Getvar"}.With("Channel", o.leg(ctx, "102")).With("Variable", "CRM"))
		must(t, err)
		if got := value.Get("Value"); got != name {
			t.Errorf("the variable is %q, want %q", got, name)
		}
		must(t, call.Hangup(ctx))
		o.nothingLeft(ctx, t)
	}
}

// orBad stands in for an empty value where that is allowed.
func orBad(value string) string {
	if value == "" {
		return ","
	}
	return value
}

func dial(ctx context.Context, d *control.Desk, order control.Dial) error {
	_, err := d.Dial(ctx, order)
	return err
}

func spy(ctx context.Context, d *control.Desk, order control.Spy) error {
	_, err := d.Spy(ctx, order)
	return err
}

// TestGoneForAll gives every command about a leg that has gone, or that was never there.
func TestGoneForAll(t *testing.T) {
	ctl := &control.Control{Client: &ami.Client{}, Policy: control.DefaultPolicy(), PromptContext: "prompts"}
	desk := ctl.As(control.Actor{ID: "x", Role: control.Admin, Endpoint: "PJSIP/101"})
	for verb, err := range commands(t.Context(), desk, "PJSIP/102-2") {
		if !errors.Is(err(), control.ErrGone) {
			t.Errorf("%s: %v", verb, err())
		}
	}
}

// commands are all commands about a leg.
func commands(ctx context.Context, desk *control.Desk, leg string) map[control.Verb]func() error {
	return map[control.Verb]func() error{
		control.VerbAnswer:   func() error { return desk.Answer(ctx, leg) },
		control.VerbHangup:   func() error { return desk.Hangup(ctx, leg, 0) },
		control.VerbHold:     func() error { return desk.Hold(ctx, leg) },
		control.VerbResume:   func() error { return desk.Resume(ctx, leg) },
		control.VerbTransfer: func() error { _, err := desk.Transfer(ctx, leg, "103"); return err },
		"voicemail":          func() error { _, err := desk.ToVoicemail(ctx, leg, "101"); return err },
		control.VerbConsult:  func() error { _, err := desk.Consult(ctx, leg, "103"); return err },
		control.VerbPark:     func() error { _, err := desk.Park(ctx, leg, ""); return err },
		control.VerbRetrieve: func() error { return desk.Retrieve(ctx, "719", "") },
		control.VerbPickup:   func() error { return desk.Pickup(ctx, leg, "") },
		control.VerbInvite:   func() error { _, err := desk.Invite(ctx, leg, "103"); return err },
		control.VerbDigits:   func() error { return desk.SendDigits(ctx, leg, "1") },
		control.VerbMute:     func() error { return desk.Mute(ctx, leg, control.In, true) },
		control.VerbPrompt:   func() error { return desk.PlayTo(ctx, leg, "beep") },
		control.VerbSpy:      func() error { return spy(ctx, desk, control.Spy{Channel: leg}) },
	}
}

// TestTwiceAtOnce sends the same command many times at once: it is done once, and all others are told what is wrong.
func TestTwiceAtOnce(t *testing.T) {
	o := openOffice(t)
	ctx := within(t)
	customer, agent := o.talk(ctx, "101", "102")
	leg := o.leg(ctx, "102")
	var wg sync.WaitGroup
	third := o.phone("103")
	errs := make([]error, 10)
	for i := range errs {
		wg.Go(func() { _, errs[i] = o.agent("102").Transfer(ctx, leg, "103") })
	}
	third.answers(ctx, t)
	wg.Wait()
	once(t, errs)
	o.hear(ctx, hearing{customer, "103"})
	if len(third.in) > 0 {
		t.Error("it rang more than once")
	}
	leg = o.leg(ctx, "103")
	for i := range errs {
		wg.Go(func() { errs[i] = o.agent("103").Hangup(ctx, leg, 0) })
	}
	wg.Wait()
	once(t, errs)
	<-agent.Done()
	<-customer.Done()
}

// once finds that of the same commands one was carried out, and all others were told what is wrong.
func once(t *testing.T, errs []error) {
	t.Helper()
	done := 0
	for _, err := range errs {
		var conflict *control.ConflictError
		switch {
		case err == nil:
			done++
		case !errors.As(err, &conflict) && !errors.Is(err, control.ErrGone):
			t.Error(err)
		}
	}
	if done != 1 {
		t.Errorf("done %d times", done)
	}
}

// TestWithoutConnection: while the client reconnects, a command fails at once, and says that it may be given again.
func TestWithoutConnection(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	ctx := within(t)
	customer, _ := o.talk(ctx, "101", "102")
	leg := o.leg(ctx, "102")
	must(t, customer.Hangup(ctx))
	must(t, o.ctl.Wait(ctx, func(all []calls.Call) bool { return len(all) == 0 || !all[0].Ended.IsZero() }))
	o.talk(ctx, "101", "102")
	second := o.leg(ctx, "102")
	if second == leg {
		t.Fatal("the leg has the same name")
	}
	o.pbx.Kill()
	for state, why := range o.ctl.Client.States(ctx) {
		if state != ami.Up && why != nil {
			break
		}
	}
	must(t, ctx.Err())
	_, err := o.agent("102").Dial(ctx, control.Dial{Number: "101"})
	if err == nil || !ami.SafeToRetry(err) {
		t.Errorf("dial: %v", err)
	}
	o.ctl.Phones = &control.NotifyPhones{Client: o.ctl.Client}
	for verb, do := range commands(ctx, o.admin("104"), second) {
		// the calls may have heard of the loss by now
		if err := do(); err == nil || ctx.Err() != nil {
			t.Errorf("%s: %v", verb, err)
		}
	}
	if err := o.agent("102").Hangup(ctx, leg, 0); !errors.Is(err, control.ErrGone) {
		t.Errorf("hangup of the first: %v", err)
	}
}

// TestFiftyDials dials fifty times at once, half of them through Local channels.
func TestFiftyDials(t *testing.T) {
	o := openOffice(t)
	ctx := within(t)
	agent, callee := o.phone("101"), o.phone("102")
	take := func(p *phone) {
		for {
			select {
			case c := <-p.in:
				go c.Answer(ctx) //nolint:errcheck // the outcome shows it
			case <-ctx.Done():
				return
			}
		}
	}
	go take(agent)
	go take(callee)
	desk := o.agent("101")
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			order := control.Dial{Number: "102"}
			if i%2 == 1 {
				order.AgentExten = "101"
			}
			dialing, err := desk.Dial(ctx, order)
			if err != nil {
				t.Error(err)
				return
			}
			if outcome, err := dialing.Wait(ctx); err != nil || outcome.Outcome != control.Answered {
				t.Errorf("%d: %s, %v", i, outcome.Outcome, err)
			}
		})
	}
	wg.Wait()
}

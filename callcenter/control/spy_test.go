package control_test

import (
	"context"
	"errors"
	"testing"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/callcenter/control"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// spyOn lets a supervisor at 103 listen to what an agent at 102 says to a customer at 101.
func (o *office) spyOn(ctx context.Context, order control.Spy) (*control.Spying, *sipphone.Call) {
	o.t.Helper()
	spy := o.phone("103")
	begun := make(chan *control.Spying, 1)
	go func() {
		spying, err := o.admin("103").Spy(ctx, order)
		if err != nil {
			o.t.Error(err)
		}
		begun <- spying
	}()
	ear := spy.answers(ctx, o.t)
	spying := <-begun
	if spying == nil {
		o.t.FailNow()
	}
	return spying, ear
}

// TestSpy listens, whispers and barges in, and switches between them: who hears whom is what counts.
func TestSpy(t *testing.T) {
	o := openOffice(t)
	ctx := within(t)
	customer, agent := o.talk(ctx, "101", "102")
	spying, ear := o.spyOn(ctx, control.Spy{Channel: o.leg(ctx, "102")})
	if _, name := ear.Remote(); name != "LISTEN Desk 102" {
		t.Errorf("the supervisor's telephone shows %q", name)
	}
	o.hear(ctx, hearing{ear, "101"}, hearing{ear, "102"})
	tone := o.phone("103").tone
	if heard(customer, tone) || heard(agent, tone) {
		t.Error("the spy is heard")
	}
	must(t, spying.Switch(ctx, calls.Whisper))
	o.hear(ctx, hearing{agent, "103"})
	if heard(customer, tone) {
		t.Error("the whisper is heard by the customer")
	}
	must(t, spying.Switch(ctx, calls.Barge))
	o.hear(ctx, hearing{customer, "103"}, hearing{agent, "103"})
	must(t, spying.Switch(ctx, calls.Listen))
	must(t, customer.WaitSilent(ctx, tone))
	must(t, agent.WaitSilent(ctx, tone))
	if interrupted(agent, o.phone("101").tone) || interrupted(customer, o.phone("102").tone) {
		t.Error("the call was interrupted")
	}
	must(t, customer.Hangup(ctx))
	must(t, spying.Wait(ctx))
	<-ear.Done()
	if err := spying.Stop(ctx); err != nil {
		t.Errorf("stopped when it had ended: %v", err)
	}
}

// TestSpyStarts in each mode.
func TestSpyStarts(t *testing.T) {
	o := openOffice(t)
	ctx := within(t)
	customer, agent := o.talk(ctx, "101", "102")
	tone := o.phone("103").tone
	for _, mode := range []calls.SpyMode{calls.Whisper, calls.Barge} {
		spying, ear := o.spyOn(ctx, control.Spy{Target: "PJSIP/102", Mode: mode})
		o.hear(ctx, hearing{agent, "103"})
		if mode == calls.Whisper && heard(customer, tone) {
			t.Error("the whisper is heard by the customer")
		}
		if mode == calls.Barge {
			o.hear(ctx, hearing{customer, "103"})
		}
		must(t, spying.Stop(ctx))
		<-ear.Done()
		must(t, agent.WaitSilent(ctx, tone))
		must(t, customer.WaitSilent(ctx, tone))
	}
}

// TestSpyGoesOn listens to an agent's next call too, and not to one whose number begins alike.
func TestSpyGoesOn(t *testing.T) {
	o := openOffice(t)
	ctx := within(t)
	first, _ := o.talk(ctx, "101", "102")
	spying, ear := o.spyOn(ctx, control.Spy{Target: "PJSIP/102", GoOn: true})
	o.hear(ctx, hearing{ear, "101"})
	must(t, first.Hangup(ctx))
	must(t, ear.WaitSilent(ctx, o.phone("101").tone))
	o.talk(ctx, "104", "102")
	o.hear(ctx, hearing{ear, "104"}, hearing{ear, "102"})
	must(t, spying.Stop(ctx))
	<-ear.Done()
}

// TestSpyIsRefused where it is: a private call, a role that may not, a call that has ended.
func TestSpyIsRefused(t *testing.T) {
	o := openOffice(t)
	ctx := within(t)
	customer, _ := o.talk(ctx, "101", "102")
	leg := o.leg(ctx, "102")
	var denied *control.DeniedError
	if _, err := o.agent("103").Spy(ctx, control.Spy{Channel: leg}); !errors.As(err, &denied) {
		t.Errorf("an agent: %v", err)
	}
	_, err := o.ctl.Client.Do(ctx, ami.Action{Name: "Setvar"}.With("Channel", leg).With("Variable", "PRIVATE").With("Value", "yes"))
	must(t, err)
	if _, err := o.admin("103").Spy(ctx, control.Spy{Channel: leg}); !errors.Is(err, control.ErrPrivate) {
		t.Errorf("a private call: %v", err)
	}
	must(t, customer.Hangup(ctx))
	must(t, o.ctl.Wait(ctx, func(all []calls.Call) bool { return len(all) == 0 || !all[0].Ended.IsZero() }))
	if _, err := o.admin("103").Spy(ctx, control.Spy{Channel: leg}); !errors.Is(err, control.ErrGone) {
		t.Errorf("a call that has ended: %v", err)
	}
	for _, e := range o.audited() {
		if e.Verb != control.VerbSpy || e.Err == nil || e.Actor.ID == "" {
			t.Errorf("audited %+v", e)
		}
	}
	if len(o.audited()) != 3 {
		t.Errorf("%d audited", len(o.audited()))
	}
}

// heard tells whether a tone was ever heard.
func heard(c *sipphone.Call, tone float64) bool {
	for _, h := range c.Heard() {
		if h.Tone == tone {
			return true
		}
	}
	return false
}

// interrupted tells whether a tone was away in between.
func interrupted(c *sipphone.Call, tone float64) bool {
	n := 0
	for _, h := range c.Heard() {
		if h.Tone == tone {
			n++
		}
	}
	return n > 1
}

package control_test

import (
	"errors"
	"testing"

	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/callcenter/control"
)

// TestStasisParty does to one party of a call in Stasis what can be done without ending the call.
func TestStasisParty(t *testing.T) {
	o := openStasis(t)
	ctx := within(t)
	customer, agent := o.stasisTalk(ctx, "101", "102")
	desk, leg := o.agent("102"), o.leg(ctx, "102")
	customerTone, agentTone := o.phone("101").tone, o.phone("102").tone
	must(t, desk.SendDigits(ctx, o.leg(ctx, "101"), "12#"))
	must(t, desk.Mute(ctx, leg, control.In, true))
	must(t, customer.WaitSilent(ctx, agentTone))
	must(t, desk.Mute(ctx, leg, control.In, false))
	must(t, customer.WaitHears(ctx, agentTone))
	must(t, desk.PlayTo(ctx, leg, "beep"))
	o.ctl.PromptContext = "" // then ARI plays
	must(t, desk.PlayTo(ctx, leg, "beep"))
	must(t, agent.WaitHears(ctx, customerTone))
	must(t, desk.Hold(ctx, leg)) // neither hears the other
	must(t, customer.WaitSilent(ctx, agentTone))
	must(t, agent.WaitSilent(ctx, customerTone))
	must(t, desk.Resume(ctx, leg))
	o.hear(ctx, hearing{customer, "102"}, hearing{agent, "101"})
	var refused *control.ApplicationError
	if _, err := desk.Consult(ctx, leg, "103"); !errors.As(err, &refused) || refused.Application != "Stasis" {
		t.Errorf("consult: %v", err)
	}
	must(t, desk.Hangup(ctx, leg, 16))
	<-agent.Done()
	<-customer.Done()
	if customer.Digits() != "12#" {
		t.Errorf("digits %q", customer.Digits())
	}
	for _, e := range o.audited() {
		if e.Actor.ID == "" || (e.Err != nil) != (e.Verb == control.VerbConsult) {
			t.Errorf("audited %s: %v", e.Verb, e.Err)
		}
	}
}

// TestStasisTransfer sends a customer on, who called the application, and one whom it has called; to one who answers and to one
// who does not want; not to a number that there is not.
func TestStasisTransfer(t *testing.T) {
	o := openStasis(t)
	ctx := within(t)
	target := o.phone("103")
	for _, c := range []struct {
		name, agent, customer string // who calls the other
		by, from              string
	}{
		{"customer has called", "102", "101", "101", "102"},
		{"agent has called", "101", "102", "101", "102"},
	} {
		t.Run(c.name, func(t *testing.T) {
			first, second := o.stasisTalk(ctx, "101", "102")
			agent, customer := second, first
			if c.agent == "101" {
				agent, customer = first, second
			}
			leg := o.leg(ctx, c.agent)
			var none *control.NoExtensionError
			if _, err := o.agent(c.agent).Transfer(ctx, leg, "333"); !errors.As(err, &none) {
				t.Errorf("to nobody: %v", err)
			}
			done := make(chan control.Transferred, 1)
			go func() {
				got, err := o.agent(c.agent).Transfer(ctx, leg, "103")
				if err != nil {
					t.Error(err)
				}
				done <- got
			}()
			taken := target.answers(ctx, t)
			got := <-done
			if got.Type != calls.Redirected || got.Result != calls.Completed || got.Number != "103" || legNumber(got.Call, got.To) != "103" ||
				legNumber(got.Call, got.Transferee) != c.customer {
				t.Errorf("%+v", got.Transfer)
			}
			<-agent.Done()
			o.hear(ctx, hearing{customer, "103"}, hearing{taken, c.customer})
			must(t, customer.Hangup(ctx))
			o.nothingLeft(ctx, t)
		})
	}
	t.Run("busy", func(t *testing.T) {
		customer, agent := o.stasisTalk(ctx, "101", "102")
		done := o.transfer(ctx, o.leg(ctx, "102"), "103")
		must(t, target.rings(ctx, t).Reject(ctx, 486))
		if got := <-done; got.Result != calls.NotAnswered || got.Outcome != calls.LegBusy {
			t.Errorf("%s, %s", got.Result, got.Outcome)
		}
		<-agent.Done()
		must(t, customer.Hangup(ctx))
	})
}

// TestStasisThird parks and retrieves, listens and whispers, takes a third party in.
func TestStasisThird(t *testing.T) {
	o := openStasis(t)
	ctx := within(t)
	third := o.phone("103")
	t.Run("invite", func(t *testing.T) {
		customer, agent := o.stasisTalk(ctx, "101", "102")
		leg := o.leg(ctx, "102")
		done := make(chan error, 1)
		go func() { _, err := o.agent("102").Invite(ctx, leg, "103"); done <- err }()
		joined := third.answers(ctx, t)
		must(t, <-done)
		o.hear(ctx, hearing{joined, "101"}, hearing{joined, "102"}, hearing{customer, "103"}, hearing{agent, "103"})
		must(t, customer.Hangup(ctx))
		<-joined.Done()
		o.nothingLeft(ctx, t)
	})
	t.Run("spy", func(t *testing.T) {
		customer, agent := o.stasisTalk(ctx, "101", "102")
		spying, ear := o.spyOn(ctx, control.Spy{Channel: o.leg(ctx, "102")})
		o.hear(ctx, hearing{ear, "101"}, hearing{ear, "102"})
		must(t, spying.Switch(ctx, calls.Whisper))
		o.hear(ctx, hearing{agent, "103"})
		if heard(customer, third.tone) {
			t.Error("the whisper is heard by the customer")
		}
		must(t, spying.Switch(ctx, calls.Barge))
		o.hear(ctx, hearing{customer, "103"})
		must(t, customer.Hangup(ctx))
		must(t, spying.Wait(ctx))
		<-ear.Done()
		o.nothingLeft(ctx, t)
	})
	t.Run("park", func(t *testing.T) {
		customer, agent := o.stasisTalk(ctx, "101", "102")
		parked, err := o.agent("102").Park(ctx, o.leg(ctx, "101"), "PJSIP/102")
		must(t, err)
		<-agent.Done()
		retrieved := make(chan error, 1)
		go func() { retrieved <- o.agent("103").Retrieve(ctx, parked.Slot, "") }()
		other := third.answers(ctx, t)
		must(t, <-retrieved)
		o.hear(ctx, hearing{customer, "103"}, hearing{other, "101"})
		must(t, customer.Hangup(ctx))
		o.nothingLeft(ctx, t)
	})
	t.Run("pickup", func(t *testing.T) {
		customer, err := o.phone("101").Dial(ctx, "502")
		must(t, err)
		ringing := o.phone("102").rings(ctx, t)
		var refused *control.ApplicationError
		if err := o.agent("103").Pickup(ctx, o.leg(ctx, "102"), ""); !errors.As(err, &refused) {
			t.Errorf("picked up: %v", err)
		}
		must(t, ringing.Answer(ctx))
		must(t, customer.WaitAnswered(ctx))
		must(t, customer.Hangup(ctx))
	})
}

package control_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/callcenter/control"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// TestTransfer sends a customer on from the screen: to one who answers, is busy, refuses, does not answer in time, is not there.
func TestTransfer(t *testing.T) {
	o := openOffice(t)
	ctx := within(t)
	o.phone("103")
	cases := []struct {
		name    string
		number  string
		target  func(*sipphone.Call)
		result  calls.TransferResult
		outcome calls.Outcome
	}{
		{"answered", "103", answer(ctx), calls.Completed, ""},
		{"busy", "103", reject(486), calls.NotAnswered, calls.LegBusy},
		{"refused", "103", reject(603), calls.NotAnswered, calls.LegDeclined},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			customer, agent := o.talk(ctx, "101", "102")
			done := o.transfer(ctx, o.leg(ctx, "102"), c.number)
			c.target(o.phone("103").rings(ctx, t))
			got := <-done
			if got.Result != c.result || got.Outcome != c.outcome || got.Number != c.number || legNumber(got.Call, got.To) != "103" ||
				legNumber(got.Call, got.Transferee) != "101" {
				t.Errorf("%s, %s: %+v", got.Result, got.Outcome, got.Transfer)
			}
			<-agent.Done()
			if c.result == calls.Completed {
				o.hear(ctx, hearing{customer, "103"})
			}
			must(t, customer.Hangup(ctx))
			o.nothingLeft(ctx, t)
		})
	}
	t.Run("to nobody", func(t *testing.T) {
		customer, agent := o.talk(ctx, "101", "102")
		var none *control.NoExtensionError
		leg := o.leg(ctx, "102")
		if _, err := o.agent("102").Transfer(ctx, leg, "333"); !errors.As(err, &none) || none.Context != "from-internal" {
			t.Errorf("transfer: %v", err)
		}
		if _, err := o.agent("102").Consult(ctx, leg, "333"); !errors.As(err, &none) {
			t.Errorf("consult: %v", err)
		}
		if _, err := o.agent("102").Invite(ctx, leg, "333"); !errors.As(err, &none) {
			t.Errorf("invite: %v", err)
		}
		if _, err := o.agent("102").ToVoicemail(ctx, leg, "333"); !errors.As(err, &none) {
			t.Errorf("voicemail: %v", err)
		}
		must(t, agent.Hangup(ctx)) // the call has gone on
		<-customer.Done()
	})
	t.Run("to voicemail", func(t *testing.T) {
		customer, agent := o.talk(ctx, "101", "102")
		transferring, stop := context.WithTimeout(ctx, time.Second)
		defer stop()
		_, err := o.agent("102").ToVoicemail(transferring, o.leg(ctx, "102"), "101") // there is none here: an application takes it
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		<-agent.Done()
		must(t, customer.Hangup(ctx))
	})
}

// transfer transfers in the background.
func (o *office) transfer(ctx context.Context, leg, number string) <-chan control.Transferred {
	done := make(chan control.Transferred, 1)
	go func() {
		got, err := o.agent("102").Transfer(ctx, leg, number)
		if err != nil {
			o.t.Error(err)
		}
		done <- got
	}()
	return done
}

func legNumber(call calls.Call, channel string) string {
	for _, leg := range call.Legs {
		if leg.Channel == channel {
			return leg.Number
		}
	}
	return ""
}

// TestConsult asks before it hands over: completed, taken back, refused by the target.
func TestConsult(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	ctx := within(t)
	target := o.phone("103")
	begin := func(t *testing.T) (customer, agent *sipphone.Call, asked *control.Consultation) {
		customer, agent = o.talk(ctx, "101", "102")
		asked, err := o.agent("102").Consult(ctx, o.leg(ctx, "102"), "103")
		must(t, err)
		return customer, agent, asked
	}
	t.Run("completed", func(t *testing.T) {
		customer, agent, asked := begin(t)
		taken := target.answers(ctx, t)
		channel, ok, err := asked.Answered(ctx)
		if err != nil || !ok || channel == "" {
			t.Fatal(channel, ok, err)
		}
		o.hear(ctx, hearing{agent, "103"}, hearing{taken, "102"})
		got, err := asked.Complete(ctx)
		must(t, err)
		if got.Type != calls.Attended || got.Result != calls.Completed {
			t.Errorf("%+v", got.Transfer)
		}
		o.hear(ctx, hearing{customer, "103"}, hearing{taken, "101"})
		must(t, customer.Hangup(ctx))
		o.nothingLeft(ctx, t)
	})
	t.Run("taken back", func(t *testing.T) {
		customer, agent, asked := begin(t)
		taken := target.answers(ctx, t)
		_, _, err := asked.Answered(ctx)
		must(t, err)
		got, err := asked.Cancel(ctx)
		must(t, err)
		if got.Result != calls.Returned {
			t.Errorf("%+v", got.Transfer)
		}
		<-taken.Done()
		o.hear(ctx, hearing{customer, "102"}, hearing{agent, "101"})
		must(t, customer.Hangup(ctx))
		o.nothingLeft(ctx, t)
	})
	t.Run("busy", func(t *testing.T) {
		customer, agent, asked := begin(t)
		must(t, target.rings(ctx, t).Reject(ctx, 486))
		got, err := asked.Wait(ctx)
		must(t, err)
		if got.Result != calls.Returned {
			t.Errorf("%+v", got.Transfer)
		}
		o.hear(ctx, hearing{customer, "102"}, hearing{agent, "101"})
		must(t, customer.Hangup(ctx))
		o.nothingLeft(ctx, t)
	})
}

// TestPark parks a customer and retrieves him at another telephone.
func TestPark(t *testing.T) {
	o := openOffice(t)
	ctx := within(t)
	customer, agent := o.talk(ctx, "101", "102")
	o.phone("103")
	parked, err := o.agent("102").Park(ctx, o.leg(ctx, "101"), "PJSIP/102")
	must(t, err)
	if parked.Slot != "701" {
		t.Errorf("%+v", parked)
	}
	<-agent.Done()
	retrieved := make(chan error, 1)
	go func() { retrieved <- o.agent("103").Retrieve(ctx, parked.Slot, "") }()
	other := o.phone("103").answers(ctx, t)
	must(t, <-retrieved)
	o.hear(ctx, hearing{customer, "103"}, hearing{other, "101"})
	must(t, customer.Hangup(ctx))
	<-other.Done()
	if err := o.agent("103").Retrieve(ctx, parked.Slot, ""); !errors.Is(err, control.ErrGone) {
		t.Errorf("retrieved again: %v", err)
	}
}

// TestPickup takes the call of a queue that rings at another telephone.
func TestPickup(t *testing.T) {
	o := openOffice(t)
	ctx := within(t)
	member, picker := o.phone("103"), o.phone("104")
	customer, err := o.phone("101").Dial(ctx, "7000")
	must(t, err)
	ringing := member.rings(ctx, t)
	leg := o.leg(ctx, "103")
	done := make(chan error, 1)
	go func() { done <- o.agent("104").Pickup(ctx, leg, "") }()
	taken := picker.answers(ctx, t)
	must(t, <-done)
	<-ringing.Done()
	o.hear(ctx, hearing{customer, "104"}, hearing{taken, "101"})
	must(t, customer.Hangup(ctx))
}

// TestInvite takes a third party into a call.
func TestInvite(t *testing.T) {
	o := openOffice(t)
	ctx := within(t)
	third := o.phone("103")
	customer, agent := o.talk(ctx, "101", "102")
	leg := o.leg(ctx, "102")
	done := make(chan error, 1)
	go func() {
		_, err := o.agent("102").Invite(ctx, leg, "103")
		done <- err
	}()
	joined := third.answers(ctx, t)
	must(t, <-done)
	o.hear(ctx, hearing{joined, "101"}, hearing{joined, "102"}, hearing{customer, "103"}, hearing{agent, "103"})
	must(t, customer.Hangup(ctx))
}

// TestParty does to one party what can be done: digits, mute, a sound that only that one hears, hangup.
func TestParty(t *testing.T) {
	o := openOffice(t)
	ctx := within(t)
	customer, agent := o.talk(ctx, "101", "102")
	desk, leg := o.agent("102"), o.leg(ctx, "102")
	must(t, desk.SendDigits(ctx, o.leg(ctx, "101"), "12#"))
	must(t, desk.Mute(ctx, leg, control.In, true))
	must(t, customer.WaitSilent(ctx, o.phone("102").tone))
	must(t, desk.Mute(ctx, leg, control.In, false))
	must(t, customer.WaitHears(ctx, o.phone("102").tone))
	must(t, desk.PlayTo(ctx, leg, "beep"))
	if err := desk.Hold(ctx, leg); !errors.Is(err, control.ErrNoPhones) {
		t.Errorf("hold: %v", err)
	}
	must(t, desk.Hangup(ctx, leg, 16))
	<-agent.Done()
	<-customer.Done()
	if customer.Digits() != "12#" {
		t.Errorf("digits %q", customer.Digits())
	}
	for what, err := range map[string]error{
		"hangup": desk.Hangup(ctx, leg, 0), "digits": desk.SendDigits(ctx, leg, "1"), "mute": desk.Mute(ctx, leg, control.In, true),
	} {
		if !errors.Is(err, control.ErrGone) {
			t.Errorf("%s of a leg that has gone: %v", what, err)
		}
	}
}

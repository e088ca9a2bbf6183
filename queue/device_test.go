package queue_test

import (
	"testing"

	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
)

// busyIs fits the change of an agent into a state.
func busyIs(agent string, state acd.AgentState) func(acd.Transition) bool {
	return func(t acd.Transition) bool { return t.Kind == acd.AgentChanged && t.Agent == agent && t.State == state }
}

// An agent who has called somebody is not offered a caller, also not right after a call of the queue; who has hung up is.
func TestDirectCall(t *testing.T) {
	t.Parallel()
	o := newOffice(t, queue.Queue{Queue: acd.Queue{Name: "support", Strategy: acd.Linear}})
	phone := o.phone("anna", annaTone, answering(o.hall, o.anna))
	o.phone("boris", borisTone, answering(o.hall, o.boris))
	must(t, o.server.Ready(within(t)))

	call := o.dial(o.caller, "qsupport")
	anna := o.next(o.anna)
	o.talking(call, anna, annaTone)
	own := o.dial(phone, "person") // while she talks to the caller
	o.hangUp(call, anna)
	o.wait("anna is busy", busyIs("anna", acd.Busy))

	call = o.dial(o.caller, "qsupport")
	boris := o.next(o.boris)
	o.talking(call, boris, borisTone)
	o.mark()
	must(t, own.Hangup(within(t)))
	o.wait("anna is free again", busyIs("anna", acd.Idle))
	o.hangUp(call, boris)

	call = o.dial(o.caller, "qsupport")
	anna = o.next(o.anna)
	o.talking(call, anna, annaTone)
	o.hangUp(call, anna)
	if missed, ok := o.find(func(t acd.Transition) bool { return t.Kind == acd.OfferEnded }); ok {
		t.Errorf("somebody was rung in vain: %+v", missed)
	}
}

// Only plain endpoints are devices.
func TestDevice(t *testing.T) {
	for _, a := range []struct{ endpoint, device, want string }{
		{"PJSIP/anna", "", "PJSIP/anna"},
		{"PJSIP/anna", queue.NoDevice, ""},
		{"Local/101@agents/n", "", ""},
		{"Local/101@agents/n", "PJSIP/101", "PJSIP/101"},
		{"PJSIP/anna/sip:1@2", "", ""},
		{"PJSIP/101@trunk", "", ""},
	} {
		if got := queue.DeviceOf(queue.Agent{Endpoint: a.endpoint, Device: a.device}); got != a.want {
			t.Errorf("%s, %q: %q, want %q", a.endpoint, a.device, got, a.want)
		}
	}
}

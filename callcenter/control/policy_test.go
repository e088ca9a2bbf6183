package control

import (
	"testing"

	"github.com/asterism-go/asterism/callcenter/calls"
)

// TestPolicy: who may do what, by the default rules.
func TestPolicy(t *testing.T) {
	own := calls.Call{ID: "1", Legs: []calls.Leg{{Endpoint: "PJSIP/101"}}, Queues: []calls.QueueVisit{{Queue: "help"}}}
	another := calls.Call{ID: "2", Legs: []calls.Leg{{Endpoint: "PJSIP/102"}}, Queues: []calls.QueueVisit{{Queue: "sales"}}}
	agent := Actor{ID: "a", Role: Agent, Endpoint: "PJSIP/101"}
	supervisor := Actor{ID: "s", Role: Supervisor, Endpoint: "PJSIP/109", Queues: []string{"help"}}
	admin := Actor{ID: "r", Role: Admin, Endpoint: "PJSIP/100"}
	for _, c := range []struct {
		cmd  Command
		want bool
	}{
		{Command{Actor: agent, Verb: VerbHangup, Call: own}, true},
		{Command{Actor: agent, Verb: VerbHangup, Call: another}, false},
		{Command{Actor: agent, Verb: VerbDial, Endpoint: "PJSIP/101"}, true},
		{Command{Actor: agent, Verb: VerbDial, Endpoint: "PJSIP/102"}, false},
		{Command{Actor: agent, Verb: VerbPickup, Call: another}, true},
		{Command{Actor: agent, Verb: VerbSpy, Call: own, Endpoint: "PJSIP/101"}, false},
		{Command{Actor: agent}, false},
		{Command{Actor: Actor{Role: Agent}, Verb: VerbHangup, Call: own}, false},
		{Command{Actor: supervisor, Verb: VerbSpy, Call: own, Endpoint: "PJSIP/109"}, true},
		{Command{Actor: supervisor, Verb: VerbSpy, Call: own, Endpoint: "PJSIP/102"}, false},
		{Command{Actor: supervisor, Verb: VerbSpy, Call: another, Endpoint: "PJSIP/109"}, false},
		{Command{Actor: supervisor, Verb: VerbHangup, Call: own}, true},
		{Command{Actor: admin, Verb: VerbSpy, Call: another, Endpoint: "PJSIP/102"}, true},
		{Command{Actor: Actor{Role: "guest", Endpoint: "PJSIP/101"}, Verb: VerbHangup, Call: own}, false},
	} {
		if err := DefaultPolicy().check(c.cmd); (err == nil) != c.want {
			t.Errorf("%s, %s of call %q at %q: %v", c.cmd.Actor.Role, c.cmd.Verb, c.cmd.Call.ID, c.cmd.Endpoint, err)
		}
	}
	limited := Policy{Rules: []Rule{{Role: Supervisor, Verbs: []Verb{VerbSpy}, Scope: Anything, Modes: []calls.SpyMode{calls.Listen}, Targets: []string{"PJSIP/101"}}}}
	for mode, want := range map[calls.SpyMode]bool{calls.Listen: true, calls.Barge: false} {
		cmd := Command{Actor: supervisor, Verb: VerbSpy, Mode: mode, Leg: calls.Leg{Endpoint: "PJSIP/101"}}
		if (limited.check(cmd) == nil) != want {
			t.Errorf("%s", mode)
		}
	}
	if limited.check(Command{Actor: supervisor, Verb: VerbSpy, Mode: calls.Listen, Leg: calls.Leg{Endpoint: "PJSIP/102"}}) == nil {
		t.Error("another target is let")
	}
}

package agents_test

import (
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/agents"
)

const anna = "PJSIP/101"

// An agent's day on a real Asterisk: every state, each from what really happens.
func TestEveryStateOnARealAsterisk(t *testing.T) {
	h := openHall(t, agents.Config{Calls: true, WrapUp: map[string]time.Duration{"support": wrapUp}})
	h.waitState(anna, agents.Offline)
	_, err := h.desk.Login(h.ctx, agents.Command{Queue: "support", Interface: anna, Name: "Anna"})
	h.ok(err)
	if a := h.waitState(anna, agents.Ready); a.Name != "Anna" || a.Phone.Number != "101" {
		t.Errorf("%+v", a)
	}
	h.queueCall()
	h.pauses()
	h.hindrances()
	h.noAnswer()
	h.ownCall()
	h.eventually("at the end", h.compareWithStatus)
	_, err = h.desk.Logout(h.ctx, anna, "")
	h.ok(err)
	a := h.waitState(anna, agents.Offline)
	for _, state := range agents.States() {
		if got := a.Stats.Of(state); got <= 0 && state != agents.Unknown {
			t.Errorf("no time was spent %v", state)
		}
	}
	if a.Stats.Calls != 1 || a.Stats.NoAnswer != 1 || a.Stats.Refused != 1 {
		t.Errorf("calls answered, not answered, refused: %d, %d, %d", a.Stats.Calls, a.Stats.NoAnswer, a.Stats.Refused)
	}
	for _, reason := range []string{"lunch", agents.BusyReason} {
		if a.Stats.Pause[reason] <= 0 {
			t.Errorf("no time was spent in the pause for %q: %v", reason, a.Stats.Pause)
		}
	}
}

// queueCall: a call of a queue rings, is answered, put on hold and ended.
func (h *hall) queueCall() {
	h.Helper()
	phone := h.phones["101"]
	out := h.dial(h.caller, "6support")
	c := h.rung(phone)
	h.ok(c.Ring(h.ctx))
	h.waitState(anna, agents.Ringing)
	h.ok(c.Answer(h.ctx))
	if a := h.waitState(anna, agents.Talking); a.Call == "" {
		h.Errorf("talks in no call: %+v", a)
	}
	h.eventually("in a call", h.compareWithStatus)
	h.ok(c.Hold(h.ctx))
	h.waitState(anna, agents.Held)
	h.ok(c.Resume(h.ctx))
	h.waitState(anna, agents.Talking)
	h.ok(c.Hangup(h.ctx))
	<-out.Done()
	h.waitState(anna, agents.WrapUp)
	h.waitState(anna, agents.Ready)
}

func (h *hall) pauses() {
	h.Helper()
	_, err := h.desk.Pause(h.ctx, anna, "", "lunch")
	h.ok(err)
	if a := h.waitState(anna, agents.Paused); a.Reason != "lunch" {
		h.Errorf("paused for %q", a.Reason)
	}
	_, err = h.desk.Unpause(h.ctx, anna, "")
	h.ok(err)
	h.waitState(anna, agents.Ready)
	_, err = h.desk.Busy(h.ctx, anna, "101", true)
	h.ok(err)
	if a := h.waitState(anna, agents.Paused); a.Reason != agents.BusyReason {
		h.Errorf("paused for %q", a.Reason)
	}
	h.eventually("busy", func() string {
		if !h.picture()[anna].Phone.DND {
			return "the device is not"
		}
		return ""
	})
	_, err = h.desk.Busy(h.ctx, anna, "101", false)
	h.ok(err)
	h.waitState(anna, agents.Ready)
}

// hindrances: do not disturb by the PBX and by the phone itself, and a phone that is switched off.
func (h *hall) hindrances() {
	h.Helper()
	h.setDND("101", "BUSY")
	h.waitState(anna, agents.DND)
	h.setDND("101", "NOT_INUSE")
	h.waitState(anna, agents.Ready)

	phone := h.phones["101"]
	out := h.dial(h.caller, "101")
	h.ok(h.rung(phone).Reject(h.ctx, 486))
	<-out.Done()
	if a := h.waitState(anna, agents.DND); !a.Phone.Refuses {
		h.Errorf("%+v", a.Phone)
	}
	out = h.dial(h.caller, "101")
	h.ok(h.rung(phone).Ring(h.ctx))
	h.waitState(anna, agents.Ringing)
	h.ok(out.Hangup(h.ctx))
	h.waitState(anna, agents.Ready)

	h.ok(phone.Close())
	h.waitState(anna, agents.Unreachable)
	h.eventually("unreachable", h.compareWithStatus)
	h.phones["101"] = h.register("101")
	h.waitState(anna, agents.Ready)
}

// setDND sets the device that a feature code sets.
func (h *hall) setDND(number, state string) {
	h.Helper()
	set := ami.Action{Name: "Setvar"}.With("Variable", "DEVICE_STATE(Custom:DND"+number+")").With("Value", state)
	_, err := h.admin.Do(h.ctx, set)
	h.ok(err)
}

// noAnswer: a queue rings the phone for a second and gives up.
func (h *hall) noAnswer() {
	h.Helper()
	_, err := h.desk.Login(h.ctx, agents.Command{Queue: "night", Interface: anna})
	h.ok(err)
	out := h.dial(h.caller, "6night")
	h.ok(h.rung(h.phones["101"]).Ring(h.ctx))
	h.waitState(anna, agents.Ringing)
	h.eventually("no answer", func() string {
		if h.picture()[anna].Stats.NoAnswer == 0 {
			return "not told"
		}
		return ""
	})
	h.ok(out.Hangup(h.ctx))
	h.waitState(anna, agents.Ready)
}

// ownCall: the agent calls a colleague, who answers.
func (h *hall) ownCall() {
	h.Helper()
	out := h.dial(h.phones["101"], "102")
	in := h.rung(h.phones["102"])
	h.ok(in.Ring(h.ctx))
	h.waitState(anna, agents.Busy)
	h.waitState("PJSIP/102", agents.Ringing)
	h.ok(in.Answer(h.ctx))
	h.waitState(anna, agents.Talking)
	h.waitState("PJSIP/102", agents.Talking)
	h.ok(out.Hangup(h.ctx))
	h.waitState(anna, agents.Ready)
	h.waitState("PJSIP/102", agents.Offline)
}

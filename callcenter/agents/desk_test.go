package agents_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
	"github.com/asterism-go/asterism/callcenter/agents"
)

// What each operation brings about on a real Asterisk, what it says the second time, and what it refuses.
func TestDeskOnARealAsterisk(t *testing.T) {
	h := openHall(t, agents.Config{})
	login := agents.Command{Queue: "support", Interface: anna, Name: "Anna", Penalty: 2, Paused: true, Reason: "new, part 1"}
	for _, changed := range []bool{true, false} {
		done, err := h.desk.Login(h.ctx, login)
		h.ok(err)
		m := done.Member
		if done.Changed != changed || m.Queue != "support" || m.Name != "Anna" || m.Penalty != 2 || !m.Paused || m.PausedReason != login.Reason {
			t.Errorf("logged in: %+v", done)
		}
	}
	_, err := h.desk.Login(h.ctx, agents.Command{Queue: "Sales", Interface: anna}) // Asterisk does not mind the case
	h.ok(err)
	operations := []struct {
		name string
		do   func() ([]agents.Done, error)
		is   func(agents.Member) bool
	}{
		{"unpause", func() ([]agents.Done, error) { return h.desk.Unpause(h.ctx, anna, "support") }, func(m agents.Member) bool { return !m.Paused }},
		{"pause", func() ([]agents.Done, error) { return h.desk.Pause(h.ctx, anna, "", "lunch") }, func(m agents.Member) bool { return m.PausedReason == "lunch" }},
		{"pause for something else", func() ([]agents.Done, error) { return h.desk.Pause(h.ctx, anna, "", "tea") }, func(m agents.Member) bool { return m.PausedReason == "tea" }},
		{"unpause everywhere", func() ([]agents.Done, error) { return h.desk.Unpause(h.ctx, anna, "") }, func(m agents.Member) bool { return !m.Paused }},
		{"penalty", func() ([]agents.Done, error) { return h.desk.SetPenalty(h.ctx, anna, "", 7) }, func(m agents.Member) bool { return m.Penalty == 7 }},
		{"busy", func() ([]agents.Done, error) { return h.desk.Busy(h.ctx, anna, "101", true) }, func(m agents.Member) bool { return m.PausedReason == agents.BusyReason }},
		{"busy no more", func() ([]agents.Done, error) { return h.desk.Busy(h.ctx, anna, "101", false) }, func(m agents.Member) bool { return !m.Paused }},
	}
	for _, op := range operations {
		for _, changed := range []bool{true, false} {
			done, err := op.do()
			if err != nil || len(done) == 0 {
				t.Fatalf("%s: %v %v", op.name, done, err)
			}
			for _, d := range done {
				if d.Changed != changed || !op.is(d.Member) {
					t.Errorf("%s: changed %v, want %v: %+v", op.name, d.Changed, changed, d.Member)
				}
			}
		}
	}
	done, err := h.desk.Logout(h.ctx, anna, "")
	if err != nil || len(done) != 2 || !done[0].Changed {
		t.Errorf("logout: %v %v", done, err)
	}
	if done, err = h.desk.Logout(h.ctx, anna, "support"); err != nil || len(done) != 0 {
		t.Errorf("logout again: %v %v", done, err)
	}
	h.eventually("at the end", h.compareWithStatus)
	h.refusals()
}

// refusals are errors that are known by what they are.
func (h *hall) refusals() {
	h.Helper()
	nowhere := agents.Command{Queue: "nowhere", Interface: anna}
	_, login := h.desk.Login(h.ctx, nowhere)
	_, logout := h.desk.Logout(h.ctx, anna, "nowhere")
	_, pause := h.desk.Pause(h.ctx, anna, "", "")
	_, unpause := h.desk.Unpause(h.ctx, anna, "support")
	_, penalty := h.desk.SetPenalty(h.ctx, anna, "nowhere", 1)
	_, static := h.desk.Logout(h.ctx, "PJSIP/104", "sales")
	_, busy := h.desk.Busy(h.ctx, anna, "", true)
	for name, c := range map[string]struct{ err, want error }{
		"login": {login, agents.ErrNoSuchQueue}, "logout": {logout, agents.ErrNoSuchQueue}, "pause": {pause, agents.ErrNotMember},
		"unpause": {unpause, agents.ErrNotMember}, "penalty": {penalty, agents.ErrNoSuchQueue}, "static": {static, agents.ErrNotDynamic},
		"busy": {busy, nil},
	} {
		if !errors.Is(c.err, c.want) {
			h.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
		var command *agents.CommandError
		if c.err != nil && (!errors.As(c.err, &command) || command.Interface == "") {
			h.Errorf("%s: %v does not say what has failed", name, c.err)
		}
	}
}

// Busy from the screen makes the phone busy in the queues: one that looks at the hint sees the device, all see the pause, and
// a caller does not ring it.
func TestBusyInTheQueues(t *testing.T) {
	h := openHall(t, agents.Config{})
	_, err := h.desk.Login(h.ctx, agents.Command{Queue: "support", Interface: anna, StateInterface: "hint:101@default"})
	h.ok(err)
	_, err = h.desk.Busy(h.ctx, anna, "101", true)
	h.ok(err)
	h.eventually("the queue sees it", func() string {
		if m := h.queueStatus()["support "+anna]; m.status != int(agents.DeviceBusy) || !m.paused {
			return strings.TrimSpace(m.reason + " is not busy")
		}
		return ""
	})
	h.eventually("the model too", h.compareWithStatus)
	_, err = h.desk.Pause(h.ctx, anna, "", "lunch") // meanwhile
	h.ok(err)
	done, err := h.desk.Busy(h.ctx, anna, "101", false)
	if err != nil || len(done) != 1 || done[0].Changed || done[0].Member.PausedReason != "lunch" {
		t.Errorf("the end of busy has ended another pause: %+v %v", done, err)
	}
	h.eventually("the queue sees that", func() string {
		if h.queueStatus()["support "+anna].status != int(agents.NotInUse) {
			return "it is still busy"
		}
		return ""
	})
}

// nasty is what must not get anywhere.
var nasty = []string{
	"x\r\nAction: Originate", "x\ny", "x\x00y", "x\ty", "x|y", "x;y", "${SHELL(id)}", "$[1+1]", " x", strings.Repeat("x", 80),
}

// Nothing that is put into a field reaches Asterisk as anything else: a Desk whose client is connected to nothing refuses
// before it sends.
func TestInjection(t *testing.T) {
	desk := &agents.Desk{Client: &ami.Client{}}
	ctx := t.Context()
	good := agents.Command{Queue: "support", Interface: anna}
	operations := map[string]func(text string) error{
		"login, queue": func(text string) error { c := good; c.Queue = text; _, err := desk.Login(ctx, c); return err },
		"login, interface": func(text string) error {
			c := good
			c.Interface = "PJSIP/" + text
			_, err := desk.Login(ctx, c)
			return err
		},
		"login, state": func(text string) error {
			c := good
			c.StateInterface = "PJSIP/" + text
			_, err := desk.Login(ctx, c)
			return err
		},
		"login, name": func(text string) error { c := good; c.Name = text; _, err := desk.Login(ctx, c); return err },
		"login, reason": func(text string) error {
			c := good
			c.Paused, c.Reason = true, text
			_, err := desk.Login(ctx, c)
			return err
		},
		"logout, interface":  func(text string) error { _, err := desk.Logout(ctx, "PJSIP/"+text, ""); return err },
		"logout, queue":      func(text string) error { _, err := desk.Logout(ctx, anna, text); return err },
		"pause, interface":   func(text string) error { _, err := desk.Pause(ctx, "PJSIP/"+text, "", ""); return err },
		"pause, queue":       func(text string) error { _, err := desk.Pause(ctx, anna, text, ""); return err },
		"pause, reason":      func(text string) error { _, err := desk.Pause(ctx, anna, "", text); return err },
		"unpause, interface": func(text string) error { _, err := desk.Unpause(ctx, "PJSIP/"+text, ""); return err },
		"unpause, queue":     func(text string) error { _, err := desk.Unpause(ctx, anna, text); return err },
		"penalty, interface": func(text string) error { _, err := desk.SetPenalty(ctx, "PJSIP/"+text, "", 1); return err },
		"penalty, queue":     func(text string) error { _, err := desk.SetPenalty(ctx, anna, text, 1); return err },
		"busy, interface":    func(text string) error { _, err := desk.Busy(ctx, "PJSIP/"+text, "101", true); return err },
		"busy, number":       func(text string) error { _, err := desk.Busy(ctx, anna, text, true); return err },
	}
	lists := []string{"PJSIP/101,PJSIP/102", "a&b"}
	for name, do := range operations {
		texts := nasty
		if !strings.HasSuffix(name, "reason") && !strings.HasSuffix(name, "name") {
			texts = append(texts[:len(texts):len(texts)], lists...)
		}
		if name == "login, name" {
			texts = append(texts[:len(texts):len(texts)], "Anna,__ROLE=admin")
		}
		if name == "busy, number" {
			texts = append(texts[:len(texts):len(texts)], "101)", "101,x", "1 2")
		}
		for _, text := range texts {
			var invalid *agents.InvalidError
			if err := do(text); !errors.As(err, &invalid) {
				t.Errorf("%s: %q was not refused: %v", name, text, err)
			} else if strings.Contains(err.Error(), "SHELL") && strings.HasSuffix(name, "reason") {
				t.Errorf("%s: %v holds the value", name, err)
			}
		}
		if err := do("101"); errors.Is(err, agents.ErrNotTold) || err == nil {
			t.Errorf("%s: a good one: %v", name, err)
		} else if invalid := new(agents.InvalidError); errors.As(err, &invalid) {
			t.Errorf("%s: a good one was refused: %v", name, err)
		}
	}
	for _, c := range []agents.Command{{}, {Verb: 99, Interface: anna}, {Verb: agents.LogIn, Interface: anna}, {Verb: agents.Pause, Interface: "101"}, {Verb: agents.SetPenalty, Interface: anna, Penalty: -1}} {
		if err := c.Validate(); err == nil {
			t.Errorf("%+v is valid", c)
		}
	}
}

// script is a Manager that takes a command and then does what the steps say.
func script(t *testing.T, steps ...amitest.Step) *agents.Desk {
	t.Helper()
	steps = append([]amitest.Step{amitest.Login("user", "secret")}, steps...)
	client := &ami.Client{Addr: amitest.Start(t, steps).Addr, Username: "user", Secret: "secret", EventMask: "call,agent", ReconnectWait: -1}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := client.Connect(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return &agents.Desk{Client: client, Timeout: 20 * time.Millisecond}
}

// Success without an event is no success, and neither is the event of another.
func TestNotTold(t *testing.T) {
	desk := script(t, amitest.Expect("QueueAdd"), amitest.Reply("Response: Success", "Message: Added interface to queue"),
		amitest.Send("Event: QueueMemberAdded", "Queue: support", "Interface: PJSIP/102"), amitest.ExpectClose())
	_, err := desk.Login(t.Context(), agents.Command{Queue: "support", Interface: anna})
	if !errors.Is(err, agents.ErrNotTold) {
		t.Error(err)
	}
}

// A connection that ends while the event is waited for is an error at once.
func TestLostWhileWaiting(t *testing.T) {
	desk := script(t, amitest.Expect("QueueAdd"), amitest.Reply("Response: Success", "Message: Added interface to queue"))
	desk.Timeout = time.Hour
	_, err := desk.Login(t.Context(), agents.Command{Queue: "support", Interface: anna})
	if !errors.Is(err, ami.ErrConnectionLost) {
		t.Error(err)
	}
}

// own is a queue of one's own with one member.
type own struct{ carried []agents.Command }

func (o *own) Carry(_ context.Context, c agents.Command) ([]agents.Done, error) {
	if c.Queue != "" && c.Queue != "own" {
		return nil, agents.ErrNoSuchQueue
	}
	o.carried = append(o.carried, c)
	return []agents.Done{{Member: agents.Member{Queue: "own", Interface: c.Interface}, Changed: true}}, nil
}

// An own queue is asked first; what it does not know app_queue is asked.
func TestOwnQueues(t *testing.T) {
	empty := []string{"Response: Success", "EventList: start", "Message: Queue status will follow"}
	end := []string{"Event: QueueStatusComplete", "EventList: Complete", "ListItems: 0"}
	desk := script(t,
		amitest.Expect("QueueStatus"), amitest.Reply(empty...), amitest.Reply(end...),
		amitest.Expect("QueueStatus"), amitest.Reply(empty...), amitest.Reply(end...), amitest.ExpectClose())
	queues := &own{}
	desk.Own = queues
	for _, queue := range []string{"own", ""} {
		if done, err := desk.Pause(t.Context(), anna, queue, ""); err != nil || len(done) != 1 {
			t.Errorf("%q: %v %v", queue, done, err)
		}
	}
	if _, err := desk.Pause(t.Context(), anna, "elsewhere", ""); !errors.Is(err, agents.ErrNoSuchQueue) {
		t.Error(err)
	}
	if len(queues.carried) != 2 {
		t.Errorf("carried %v", queues.carried)
	}
}

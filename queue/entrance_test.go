package queue_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/internal/sipphone"
	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
)

// Before they join, callers choose their language by a key, and what to do about a long wait: leave, or be called back. The agent
// hears whose call it is before the caller is connected.
func TestEntrance(t *testing.T) {
	t.Parallel()
	l := newLine(t, func(q *queue.Queue, s sounds) {
		q.WrapUp, q.CustomerFirst = 10*time.Minute, true
		q.AgentHears = []string{"sound:" + s.said("agenthears")[0]}
		q.AnnounceEvery = time.Second
		q.Languages = []queue.LanguageKey{
			{Key: "1", Language: "en", Prompt: s.said("langen")}, {Key: "2", Language: "el", Prompt: s.said("langel")},
		}
		q.Offer = &queue.Offer{Over: time.Minute, Prompt: s.said("choose"), Stay: "1", Callback: "2", Leave: "4", LeaveTo: "goodbye"}
		q.Sounds.HoldTime, q.Sounds.Minutes = s.said("choose"), s.said("choose")
		q.Callback = &queue.Callback{Endpoint: "PJSIP/{number}", Allow: []string{"26"}, Grace: time.Second}
	})
	// nobody has talked yet, so no wait is known
	call := l.dial(l.customer, "qsupport")
	l.hear(call, "langen")
	l.hear(call, "el/langel")
	l.press(call, "2")
	must(t, call.WaitHears(within(t), musicTone))
	l.hear(call, "el/next") // the position, in Greek
	must(t, l.server.Unpause(within(t), "anna"))
	anna := l.take(l.anna)
	l.hear(anna, "agenthears")
	l.talks(call, anna)
	l.waitKind(acd.Finished, "anna") // and she wraps up for ten minutes

	call = l.dial(l.other, "qsupport")
	l.hear(call, "langen")
	l.press(call, "2") // in the midst of it
	l.hear(call, "el/choose")
	l.press(call, "4")
	l.leftAs("exitkey goodbye")

	call = l.dial(l.customer, "qsupport")
	l.hear(call, "langen")
	l.press(call, "1")
	l.hear(call, "choose")
	l.press(call, "2")
	l.hear(call, "mynumber")
	l.press(call, "1")
	l.hear(call, "taken")
	l.ended(call)
	asked := l.wait("the wish", func(t acd.Transition) bool { return t.Kind == acd.CallbackAsked })
	must(t, l.server.Do(within(t), func(s *acd.State) error { return s.EndWrapUp("anna") }))
	back := l.take(l.rung)
	must(t, back.Answer(within(t)))
	l.talks(back, l.take(l.anna))
	l.caller(acd.Finished, asked.Caller)
}

// Sounds that are not there cost what they would have asked, and not the call: the caller joins, and leaves a message.
func TestMissingSounds(t *testing.T) {
	t.Parallel()
	taken := make(chan queue.Message, 1)
	l := newLine(t, func(q *queue.Queue, s sounds) {
		q.Languages = []queue.LanguageKey{{Key: "1", Language: "en", Prompt: s.said("nothing")}}
		q.Voicemail = &queue.Voicemail{Key: "9", Taken: func(_ context.Context, m queue.Message) error {
			taken <- m
			return nil
		}}
		q.Sounds.Message, q.Sounds.MessageKept = s.said("nothing"), s.said("nothing")
	})
	must(t, os.MkdirAll(filepath.Join(l.pbx.Dir, "spool", "recording"), 0o700))
	call := l.dial(l.customer, "qsupport")
	must(t, call.WaitHears(within(t), musicTone))
	l.press(call, "9")
	l.message(call, func() {
		l.press(call, "#")
		l.ended(call)
	}, taken, acd.ExitKey)
}

// leftAs waits until the dialplan says how a caller has left.
func (h *hall) leftAs(want string) {
	h.Helper()
	h.until("left as "+want, func() bool {
		got, err := h.client.Asterisk().GetGlobalVar(within(h), "LEFT")
		return err == nil && got == want
	})
}

// lockedBuffer is a log that several may write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Agents log in and out and pause by telephone. Wrong PINs are told, and lock; no PIN is in a log.
func TestPhone(t *testing.T) {
	t.Parallel()
	h := newHall(t, "anna", "boris")
	s := newSounds(t)
	written := &lockedBuffer{}
	h.log = written
	anna := agent("anna", nil, "support")
	anna.LoggedIn, anna.Number, anna.PIN = false, "41", "7391"
	h.open(&queue.Server{
		Queues: []queue.Queue{{Queue: acd.Queue{Name: "support"}}}, Agents: []queue.Agent{anna},
		Phone: &queue.Phone{
			Reasons: map[string]string{"1": "lunch"}, Lockout: 3, Sounds: queue.PhoneSounds{
				Number: s.said("number"), PIN: s.said("pin"), Wrong: s.said("wrong"), Reason: s.said("number"),
				LoggedIn: s.said("done"), LoggedOut: s.said("done"), Paused: s.said("done"), Active: s.said("done"),
			},
		},
	})
	phone := h.phone("anna", annaTone, nil)
	h.code(phone, "*41", "done")
	if in := h.waitKind(acd.AgentAdded, "anna"); in.Queue != "support" {
		t.Errorf("%+v", in)
	}
	h.agentIs("anna", func(r acd.AgentRecord) bool { return r.LoggedIn })
	call := h.keyIn(phone, "*43", "7391#")
	must(t, call.WaitSilent(within(t), saidTones["pin"]))
	h.hear(call, "number") // why?
	h.press(call, "1")
	h.hear(call, "done")
	h.agentIs("anna", func(r acd.AgentRecord) bool { return r.Paused && r.Reason == "lunch" })
	h.code(phone, "*44", "done")
	h.agentIs("anna", func(r acd.AgentRecord) bool { return !r.Paused })
	h.code(phone, "*42", "done")
	h.agentIs("anna", func(r acd.AgentRecord) bool { return !r.LoggedIn })

	other := h.phone("boris", borisTone, nil)
	call = h.keyIn(other, "*41", "5555#")
	for range 2 {
		h.hear(call, "wrong")
		must(t, call.WaitSilent(within(t), saidTones["wrong"]))
		h.press(call, "41#")
		must(t, call.WaitSilent(within(t), saidTones["number"]))
		h.press(call, "5555#")
		must(t, call.WaitSilent(within(t), saidTones["pin"]))
	}
	h.ended(call)
	h.code(other, "*41", "wrong") // right, and too late
	h.agentIs("anna", func(r acd.AgentRecord) bool { return !r.LoggedIn })
	var why []string
	h.find(func(t acd.Transition) bool {
		if t.Kind == acd.AgentRefused {
			why = append(why, t.Agent+" "+t.Reason)
		}
		return false
	})
	want := []string{
		"anna login: wrong number or PIN", "anna login: wrong number or PIN", "anna login: locked", "anna login: locked",
	}
	if !slices.Equal(why, want) {
		t.Errorf("%q", why)
	}
	if text := written.String(); strings.Contains(text, "7391") || strings.Contains(text, "5555") || !strings.Contains(text, "refused") {
		t.Errorf("the log says %s", text)
	}
}

// keyIn dials a code and types what is asked for.
func (h *hall) keyIn(phone *sipphone.Phone, code, pin string) *sipphone.Call {
	h.Helper()
	call := h.dial(phone, code)
	h.hear(call, "number")
	h.press(call, "41#")
	h.hear(call, "pin")
	h.press(call, pin)
	return call
}

// code dials a code with anna's number and PIN, and waits for the answer.
func (h *hall) code(phone *sipphone.Phone, code, heard string) {
	h.Helper()
	call := h.keyIn(phone, code, "7391#")
	h.hear(call, heard)
	must(h, call.Hangup(within(h)))
}

func (h *hall) agentIs(id string, so func(acd.AgentRecord) bool) {
	h.Helper()
	h.until(id+" is so", func() bool {
		is := false
		must(h, h.server.Do(within(h), func(s *acd.State) error {
			r, _ := s.Agent(id)
			is = so(r)
			return nil
		}))
		return is
	})
}

// Without a program the dialplan that is shipped goes on with app_queue; with one the queue has the call.
func TestTemplate(t *testing.T) {
	t.Parallel()
	h := plan(t, "carol")
	h.config.Files["queues.conf"] = "[support]\n[other]\n" // of app_queue
	h.config.Files["extensions.conf"] = dialplan + `
exten => _t.,1,Goto(queue,${EXTEN:1},1)
[elsewhere]
exten => support,1,Set(GLOBAL(LEFT)=elsewhere ${EXTEN})
 same => n,Hangup()
` + queue.Template
	h.started(t)
	phone := h.phone("carol", callerTone, nil)
	call := h.dial(phone, "tsupport") // app_queue's music, as it has that queue
	must(t, call.WaitHears(within(t), musicTone))
	h.until("it is in app_queue", func() bool { return h.application() == "Queue" })
	must(t, call.Hangup(within(t)))
	h.until("it is over", func() bool { return h.application() == "" })
	h.open(&queue.Server{
		Queues: []queue.Queue{{Queue: acd.Queue{Name: "support", MaxWait: 2 * time.Second, Exits: map[string]string{"1": "elsewhere"}}}},
		Agents: []queue.Agent{agent("anna", nil, "support")},
	})
	must(t, h.server.Pause(within(t), "anna", ""))
	call = h.dial(phone, "tother") // which the program does not know
	h.until("it is in app_queue again", func() bool { return h.application() == "Queue" })
	must(t, call.Hangup(within(t)))
	h.until("it is over again", func() bool { return h.application() == "" })
	call = h.dial(phone, "tsupport")
	h.press(call, "1")
	h.leftAs("elsewhere support")
	h.ended(call)
	call = h.dial(phone, "tsupport")
	h.ended(call) // after MaxWait
	left := h.wait("the end", func(t acd.Transition) bool { return t.Kind == acd.Left && t.Outcome == acd.TimedOut })
	if left.Queue != "support" {
		t.Errorf("%+v", left)
	}
}

// application is what the one call there is does.
func (h *hall) application() string {
	h.Helper()
	channels, err := h.client.Channels().List(within(h))
	must(h, err)
	if len(channels) == 0 {
		return ""
	}
	return channels[0].Dialplan.AppName
}

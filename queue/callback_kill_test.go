package queue_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/sipphone"
	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
)

// callbackVariable has the child offer call-backs.
const callbackVariable = "ASTERISM_QUEUE_CALLBACK"

// voicemailVariable has the child take messages.
const voicemailVariable = "ASTERISM_QUEUE_VOICEMAIL"

// childQueue is the queue that the program that is killed serves.
func childQueue() queue.Queue {
	q := queue.Queue{Queue: acd.Queue{Name: "support", Strategy: acd.LongestIdle}}
	if os.Getenv(callbackVariable) != "" {
		q.CustomerFirst = true
		q.Callback = &queue.Callback{
			Key: "2", Endpoint: "PJSIP/{number}", Allow: []string{"26"}, Grace: time.Second, RingTimeout: 2 * time.Minute,
		}
	}
	if os.Getenv(voicemailVariable) != "" {
		q.Voicemail, q.Sounds.Message = &queue.Voicemail{Key: "9"}, []string{"vm-msgsaved"} // which is short
	}
	return q
}

// The program is killed while a caller leaves a message: the next one asks for it again, and the caller does not wait once more.
func TestVoicemailKill(t *testing.T) {
	t.Parallel()
	h := newHall(t, customer)
	must(t, os.MkdirAll(filepath.Join(h.pbx.Dir, "spool", "recording"), 0o700))
	recordings := func() []string {
		files, err := filepath.Glob(filepath.Join(h.pbx.Dir, "spool", "recording", "voicemail", "support", "*"))
		must(t, err)
		return files
	}
	phone := h.phone(customer, callerTone, nil)
	store := filepath.Join(t.TempDir(), "store.db")
	l := h.born(store, 0, voicemailVariable+"=yes")
	h.ready(l)
	call := h.dial(phone, "qsupport")
	must(t, call.WaitHears(within(t), musicTone))
	h.press(call, "9")
	h.until("it is recorded", func() bool { return len(recordings()) > 0 })
	first := recordings()
	l.kill()

	l = h.born(store, 0, voicemailVariable+"=yes")
	told := h.ready(l)
	h.until("it is recorded again", func() bool {
		return slices.ContainsFunc(recordings(), func(file string) bool {
			info, err := os.Stat(file)
			return err == nil && info.Size() > 2*16000 && !slices.Contains(first, file)
		})
	})
	h.press(call, "#")
	told = append(told, h.says(l, "told message_left")...)
	h.ended(call)
	told = append(told, l.kill()...)
	if i := slices.IndexFunc(told, func(line string) bool { return strings.HasPrefix(line, "told joined") }); i >= 0 {
		t.Errorf("%q", told[i])
	}
	if want := "book 1 0 1 0"; lastBook(told) != want {
		t.Errorf("the statistics say %q, want %q", lastBook(told), want)
	}
}

// A wish to be called back survives that the program is killed: before its turn, and while the customer's telephone rings, which
// goes on, and rings once.
func TestCallbackKill(t *testing.T) {
	t.Setenv(callbackVariable, "yes")
	h := newHall(t, customer)
	rung := make(chan *sipphone.Call, 8)
	phone := h.phone(customer, callerTone, func(c *sipphone.Call) {
		if err := c.Ring(t.Context()); err == nil {
			rung <- c
		}
		<-c.Done()
	})
	store := filepath.Join(t.TempDir(), "store.jsonl")
	l := h.born(store, 1)
	h.served()
	const before = "caller-before"
	_, err := h.client.Channels().Originate(within(t), ari.ChannelOriginateParams{
		Endpoint: "Local/person@default/n", ChannelID: before, Context: "default", Extension: "qsupport", Priority: 1,
	})
	must(t, err)
	h.until("somebody talks", func() bool { _, talks := h.lineUp(); return talks[before] == 2 })

	call := h.dial(phone, "qsupport")
	must(t, call.WaitHears(within(t), musicTone))
	h.press(call, "2")
	must(t, call.WaitSilent(within(t), musicTone))
	var id string
	h.until("the wish is stored", func() bool {
		h.press(call, "1") // as soon as it is asked for
		id = told(l, "callback_asked")
		return id != ""
	})
	h.ended(call)
	l.kill()

	l = h.born(store, 1)
	h.served()
	must(t, h.client.Channels().Hangup(within(t), before, ari.ChannelHangupParams{}))
	ringing := h.take(rung)
	l.kill()
	if ringing.State() != sipphone.Ringing {
		t.Errorf("the customer's telephone is %v", ringing.State())
	}
	l = h.born(store, 1)
	h.served()
	must(t, ringing.Answer(within(t)))
	h.until("the customer talks", func() bool { _, talks := h.lineUp(); return talks[id] == 2 })
	select {
	case <-rung:
		t.Error("the customer is dialled twice")
	default:
	}
	must(t, ringing.Hangup(within(t)))
	h.until("the talk is over", func() bool { return told(l, "finished") == id })
	l.kill()
}

// served waits until there is a program.
func (h *hall) served() {
	h.Helper()
	h.until("the program", func() bool {
		_, err := h.client.Applications().Get(within(h), "queue")
		return err == nil
	})
}

// told is the caller of whom a life has just told something, if it has.
func told(l *life, kind string) string {
	for {
		select {
		case line, ok := <-l.lines:
			if f := strings.Fields(line); len(f) > 2 && f[1] == kind {
				return f[2]
			}
			if !ok {
				return ""
			}
		default:
			return ""
		}
	}
}

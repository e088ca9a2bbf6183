package queue_test

import (
	"context"
	"encoding/binary"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/internal/sipphone"
	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
	"github.com/asterism-go/asterism/queue/stats"
)

// The tones of what is said. Each is long enough for a telephone that looks away for a moment.
var saidTones = map[string]float64{
	"next": 1000, "el/next": 1050, "fa/next": 1100, "periodic": 1150, "mynumber": 1200, "enter": 1250, "refused": 1300,
	"taken": 1350, "calledback": 1400, "notreached": 1450, "message": 1500, "kept": 1550, "agenthears": 1600,
	"langen": 1650, "el/langel": 1700, "choose": 1750, "el/choose": 1800,
	"number": 1850, "pin": 1900, "wrong": 1950, "done": 2050,
}

// sounds is a folder with the tones, and said is the path of one of them in it.
type sounds string

func newSounds(t *testing.T) sounds {
	t.Helper()
	folder := t.TempDir()
	for name, frequency := range saidTones {
		file := filepath.Join(folder, name+".sln")
		must(t, os.MkdirAll(filepath.Dir(file), 0o700))
		must(t, os.WriteFile(file, toneOf(frequency, time.Second), 0o600))
	}
	return sounds(folder)
}

func (s sounds) said(name string) []string { return []string{filepath.Join(string(s), name)} }

// toneOf is a tone in Asterisk's sln.
func toneOf(frequency float64, long time.Duration) []byte {
	const rate = 8000
	n := int(long.Seconds() * rate)
	audio := make([]byte, 0, 2*n)
	for i := range n {
		v := int16(6000 * math.Sin(2*math.Pi*frequency*float64(i)/rate))
		audio = binary.LittleEndian.AppendUint16(audio, uint16(v))
	}
	return audio
}

// ear is what the queue of these tests sounds like.
func (s sounds) ear() queue.Ear {
	return queue.Ear{Sounds: queue.Sounds{
		Next: s.said("next"), MyNumber: s.said("mynumber"), Confirm: s.said("mynumber"), EnterNumber: s.said("enter"),
		NotAllowed: s.said("refused"), CallbackTaken: s.said("taken"), CalledBack: s.said("calledback"), NotReached: s.said("notreached"),
		Message: s.said("message"), MessageKept: s.said("kept"),
	}}
}

// hear waits until one of the tones is heard.
func (h *hall) hear(call *sipphone.Call, name string) {
	h.Helper()
	if err := call.WaitHears(within(h), saidTones[name]); err != nil {
		h.Fatalf("%s is not heard: %v; heard is %+v", name, err, call.Heard())
	}
}

// press presses keys, the last of which may end the call.
func (h *hall) press(call *sipphone.Call, keys string) {
	h.Helper()
	if err := call.SendDTMF(within(h), keys); err != nil {
		h.Logf("%s: hung up while a key was still held: %v", keys, err)
	}
}

func (h *hall) ended(call *sipphone.Call) {
	h.Helper()
	select {
	case <-call.Done():
	case <-within(h).Done():
		h.Fatal("the call does not end")
	}
}

// customer is the telephone of a customer, whose user is its number.
const customer = "2610123456"

// line is a hall with a customer, a second caller, and an agent; its tones have names.
type line struct {
	*hall
	sounds
	customer, other *sipphone.Phone
	rung            chan *sipphone.Call // the customer's telephone
	anna            chan *sipphone.Call // what the agent has answered

	mu       sync.Mutex
	refuses  int      // how many calls the customer refuses
	recorded []string // files of messages
}

func newLine(t *testing.T, change func(*queue.Queue, sounds), more ...queue.Queue) *line {
	t.Helper()
	l := &line{
		hall: newHall(t, customer, "dave", "anna"), sounds: newSounds(t), rung: make(chan *sipphone.Call, 8), anna: make(chan *sipphone.Call, 8),
	}
	l.customer = l.phone(customer, callerTone, func(c *sipphone.Call) {
		l.mu.Lock()
		refuse := l.refuses > 0
		l.refuses--
		l.mu.Unlock()
		if refuse {
			if err := c.Reject(context.Background(), 486); err != nil {
				l.Logf("the refusal came too late: %v", err)
			}
			return
		}
		if err := c.Ring(context.Background()); err != nil {
			l.Logf("it rings too late: %v", err)
		}
		l.rung <- c
		<-c.Done()
	})
	l.other = l.phone("dave", 550, nil)
	q := queue.Queue{Queue: acd.Queue{Name: "support", Strategy: acd.LongestIdle}, Ear: l.ear()}
	change(&q, l.sounds)
	l.open(&queue.Server{Queues: append(more, q), Agents: []queue.Agent{agent("anna", nil, "support")}})
	must(t, l.server.Pause(within(t), "anna", "coffee"))
	l.phone("anna", annaTone, answering(l.hall, l.anna))
	return l
}

// take is the next call of a telephone.
func (h *hall) take(calls <-chan *sipphone.Call) *sipphone.Call {
	h.Helper()
	select {
	case c := <-calls:
		return c
	case <-within(h).Done():
		h.Fatal("the telephone does not ring")
		return nil
	}
}

func (h *hall) caller(kind acd.Kind, id string) acd.Transition {
	h.Helper()
	return h.wait(kind.String()+" of "+id, func(t acd.Transition) bool { return t.Kind == kind && t.Caller == id })
}

// wishes has the customer ask to be called back at the own number, and returns the id of that caller.
func (l *line) wishes() (caller string) {
	l.Helper()
	call := l.dial(l.customer, "qsupport")
	must(l, call.WaitHears(within(l), musicTone))
	caller = l.joined(1)
	l.press(call, "2")
	l.hear(call, "mynumber")
	l.press(call, "1")
	l.ended(call)
	return caller
}

// joined is the id of the n-th caller.
func (h *hall) joined(n int) string {
	h.Helper()
	var id string
	seen := 0
	h.wait("a caller", func(t acd.Transition) bool {
		if t.Kind == acd.Joined && t.Caller != id {
			if seen++; seen == n {
				id = t.Caller
				return true
			}
		}
		return false
	})
	return id
}

// A caller asks to be called back at the number that is proposed, hangs up, and keeps the place: the customer is dialled before the
// one who came later is offered, and then talks with the agent. The position was told in the language of the channel.
func TestCallbackCustomerFirst(t *testing.T) {
	t.Parallel()
	l := newLine(t, func(q *queue.Queue, _ sounds) {
		q.CustomerFirst = true
		q.Callback = &queue.Callback{Key: "2", Endpoint: "PJSIP/{number}", Allow: []string{"26"}, Grace: time.Second}
	})
	call := l.dial(l.customer, "qsupport")
	must(t, call.WaitHears(within(t), musicTone))
	first := l.joined(1)
	l.press(call, "2")
	l.hear(call, "mynumber")
	l.press(call, "1")
	l.hear(call, "taken")
	l.ended(call)
	asked := l.caller(acd.CallbackAsked, first)
	if asked.CallerInfo.Number != customer || asked.Position != 1 {
		t.Errorf("%+v", asked)
	}
	later := l.dial(l.other, "qsupport")
	must(t, later.WaitHears(within(t), musicTone))
	l.until("the customer may be dialled", func() bool {
		r, err := l.server.Caller(within(t), first)
		must(t, err)
		return !r.Away && time.Now().After(r.Rest)
	})
	must(t, l.server.Unpause(within(t), "anna"))
	back := l.take(l.rung)
	must(t, back.Answer(within(t)))
	l.hear(back, "calledback")
	anna := l.take(l.anna)
	// the later caller may have her first: she is free while the customer's telephone rings
	l.serveBoth(back, later, anna)
	over := l.caller(acd.Finished, first)
	if over.Agent != "anna" || over.CallerInfo.Number != customer {
		t.Errorf("%+v", over)
	}
	for _, kind := range []acd.Kind{acd.CallbackDue, acd.CallbackReached, acd.Began} {
		l.caller(kind, first)
	}
	if got := l.count(); got.Callbacks != 1 || got.Recalls != 1 || got.Reached != 1 || got.Answered != 2 || got.LeftAll() != 0 {
		t.Errorf("%+v", got)
	}
}

// serveBoth has the agent talk with both callers, in whatever order.
func (l *line) serveBoth(back, later, anna *sipphone.Call) {
	l.Helper()
	first := l.wait("a talk", func(t acd.Transition) bool { return t.Kind == acd.Began })
	if first.CallerInfo.Number == customer {
		l.talks(back, anna)
		l.talksOther(later, l.take(l.anna))
		return
	}
	l.talksOther(later, anna)
	l.talks(back, l.take(l.anna))
}

// talks proves that customer and agent hear each other, and ends it.
func (l *line) talks(back, anna *sipphone.Call) {
	l.Helper()
	must(l, back.WaitHears(within(l), annaTone))
	must(l, anna.WaitHears(within(l), callerTone))
	must(l, anna.Hangup(within(l)))
	l.ended(back)
}

func (l *line) talksOther(later, anna *sipphone.Call) {
	l.Helper()
	must(l, later.WaitHears(within(l), annaTone))
	must(l, anna.WaitHears(within(l), 550))
	must(l, anna.Hangup(within(l)))
	l.ended(later)
}

// count is what the statistics say.
func (h *hall) count() stats.Queue {
	h.mu.Lock()
	defer h.mu.Unlock()
	book := stats.New(0)
	for _, t := range h.told {
		book.Add(t)
	}
	return book.Queue("support")
}

// With the agent first: the customer is busy, of which the agent is told; the next attempt succeeds. What may not be called is
// refused, and another number taken.
func TestCallbackAgentFirst(t *testing.T) {
	t.Parallel()
	l := newLine(t, func(q *queue.Queue, _ sounds) {
		q.Callback = &queue.Callback{
			Key: "2", Endpoint: "PJSIP/{number}", Allow: []string{"2610"}, Grace: time.Second, Pause: time.Second, Attempts: 2, CallerID: "2610999",
		}
	})
	l.mu.Lock()
	l.refuses = 1
	l.mu.Unlock()
	call := l.dial(l.other, "qsupport") // dave: no number to propose
	must(t, call.WaitHears(within(t), musicTone))
	first := l.joined(1)
	l.press(call, "2")
	l.hear(call, "enter")
	l.press(call, "0900123#")
	l.hear(call, "refused")
	must(t, call.WaitSilent(within(t), saidTones["refused"]))
	l.press(call, customer+"#")
	l.hear(call, "mynumber")
	l.press(call, "1")
	l.hear(call, "taken")
	l.ended(call)
	must(t, l.server.Unpause(within(t), "anna"))
	anna := l.take(l.anna)
	if number, _ := anna.Remote(); number != customer {
		t.Errorf("the agent sees %q", number)
	}
	l.hear(anna, "notreached")
	l.ended(anna)
	if missed := l.caller(acd.CallbackMissed, first); missed.Reason != "busy" || missed.Position != 1 {
		t.Errorf("%+v", missed)
	}
	anna = l.take(l.anna)
	back := l.take(l.rung)
	if number, _ := back.Remote(); number != "2610999" {
		t.Errorf("the customer sees %q", number)
	}
	must(t, back.Answer(within(t)))
	l.talks(back, anna)
	l.caller(acd.Finished, first)
	if got := l.count(); got.Callbacks != 1 || got.Recalls != 2 || got.Reached != 1 || got.Missed[acd.Withdrawn.String()] != 1 {
		t.Errorf("%+v", got)
	}
}

// With the agent first: one who hangs up while the customer's telephone rings ends the attempt, which counts once, and the customer is
// dialled again.
func TestCallbackAgentHangsUp(t *testing.T) {
	t.Parallel()
	l := newLine(t, func(q *queue.Queue, _ sounds) {
		q.Callback = &queue.Callback{
			Key: "2", Endpoint: "PJSIP/{number}", Allow: []string{"26"}, Grace: time.Second, Pause: time.Second, Attempts: 2,
		}
	})
	first := l.wishes()
	must(t, l.server.Unpause(within(t), "anna"))
	anna := l.take(l.anna)
	back := l.take(l.rung)
	must(t, anna.Hangup(within(t)))
	l.ended(back)
	anna = l.take(l.anna)
	back = l.take(l.rung)
	must(t, back.Answer(within(t)))
	l.talks(back, anna)
	l.caller(acd.Finished, first)
	if got := l.count(); got.Recalls != 2 || got.Reached != 1 {
		t.Errorf("%+v", got)
	}
	missed := 0
	l.find(func(told acd.Transition) bool {
		if told.Kind == acd.CallbackMissed {
			missed++
		}
		return false
	})
	if missed != 1 {
		t.Errorf("the attempt is missed %d times", missed)
	}
}

// A customer who is busy for as often as one tries is not dialled any more.
func TestCallbackInVain(t *testing.T) {
	t.Parallel()
	l := newLine(t, func(q *queue.Queue, _ sounds) {
		q.CustomerFirst = true
		q.Callback = &queue.Callback{
			Key: "2", Endpoint: "PJSIP/{number}", Allow: []string{""}, Grace: time.Second, Pause: time.Second, Attempts: 2,
		}
	})
	l.mu.Lock()
	l.refuses = 100
	l.mu.Unlock()
	first := l.wishes()
	must(t, l.server.Unpause(within(t), "anna"))
	if left := l.caller(acd.Left, first); left.Outcome != acd.CallbackEnd {
		t.Errorf("%+v", left)
	}
	if got := l.count(); got.Recalls != 2 || got.Left["callback_failed"] != 1 {
		t.Errorf("%+v", got)
	}
}

// A key leads to the voicemail: what is said is in the recording, and whoever hangs up has left a message too.
func TestVoicemail(t *testing.T) {
	t.Parallel()
	taken := make(chan queue.Message, 4)
	l := newLine(t, func(q *queue.Queue, s sounds) {
		q.MaxWait = 20 * time.Second
		q.Periodic, q.PeriodicEvery = [][]string{s.said("periodic")}, time.Second
		q.Voicemail = &queue.Voicemail{
			Key: "9", On: []acd.Outcome{acd.JoinEmpty}, Max: 30 * time.Second,
			Taken: func(_ context.Context, m queue.Message) error {
				taken <- m
				return nil
			},
		}
		q.JoinNeeds = acd.LoggedIn
	})
	must(t, os.MkdirAll(filepath.Join(l.pbx.Dir, "spool", "recording"), 0o700))
	call := l.dial(l.customer, "qsupport")
	l.hear(call, "periodic")
	l.press(call, "9") // in the midst of the announcement
	l.hear(call, "message")
	l.message(call, func() {
		l.press(call, "#")
		l.hear(call, "kept")
		l.ended(call)
	}, taken, acd.ExitKey)

	must(t, l.server.Logout(within(t), "anna"))
	call = l.dial(l.customer, "qsupport")
	l.hear(call, "message")
	l.message(call, func() { must(t, call.Hangup(within(t))) }, taken, acd.JoinEmpty)
	if got := l.count(); got.Messages != 2 || got.Left["exitkey"] != 1 || got.Refused["joinempty"] != 1 {
		t.Errorf("%+v", got)
	}
}

// message waits until something is recorded, ends it, and looks at the message.
func (l *line) message(call *sipphone.Call, end func(), taken <-chan queue.Message, how acd.Outcome) {
	l.Helper()
	must(l, call.WaitSilent(within(l), saidTones["message"]))
	l.until("two seconds are recorded", func() bool {
		files, err := filepath.Glob(filepath.Join(l.pbx.Dir, "spool", "recording", "voicemail", "support", "*"))
		must(l, err)
		return slices.ContainsFunc(files, func(file string) bool {
			info, err := os.Stat(file)
			return err == nil && info.Size() > 2*16000 && !slices.Contains(l.recorded, file)
		})
	})
	files, err := filepath.Glob(filepath.Join(l.pbx.Dir, "spool", "recording", "voicemail", "support", "*"))
	must(l, err)
	l.recorded = files
	end()
	var m queue.Message
	select {
	case m = <-taken:
	case <-within(l).Done():
		l.Fatal("no message")
	}
	if m.Caller.Number != customer || m.Queue != "support" || m.Outcome != how || m.Duration < time.Second {
		l.Errorf("%+v", m)
	}
	told := l.wait("the message", func(t acd.Transition) bool { return t.Kind == acd.MessageLeft && t.Recording == m.Recording })
	if told.CallerInfo.Number != customer || told.For != m.Duration {
		l.Errorf("%+v", told)
	}
	body, err := l.client.Recordings().GetStoredFile(within(l), m.Recording)
	must(l, err)
	defer body.Close()
	wav, err := io.ReadAll(body)
	must(l, err)
	if loud := power(wav[44:], callerTone); loud < 0.5 {
		l.Errorf("the caller's tone has a share of %.2f in the recording", loud)
	}
}

// power is the share of a tone in the audio of a recording.
func power(audio []byte, frequency float64) float64 {
	var re, im, all float64
	n := len(audio) / 2
	for i := range n {
		v := float64(int16(binary.LittleEndian.Uint16(audio[2*i:])))
		phase := 2 * math.Pi * frequency * float64(i) / 8000
		re, im, all = re+v*math.Cos(phase), im+v*math.Sin(phase), all+v*v
	}
	return 2 * (re*re + im*im) / float64(n) / max(all, 1)
}

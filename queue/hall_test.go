package queue_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
)

const dialplan = `
[globals]
ACTION41=login
ACTION42=logout
ACTION43=pause
ACTION44=unpause
[default]
exten => _qs.,1,Stasis(queue,${EXTEN:1})
 same => n,UserEvent(Left,Outcome: ${QUEUE_OUTCOME},To: ${QUEUE_TO})
 same => n,Set(GLOBAL(LEFT)=${QUEUE_OUTCOME} ${QUEUE_TO})
 same => n,Hangup()
exten => person,1,Answer()
 same => n,Wait(600)
exten => phone,1,Answer()
 same => n,Wait(600)
exten => _*XX,1,Stasis(queue,@agent,${ACTION${EXTEN:1}})
 same => n,Hangup()
exten => skilled,1,Stasis(queue,skills,need=fr:2)
 same => n,Hangup()
`

// musicTone is what callers hear while they wait: a tone, as the music on hold.
const musicTone = 900

// hall is a real Asterisk with a queue server and telephones.
type hall struct {
	*testing.T
	config asterisktest.Config
	pbx    *asterisktest.Asterisk
	client *ari.Client
	server *queue.Server
	close  func()               // ends the server
	log    io.Writer            // gets what the server logs too; may be nil
	check  func(acd.Transition) // has each transition
	front  string               // where the server finds Asterisk, if not at the address of it

	mu   sync.Mutex
	told []acd.Transition
	from int // where find begins
	wake chan struct{}
}

// within is a context that ends long after everything should be over.
func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestMain fails if a test leaves a goroutine behind.
func TestMain(m *testing.M) {
	if address := childAddress(); address != "" {
		child(address)
		return
	}
	if kind := os.Getenv(putterVariable); kind != "" {
		putter(kind)
		return
	}
	goleak.VerifyTestMain(m)
}

// newHall starts Asterisk with telephones for these users.
func newHall(t *testing.T, users ...string) *hall {
	t.Helper()
	return plan(t, users...).started(t)
}

// plan is a hall whose Asterisk has not been started.
func plan(t *testing.T, users ...string) *hall {
	t.Helper()
	var pjsip strings.Builder
	for _, user := range users {
		pjsip.WriteString(sipphone.PJSIPConfig(user, "secret"))
	}
	h := &hall{T: t, wake: make(chan struct{}, 1)}
	h.config = asterisktest.Config{Files: map[string]string{
		"extensions.conf": dialplan, "pjsip.conf": pjsip.String(),
		"ari.conf":         "[general](+)\nwebsocket_write_timeout = 5000\n",
		"musiconhold.conf": "[default]\nmode = files\ndirectory = " + music(t) + "\n",
	}}
	return h
}

// started starts Asterisk, with the configuration that the hall has.
func (h *hall) started(t *testing.T) *hall {
	t.Helper()
	h.pbx = asterisktest.Start(t, h.config)
	t.Cleanup(func() { h.pbx.Kill() })
	h.client = clientOf(h.pbx.HTTP.String())
	t.Cleanup(func() { h.client.Close() })
	return h
}

// music is a directory with the music on hold.
func music(t *testing.T) string {
	t.Helper()
	const rate, seconds = 8000, 10
	audio := make([]byte, 0, 2*rate*seconds)
	for i := range rate * seconds {
		v := int16(6000 * math.Sin(2*math.Pi*musicTone*float64(i)/rate))
		audio = binary.LittleEndian.AppendUint16(audio, uint16(v))
	}
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "tone.sln"), audio, 0o600))
	return dir
}

func clientOf(address string) *ari.Client {
	return &ari.Client{
		URL: "http://" + address + "/ari", Username: asterisktest.Username, Password: asterisktest.Secret, Timeout: 30 * time.Second,
	}
}

// open serves queues until the test ends.
func (h *hall) open(server *queue.Server) {
	h.Helper()
	client := h.client
	if h.front != "" {
		client = clientOf(h.front)
		h.Cleanup(func() { client.Close() })
	}
	server.App = &ari.App{Client: client, Name: "queue"}
	server.Observe = h.note
	out := h.Output()
	if h.log != nil {
		out = io.MultiWriter(out, h.log)
	}
	server.Logger = slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h.server = server
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- server.Serve(ctx) }()
	h.close = sync.OnceFunc(func() {
		stop()
		if err := <-over; !errors.Is(err, context.Canceled) {
			h.Errorf("Serve: %v", err)
		}
	})
	h.Cleanup(h.close)
	must(h, server.App.Ready(within(h)))
}

func (h *hall) note(t acd.Transition) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = append(h.told, t)
	if h.check != nil {
		h.check(t)
	}
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// wait waits for a transition.
func (h *hall) wait(what string, fits func(acd.Transition) bool) acd.Transition {
	h.Helper()
	ctx := within(h)
	for {
		if t, ok := h.find(fits); ok {
			return t
		}
		select {
		case <-h.wake:
		case <-ctx.Done():
			h.find(func(t acd.Transition) bool {
				h.Logf("%v %s %s %v %v", t.Kind, t.Caller, t.Agent, t.Cause, t.Outcome)
				return false
			})
			h.Fatalf("%s does not come", what)
		}
	}
}

func (h *hall) find(fits func(acd.Transition) bool) (acd.Transition, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range h.told[h.from:] {
		if fits(t) {
			return t, true
		}
	}
	return acd.Transition{}, false
}

func (h *hall) waitKind(kind acd.Kind, agent string) acd.Transition {
	h.Helper()
	return h.wait(fmt.Sprint(kind, " ", agent), func(t acd.Transition) bool { return t.Kind == kind && t.Agent == agent })
}

// phone makes a telephone that does this with incoming calls.
func (h *hall) phone(user string, tone float64, invited func(*sipphone.Call)) *sipphone.Phone {
	h.Helper()
	p, err := sipphone.New(within(h), sipphone.Config{Server: h.pbx.SIP, User: user, Password: "secret", Tone: tone, OnInvite: invited})
	must(h, err)
	h.Cleanup(func() { p.Close() })
	return p
}

// answering has a telephone answer, and gives its calls away.
func answering(h *hall, calls chan<- *sipphone.Call) func(*sipphone.Call) {
	return func(c *sipphone.Call) {
		if err := c.Answer(context.Background()); err != nil {
			h.Logf("an answer came too late: %v", err)
			return
		}
		calls <- c
		<-c.Done()
	}
}

// dial has a telephone call a queue, and be answered.
func (h *hall) dial(p *sipphone.Phone, number string) *sipphone.Call {
	h.Helper()
	call, err := p.Dial(within(h), number)
	must(h, err)
	must(h, call.WaitAnswered(within(h)))
	return call
}

// agent is an agent with a telephone of the same name.
func agent(id string, skills map[string]int, queues ...string) queue.Agent {
	a := queue.Agent{Agent: acd.Agent{ID: id, Skills: skills}, Endpoint: "PJSIP/" + id, LoggedIn: true}
	for i, q := range queues {
		a.Members = append(a.Members, acd.Member{Queue: q, Order: i})
	}
	return a
}

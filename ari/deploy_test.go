package ari_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// A program is killed and started again ten times while a hundred calls are in all states; calls come, press digits and hang up
// while it runs and while it does not. With Asterisk connecting to us no StasisStart, digit or StasisEnd is missed, each comes
// once, what the events say in the end is what Asterisk says, and the last program knows again what each call was doing.
//
// The program is killed when all that has happened has reached it. What is on its way to it when it is killed is lost, whoever
// writes the program; and if the websocket ends just while Asterisk 22.10.1 writes an event, that may fall over itself
// (outbound_session_handler_thread in res/ari/ari_websockets.c frees what session_send_or_queue is using): see App.Outbound. If
// Asterisk dies all the same, the test says so and begins again.
func TestDeploys(t *testing.T) {
	t.Parallel()
	for attempt := range 3 {
		w := newWorld(t)
		if w == nil {
			return
		}
		err := w.deploys(10, 5)
		if err == nil {
			return
		}
		if _, alive := w.client.Asterisk().Ping(w.ctx); alive == nil || attempt == 2 {
			t.Fatal(err)
		}
		t.Logf("Asterisk has died itself: %v", err)
	}
}

// world is Asterisk and everybody but the program: who calls, presses digits and hangs up.
type world struct {
	t        *testing.T
	ctx      context.Context //nolint:containedctx // of the test
	asterisk *asterisktest.Asterisk
	client   *ari.Client
	app      *ari.App // of the other ends
	address  string   // at which Asterisk finds the program
	ledger   string
	calls    []*worldCall
	again    int // lines of the ledger that are of programs before

	mu    sync.Mutex
	heard map[string]string // the digits that Asterisk has heard, by channel
}

// worldCall is a call, and what the ledger should say of it.
type worldCall struct {
	id, state string
	digits    string
	over      bool
}

// states are those that calls are in. The last two have no other end.
var states = []string{"idle", "playing", "recording", "bridged", "holding", "held", "music", "down", "dialling"}

func (c *worldCall) hasOtherEnd() bool { return c.state != "down" && c.state != "dialling" }

// newWorld starts an Asterisk that connects to a program; nil if it cannot.
func newWorld(t *testing.T) *world {
	t.Helper()
	address := freeAddress(t)
	files := outbound(address)
	files["extensions.conf"] = dialplan + "exten => world,1,Stasis(world)\n"
	a, client := asterisk(t, asterisktest.Config{Files: files})
	if is16(a) {
		outboundNeeds22(t, client)
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	t.Cleanup(cancel)
	w := &world{t: t, ctx: ctx, asterisk: a, client: client, address: address, ledger: filepath.Join(t.TempDir(), "ledger"), heard: map[string]string{}}
	w.app = application(t, &ari.App{Client: client, Name: "world"})
	go w.listen()
	return w
}

// deploys has a program live and die some times, each time with some calls that come while it lives and while it is dead.
func (w *world) deploys(lives, calls int) error {
	for range lives {
		program := startChild(w.t, w.address, w.client.URL, w.ledger)
		err := inOrder(
			func() error { return w.begin(calls) }, w.settled,
			func() error { return w.ends(calls / 2) }, w.settled,
			func() error { program.end(syscall.SIGKILL); return w.noticed() },
			func() error { return w.ends(calls / 2) },
			func() error { return w.begin(calls) },
		)
		if err != nil {
			return err
		}
	}
	w.again = len(lines(w.t, w.ledger))
	program := startChild(w.t, w.address, w.client.URL, w.ledger)
	defer program.end(syscall.SIGKILL)
	if err := w.settled(); err != nil {
		return err
	}
	return w.known()
}

// inOrder does one after the other until one fails.
func inOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// begin has calls come, and has them and two thirds of the others press a digit.
func (w *world) begin(calls int) error {
	old := len(w.calls)
	for n := range calls {
		if err := w.comes(states[(old+n)%len(states)]); err != nil {
			return err
		}
	}
	for i, c := range w.calls {
		if c.over || !c.hasOtherEnd() || i%3 == 0 && i < old {
			continue
		}
		digit := string("0123456789*#"[(i+len(c.digits))%12])
		if err := w.client.Channels().SendDTMF(w.ctx, c.id+"-other", ari.ChannelSendDTMFParams{DTMF: digit}); err != nil {
			return fmt.Errorf("%s: %w", c.id, err)
		}
		c.digits += digit
	}
	return w.heardAll()
}

// heardAll waits until Asterisk has taken each digit for one: the application of the other ends hears them too. Another
// one that comes too early would be lost in Asterisk itself.
func (w *world) heardAll() error {
	for w.ctx.Err() == nil {
		w.mu.Lock()
		same := true
		for _, c := range w.calls {
			same = same && (c.over || w.heard[c.id] == c.digits)
		}
		w.mu.Unlock()
		if same {
			return nil
		}
		if err := w.stillThere(); err != nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return fmt.Errorf("Asterisk itself has heard %q", w.heard)
}

// listen notes the digits that Asterisk hears.
func (w *world) listen() {
	for e, err := range w.app.Events(w.ctx) {
		if err != nil {
			return
		}
		if e.Type != "ChannelDtmfReceived" {
			continue
		}
		if d, err := e.Decode(); err == nil {
			w.mu.Lock()
			w.heard[e.Channel] += d.(*ari.ChannelDtmfReceived).Digit
			w.mu.Unlock()
		}
	}
}

// comes has one more call come into the application.
func (w *world) comes(state string) error {
	c := &worldCall{id: fmt.Sprint("call-", len(w.calls)), state: state}
	w.calls = append(w.calls, c)
	if !c.hasOtherEnd() {
		_, err := w.client.Channels().Create(w.ctx, ari.ChannelCreateParams{
			Endpoint: "Local/ring@default/n", App: "test", AppArgs: state, ChannelID: c.id,
		})
		return err
	}
	events := w.app.Events(w.ctx)
	_, err := w.client.Channels().Originate(w.ctx, ari.ChannelOriginateParams{
		Endpoint: "Local/world@default/n", Formats: "ulaw", App: "test", AppArgs: state, ChannelID: c.id, OtherChannelID: c.id + "-other",
	})
	if err != nil {
		return err
	}
	for e, err := range events {
		if err != nil {
			return err
		}
		if e.Type == "StasisStart" && e.Channel == c.id+"-other" {
			break
		}
	}
	err = inOrder(
		func() error { return w.client.Channels().Answer(w.ctx, c.id+"-other") },
		// Asterisk ends a digit that it has to stretch with the next frame of sound: so there must be some
		func() error { return w.client.Channels().StartSilence(w.ctx, c.id+"-other") },
		func() error {
			return second(w.client.Applications().Subscribe(w.ctx, "world", []string{"channel:" + c.id}))
		},
	)
	if err != nil {
		return err
	}
	for {
		now, err := w.client.Channels().Get(w.ctx, c.id)
		if err != nil || now.Dialplan.AppName == "Stasis" {
			return err
		}
		if err := breathe(w.ctx); err != nil {
			return err
		}
	}
}

// ends has the oldest calls but some end: one is hung up, the next hangs up.
func (w *world) ends(n int) error {
	for i, c := range w.calls {
		if n == 0 || c.over || i%4 == 0 {
			continue
		}
		id := c.id
		if i%2 == 0 && c.hasOtherEnd() {
			id += "-other"
		}
		if err := w.client.Channels().Hangup(w.ctx, id, ari.ChannelHangupParams{}); err != nil {
			return fmt.Errorf("hanging up %s: %w", id, err)
		}
		c.over = true
		n--
	}
	return nil
}

// settled waits until the ledger says what has happened, all of it, and each once.
func (w *world) settled() error {
	for deadline := time.Now().Add(time.Minute); ; {
		err := w.compare()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		if err := w.stillThere(); err != nil {
			return err
		}
	}
}

// stillThere waits a moment, and fails if Asterisk has died meanwhile.
func (w *world) stillThere() error {
	return errors.Join(breathe(w.ctx), second(w.client.Asterisk().Ping(w.ctx)))
}

// compare says what is different between what has happened and what the ledger says.
func (w *world) compare() error {
	ledger := lines(w.t, w.ledger)
	count, digits := map[string]int{}, map[string]string{}
	for _, line := range ledger {
		what := strings.Fields(line + " . .")
		count[what[0]+" "+what[1]]++
		if what[0] == "ChannelDtmfReceived" {
			digits[what[1]] += what[2]
		}
	}
	var errs []error
	for _, c := range w.calls {
		ends := 0
		if c.over {
			ends = 1
		}
		if s, e := count["StasisStart "+c.id], count["StasisEnd "+c.id]; s != 1 || e != ends || digits[c.id] != c.digits {
			errs = append(errs, fmt.Errorf("%s (%s): %d starts, %d ends instead of %d, digits %q instead of %q", c.id, c.state, s, e, ends, digits[c.id], c.digits))
		}
		if !c.over && count["in "+c.id]+count["again "+c.id] == 0 {
			errs = append(errs, fmt.Errorf("%s is not %s yet", c.id, c.state))
		}
	}
	return errors.Join(errs...)
}

// noticed waits until Asterisk has noticed that the program is dead: it tries to connect again.
func (w *world) noticed() error {
	var config net.ListenConfig
	l, err := config.Listen(w.ctx, "tcp", w.address)
	if err != nil {
		return err
	}
	defer l.Close()
	stop := context.AfterFunc(w.ctx, func() { l.Close() })
	defer stop()
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	return conn.Close()
}

// known compares what the last program knows with what Asterisk says.
func (w *world) known() error {
	var want []string
	for _, c := range w.calls {
		if !c.over {
			want = append(want, c.id+" "+c.state)
		}
	}
	slices.Sort(want)
	var knows []string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline) && len(knows) < len(want) && breathe(w.ctx) == nil; {
		knows = nil
		for _, line := range lines(w.t, w.ledger)[w.again:] {
			if what, rest, _ := strings.Cut(line, " "); what == "in" || what == "again" {
				knows = append(knows, rest)
			}
		}
	}
	slices.Sort(knows)
	if !slices.Equal(knows, want) {
		return fmt.Errorf("the last program knows\n%q\ninstead of\n%q", knows, want)
	}
	application, err := w.client.Applications().Get(w.ctx, "test")
	if err != nil {
		return err
	}
	for _, c := range w.calls {
		if slices.Contains(application.ChannelIDs, c.id) == c.over {
			return fmt.Errorf("%s is over: %v; Asterisk says otherwise", c.id, c.over)
		}
	}
	w.t.Logf("%d calls, %d of them still there", len(w.calls), len(want))
	return nil
}

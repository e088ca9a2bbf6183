package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// screen is a terminal.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// shows waits until something is on the board.
func (s *screen) shows(ctx context.Context, t *testing.T, what string) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !strings.Contains(s.String(), what) {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("the board does not show %q:\n%s", what, s.String())
		}
	}
}

const settings = `
agents:
  - {id: anna, endpoint: PJSIP/101, number: "101", pin_env: ASTERISM_TEST_PIN}
position_every: 5s
callback: {key: "2", endpoint: "PJSIP/{number}", allow: ["26"], attempts: 2, pause: 1s}
voicemail: {key: "9", max: 10s}
`

// The board shows a day of one agent: she logs in by telephone, a customer is called back, and another one leaves a message.
func TestBoard(t *testing.T) {
	const customer = "2610"
	pbx := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"ari.conf": "[general](+)\nwebsocket_write_timeout = 5000\n",
		"extensions.conf": "[default]\nexten => 600,1,Stasis(queue,support)\n same => n,Hangup()\n" +
			"exten => 41,1,Stasis(queue,@agent,login,101)\n same => n,Hangup()\n",
		"pjsip.conf": sipphone.PJSIPConfig("101", "secret") + sipphone.PJSIPConfig(customer, "secret"),
	}})
	t.Cleanup(pbx.Kill)
	if err := os.MkdirAll(filepath.Join(pbx.Dir, "spool", "recording"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ASTERISM_ARI_PASSWORD", asterisktest.Secret)
	t.Setenv("ASTERISM_TEST_PIN", "2468")
	file := filepath.Join(t.TempDir(), "support.yaml")
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	serving, stop := context.WithCancel(ctx)
	board, over := &screen{}, make(chan error, 1)
	go func() {
		over <- run(serving, []string{
			"-url", "http://" + pbx.HTTP.String() + "/ari", "-user", asterisktest.Username, "-config", file,
			"-store", filepath.Join(t.TempDir(), "store"),
		}, board)
	}()
	t.Cleanup(func() {
		stop()
		if err := <-over; !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		t.Logf("the board:\n%s", board)
	})
	answer := func(c *sipphone.Call) {
		if err := c.Answer(ctx); err == nil {
			<-c.Done()
		}
	}
	telephone := func(user string, tone float64) *sipphone.Phone {
		t.Helper()
		p, err := sipphone.New(ctx, sipphone.Config{Server: pbx.SIP, User: user, Password: "secret", Tone: tone, OnInvite: answer})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		return p
	}
	anna, caller := telephone("101", 650), telephone(customer, 500) // who says nothing leaves no message
	var call *sipphone.Call
	dial := func(p *sipphone.Phone, number string) {
		t.Helper()
		var err error
		if call, err = p.Dial(ctx, number); err == nil {
			err = call.WaitAnswered(ctx)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	press := func(keys string) {
		if err := call.SendDTMF(ctx, keys); err != nil {
			t.Logf("%s: %v", keys, err)
		}
	}
	for !strings.Contains(board.String(), "position 1") { // until the program is there
		if call, err := caller.Dial(ctx, "600"); err == nil && call.WaitAnswered(ctx) == nil {
			board.shows(ctx, t, "position 1")
			if err := call.Hangup(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	board.shows(ctx, t, "abandoned")
	dial(caller, "600")
	press("9")
	keys := time.NewTicker(3 * time.Second)
	defer keys.Stop()
	for !strings.Contains(board.String(), "has left a message") {
		select {
		case <-call.Done():
			board.shows(ctx, t, "has left a message")
		case <-ctx.Done():
			t.Fatal(board.String())
		case <-keys.C:
			press("#") // as soon as there is something
		}
	}
	dial(caller, "600")
	press("2")
	for !strings.Contains(board.String(), "will be called back") {
		select {
		case <-keys.C:
			press("1")
		case <-ctx.Done():
			t.Fatal(board.String())
		}
	}
	dial(anna, "41")
	press("2468#")
	board.shows(ctx, t, "anna is idle")
	board.shows(ctx, t, "2610 talks with anna")
}

// The file that is shipped is right, but for its PINs.
func TestShipped(t *testing.T) {
	if _, err := read("support.yaml"); err == nil || !strings.Contains(err.Error(), "PIN_ANNA is not set") {
		t.Errorf("%v", err)
	}
	for _, name := range []string{"PIN_ANNA", "PIN_BORIS", "PIN_CLARA"} {
		t.Setenv(name, "1234")
	}
	c, err := read("support.yaml")
	if err != nil {
		t.Fatal(err)
	}
	q := c.queue()
	if len(c.team()) != 3 || len(q.Languages) != 3 || q.Callback.Endpoint != "PJSIP/{number}@trunk" || !q.CustomerFirst || q.Voicemail.Key != "9" {
		t.Errorf("%+v", q)
	}
}

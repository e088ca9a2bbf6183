package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/agents"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// screen is a terminal that tells when the last board shows a text.
type screen struct {
	text  string
	shown func()
}

func (s *screen) Write(board []byte) (int, error) {
	if bytes.Contains(board, []byte(s.text)) {
		s.shown()
	}
	return len(board), nil
}

// The board shows a real Asterisk's agent, and why she is paused.
func TestBoard(t *testing.T) {
	pbx := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"queues.conf": "[support]\nmember => Local/7@default,0,Dora\n", "extensions.conf": "[default]\nexten => 7,1,Answer()\n",
	}})
	t.Setenv("ASTERISM_AMI_SECRET", asterisktest.Secret)
	client := &ami.Client{Addr: pbx.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := client.Connect(ctx); err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	desk := &agents.Desk{Client: client}
	if _, err := desk.Pause(ctx, "Local/7@default", "support", "lunch"); err != nil {
		t.Fatal(err)
	}
	shown := false
	out := &screen{text: "paused lunch", shown: func() { shown = true; cancel() }}
	err := run(ctx, []string{"-addr", pbx.AMI.String(), "-user", asterisktest.Username}, out)
	if !shown {
		t.Errorf("not shown: %v", err)
	}
}

// A name cannot move the cursor.
func TestPlain(t *testing.T) {
	var out bytes.Buffer
	if err := draw(&out, []agents.Agent{{ID: "x", Name: "\x1b[2Jgone\r\n"}}, "\x1b[1m"); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "\x1b"); n != 2 {
		t.Errorf("%d escapes in %q", n, &out)
	}
}

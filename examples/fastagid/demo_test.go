package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/internal/asterisktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// printed is what the test reads of a line of the demo.
type printed struct {
	Schema, Direction, Result string
	Missed                    bool
	TalkSeconds               float64 `json:"talk_seconds"`
	Caller                    struct{ Number string }
	Variables                 map[string]string
}

// syncBuffer is a buffer that may be read while it is written.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// TestDemo runs the demo until it has shown what it is there to show, looks at its metrics, ends it as Ctrl-C does, and
// looks for what it has left behind.
func TestDemo(t *testing.T) {
	asterisktest.Require(t)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	lines, stdout := io.Pipe()
	stderr := &syncBuffer{}
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"-demo"}, stdout, stderr)
		stdout.Close()
	}()

	told := map[string]int{}
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(nil, 1<<20)
	enough := false
	for scanner.Scan() {
		call := readCall(t, scanner.Bytes())
		told[call.Result]++
		told["all"]++
		if !enough && told["all"] >= 8 && told["answered"] > 0 && told["missed"] > 0 {
			enough = true
			checkPages(t, stderr.String())
			interrupt()
		}
	}
	if got := <-code; got != exitOK || !enough {
		t.Errorf("exit code %d after calls %v; it said:\n%s", got, told, stderr)
	}
	left, err := os.ReadDir(temp)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// readCall reads and checks one line of the demo's output.
func readCall(t *testing.T, line []byte) printed {
	t.Helper()
	var call printed
	if err := json.Unmarshal(line, &call); err != nil {
		t.Errorf("%v: %s", err, line)
	}
	if call.Schema != "call/1" || call.Direction != "inbound" {
		t.Errorf("want an inbound call in schema call/1: %s", line)
	}
	if got, want := call.Variables[deskVariable], helpDesk.deskFor(call.Caller.Number); got != want {
		t.Errorf("desk %q, want %q: %s", got, want, line)
	}
	if (call.Result == "answered") != (call.TalkSeconds > 0) {
		t.Errorf("result %s and %v s of talk: %s", call.Result, call.TalkSeconds, line)
	}
	return call
}

var pages = regexp.MustCompile(`(metrics|health)=(http://\S+)`)

// checkPages reads the pages whose addresses the demo has told.
func checkPages(t *testing.T, said string) {
	t.Helper()
	found := map[string]string{}
	for _, m := range pages.FindAllStringSubmatch(said, -1) {
		found[m[1]] = get(t, m[2])
	}
	if found["health"] != "ok\n" {
		t.Errorf("/healthz says %q", found["health"])
	}
	for _, series := range []string{
		`asterisk_agi_sessions_total{pbx="demo",result="ok",script="helpdesk"} `,
		`asterisk_ami_events_total{event="Newchannel",pbx="demo"} `,
		`asterisk_ami_up{pbx="demo"} 1`,
		`asterisk_calls_total{direction="inbound",pbx="demo",result="answered"} `,
		`asterisk_calls_total{direction="inbound",pbx="demo",result="missed"} `,
	} {
		if !strings.Contains(found["metrics"], series) {
			t.Errorf("/metrics has no %s in\n%s", series, found["metrics"])
		}
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("%s: %s, %v", url, response.Status, err)
	}
	return string(text)
}

func TestWrongCommandLine(t *testing.T) {
	for args, want := range map[string]string{
		"":                 "want one of -config FILE, check FILE and -demo",
		"-demo -for -1s":   "a duration cannot be negative",
		"-demo help":       `what is "help" for?`,
		"-demo -for never": "invalid value",
		"-nonsense":        "flag provided but not defined",
	} {
		var stderr bytes.Buffer
		if code := run(t.Context(), strings.Fields(args), io.Discard, &stderr); code != exitUsage {
			t.Errorf("%q: exit code %d", args, code)
		}
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("%q: no %q in %s", args, want, stderr.String())
		}
	}
	if code := run(t.Context(), []string{"-h"}, io.Discard, io.Discard); code != exitOK {
		t.Errorf("-h: exit code %d", code)
	}
}

// A port that is taken is told in one line that says what to do.
func TestPortTaken(t *testing.T) {
	first, err := observe(t.Context(), "127.0.0.1:0", sights{registry: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	defer first.close()
	_, err = observe(t.Context(), first.addr, sights{registry: prometheus.NewRegistry()})
	if err == nil || !strings.Contains(err.Error(), "choose another address") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error: %v", err)
	}
}

func TestUnhealthy(t *testing.T) {
	page, err := observe(t.Context(), "127.0.0.1:0", sights{
		registry: prometheus.NewRegistry(),
		healthy:  func() error { return errors.New("not connected") },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer page.close()
	response, err := http.Get("http://" + page.addr + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("status %s", response.Status)
	}
	http.DefaultClient.CloseIdleConnections()
}

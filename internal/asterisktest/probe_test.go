package asterisktest_test

import (
	"bufio"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/internal/asterisktest"
)

func cli(t *testing.T, a *asterisktest.Asterisk, command string) string {
	t.Helper()
	out, err := a.CLI(t.Context(), command)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func readLine(t *testing.T, address string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

func getARI(t *testing.T, a *asterisktest.Asterisk, path string) (status int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+a.HTTP.String()+"/ari/"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(asterisktest.Username, asterisktest.Secret)
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// processes returns the ids of the processes whose command line names the directory.
func processes(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var pids []string
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(line), dir) {
			pids = append(pids, filepath.Base(filepath.Dir(file)))
		}
	}
	return pids
}

// eventually waits for what another process does.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("in vain: %s", what)
		}
	}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want %q", parts)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("the error has several lines: %q", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error is %q\nwant in it %q", err, part)
		}
	}
}

// skipWithoutAsterisk ends the test where there is no Asterisk to run.
func skipWithoutAsterisk(t *testing.T, err error) {
	t.Helper()
	if os.Getenv(asterisktest.Environment) == "none" {
		t.Skip(err)
	}
}

package asterisktest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/internal/asterisktest"
)

// childVariable makes the test binary play a program that starts an Asterisk, prints where it is, and waits to be killed.
const childVariable = "ASTERISKTEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		child()
	}
	goleak.VerifyTestMain(m)
}

func child() {
	a, err := asterisktest.Run(context.Background(), asterisktest.Config{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(a.Dir)
	select {}
}

func TestStartGivesARunningAsterisk(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"extensions.conf": "[demo]\nexten => 600,1,Answer()\n",
		"pjsip.conf":      "[alice]\ntype = endpoint\n",
		"manager.conf":    "[general](+)\ndisplayconnects = no\n",
	}})

	if out := cli(t, a, "core show version"); !strings.Contains(out, a.Version) {
		t.Errorf("Version is %q, Asterisk says %q", a.Version, out)
	}
	if out := cli(t, a, "dialplan show 600@demo"); !strings.Contains(out, "Answer()") {
		t.Errorf("the caller's dialplan is not there: %s", out)
	}
	if out := cli(t, a, "pjsip show endpoints"); !strings.Contains(out, "alice") {
		t.Errorf("the caller's endpoint is not there: %s", out)
	}
	if out := cli(t, a, "pjsip show transports"); !strings.Contains(out, a.SIP.String()) {
		t.Errorf("no SIP transport on %s: %s", a.SIP, out)
	}
	if banner := readLine(t, a.AMI.String()); !strings.HasPrefix(banner, "Asterisk Call Manager/") {
		t.Errorf("AMI banner is %q", banner)
	}
	if status := getARI(t, a, "asterisk/info"); status != http.StatusOK {
		t.Errorf("ARI answers %d", status)
	}
	if info, err := os.Stat(filepath.Join(a.Dir, "spool", "recording")); err != nil || !info.IsDir() {
		t.Errorf("ARI cannot record: %v", err)
	}
}

func TestPromptsAndMusic(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"extensions.conf": `
[prompts]
exten => 600,1,Answer()
 same => n,Playback(beep)
 same => n,Set(DB(prompts/beep)=${PLAYBACKSTATUS})
`}})
	if out := cli(t, a, "moh show files"); !strings.Contains(out, "hum") {
		t.Errorf("no music on hold: %s", out)
	}
	if out := cli(t, a, "channel originate Local/600@prompts application Wait 1"); out != "" {
		t.Log(out)
	}
	eventually(t, "the dialplan has run", func() bool {
		return strings.Contains(cli(t, a, "database show prompts"), "/prompts/")
	})
	if out := cli(t, a, "database show prompts"); !strings.Contains(out, "SUCCESS") {
		t.Errorf("a prompt could not be played: %s", out)
	}
}

func TestSeveralAtOnce(t *testing.T) {
	const instances = 3
	started := make(chan *asterisktest.Asterisk, instances)
	for range instances {
		go func() {
			a, err := asterisktest.Run(t.Context(), asterisktest.Config{})
			if err != nil {
				t.Error(err)
			}
			started <- a
		}()
	}
	seen := map[string]bool{}
	for range instances {
		a := <-started
		if a == nil {
			continue
		}
		for _, address := range []string{a.Dir, a.AMI.String(), a.HTTP.String(), "udp " + a.SIP.String()} {
			if seen[address] {
				t.Errorf("%s is used twice", address)
			}
			seen[address] = true
		}
		if err := a.Stop(); err != nil {
			t.Error(err)
		}
	}
}

func TestStopLeavesNothing(t *testing.T) {
	a, err := asterisktest.Run(t.Context(), asterisktest.Config{})
	skipWithoutAsterisk(t, err)
	if pids := processes(t, a.Dir); len(pids) == 0 {
		t.Fatal("no process found of a running Asterisk: this test cannot see them")
	}
	for range 2 { // the second changes nothing
		if err := a.Stop(); err != nil {
			t.Error(err)
		}
	}
	if pids := processes(t, a.Dir); len(pids) > 0 {
		t.Errorf("processes left: %v", pids)
	}
	if _, err := os.Stat(a.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left: %v", a.Dir, err)
	}
}

// A test binary that is killed cannot clean up: the kernel must.
func TestKilledParentLeavesNoAsterisk(t *testing.T) {
	asterisktest.Start(t, asterisktest.Config{}) // skips or fails for its reason, and fetches what the child needs
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	dir := strings.TrimSpace(line)
	if err != nil || !filepath.IsAbs(dir) {
		t.Fatalf("the child says %q, %v", line, err)
	}
	defer os.RemoveAll(dir)
	if len(processes(t, dir)) == 0 {
		t.Fatal("the child's Asterisk does not run")
	}

	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) {
		t.Fatalf("the child ended with %v", err)
	}
	eventually(t, "Asterisk has ended", func() bool { return len(processes(t, dir)) == 0 })
}

func TestKillIsACrash(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{})
	a.Kill()
	if pids := processes(t, a.Dir); len(pids) > 0 {
		t.Errorf("processes left: %v", pids)
	}
	if _, err := os.Stat(a.Dir); err != nil {
		t.Errorf("a crash removes no files: %v", err)
	}
}

func TestTakenPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := uint16(l.Addr().(*net.TCPAddr).Port)
	_, err = asterisktest.Run(t.Context(), asterisktest.Config{AMI: port})
	wantError(t, err, "AMI port "+strconv.Itoa(int(port))+"/tcp on 127.0.0.1 is not free", "choose another")
}

func TestBrokenConfiguration(t *testing.T) {
	tests := []struct {
		name, file, text string
		want             string
	}{
		{"section not closed", "extensions.conf", "; first line\n[demo\n", "extensions.conf:2: Asterisk says: parse error: no closing ']'"},
		{"no equal sign", "extensions.conf", "[demo]\nnonsense\n", "extensions.conf:2: Asterisk says: No '=' (equal sign)"},
		{"bad priority", "extensions.conf", "[demo]\n\nexten => 100,Answer()\n", "extensions.conf:3: Asterisk says: Invalid priority/label 'Answer'"},
		{"bad SIP endpoint", "pjsip.conf", "[alice]\ntype = endpoint\nallow_overlap = perhaps\nnosuchoption = 1\n", "pjsip.conf: Asterisk says: Could not create an object of type 'endpoint' with id 'alice'"},
		{"line after a default", "manager.conf", "[general](+)\nnonsense\n", "manager.conf:2: Asterisk says: No '=' (equal sign)"},
		{"name with a path", "../extensions.conf", "", `"../extensions.conf" is not the name of a configuration file`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, err := asterisktest.Run(t.Context(), asterisktest.Config{Files: map[string]string{test.file: test.text}})
			skipWithoutAsterisk(t, err)
			if a != nil {
				t.Errorf("it runs nevertheless; stopped: %v", a.Stop())
			}
			wantError(t, err, "asterisktest: "+test.want)
		})
	}
}

func TestChoiceOfAsterisk(t *testing.T) {
	tests := []struct{ name, value, want string }{
		{"none", "none", "ASTERISM_ASTERISK=none: this needs a real Asterisk"},
		{"unknown word", "17", "ASTERISM_ASTERISK=17: want the path of an asterisk binary, 22, 16 or none"},
		{"no such file", "/nonexistent/asterisk", "is not a program: name the asterisk binary itself"},
		{"directory", "/tmp/", "is not a program: name the asterisk binary itself"},
		{"another program", "/bin/echo", "does not name a version of Asterisk"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(asterisktest.Environment, test.value)
			_, err := asterisktest.Run(t.Context(), asterisktest.Config{})
			wantError(t, err, test.want)
		})
	}
}

func TestLongTemporaryDirectory(t *testing.T) {
	asterisktest.Start(t, asterisktest.Config{}) // skips or fails for its reason
	long := filepath.Join(t.TempDir(), strings.Repeat("x", 100))
	if err := os.Mkdir(long, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", long)
	_, err := asterisktest.Run(t.Context(), asterisktest.Config{})
	wantError(t, err, "set TMPDIR to a shorter directory")
}

func TestStartSkipsOnlyIfToldTo(t *testing.T) {
	for value, want := range map[string]string{"none": "skipped", "17": "fatal"} {
		t.Setenv(asterisktest.Environment, value)
		fake := &verdict{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			asterisktest.Start(fake, asterisktest.Config{})
		}()
		<-done
		if fake.said != want {
			t.Errorf("with %s=%s a test is %q, want %q", asterisktest.Environment, value, fake.said, want)
		}
	}
}

// verdict is a test of which only the end matters.
type verdict struct {
	testing.TB
	said string
}

func (v *verdict) Skipf(string, ...any)  { v.end("skipped") }
func (v *verdict) Fatalf(string, ...any) { v.end("fatal") }

func (v *verdict) end(said string) {
	v.said = said
	runtime.Goexit()
}

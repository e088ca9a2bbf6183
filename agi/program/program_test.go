package program_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
	"github.com/asterism-go/asterism/agi/program"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/debpkg"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

const readEnvironment = `#!/bin/sh
while read line && [ -n "$line" ]; do
  case "$line" in
  agi_callerid:*) caller=${line#agi_callerid: };;
  agi_arg_2:*) second=${line#agi_arg_2: };;
  agi_network*) network=1;;
  esac
done
`

func TestShell(t *testing.T) {
	path := script(t, readEnvironment+`
echo "SET VARIABLE CALLER $caller-$second-$1-$2-$3-$LANG-$SECRET-$network"
read reply
echo "SET VARIABLE REPLY \"$reply\""
read reply
echo "NO SUCH COMMAND"
read reply
echo "SET VARIABLE UNKNOWN \"$reply\""
read reply
`)
	t.Setenv("SECRET", "of the server")
	c := agitest.Channel{
		Environment: agi.Environment{CallerID: "42", Args: []string{"a", "b"}},
		Replies:     map[string][]string{"NO": {"510 Invalid or unknown command"}},
	}
	got := agitest.Call(t, &program.Handler{Path: path, Args: []string{"--x"}, Env: []string{"LANG=C"}}, c)
	want := map[string]string{"CALLER": "42-b---x-a-b-C--", "REPLY": "200 result=1", "UNKNOWN": "510 Invalid or unknown command"}
	for name, value := range want {
		if got.Variables[name] != value {
			t.Errorf("%s is %q, want %q", name, got.Variables[name], value)
		}
	}
	if got.Status != "SUCCESS" {
		t.Errorf("status %s", got.Status)
	}
}

func TestUsageIsPassedOnWhole(t *testing.T) {
	path := script(t, readEnvironment+`
echo "SAY DIGITS"
read a; read b; read c
echo "SET VARIABLE USAGE \"$a|$b|$c\""
read reply
`)
	c := agitest.Channel{Replies: map[string][]string{"SAY DIGITS": {
		"520-Invalid command syntax.  Proper usage follows:\nUsage: SAY DIGITS\n520 End of proper usage.",
	}}}
	want := "520-Invalid command syntax.  Proper usage follows:|Usage: SAY DIGITS|520 End of proper usage."
	if got := agitest.Call(t, &program.Handler{Path: path}, c); got.Variables["USAGE"] != want {
		t.Errorf("the program saw %q", got.Variables["USAGE"])
	}
}

// lockedBuffer is a buffer that may be read while it is written.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func TestFailures(t *testing.T) {
	var said lockedBuffer
	for name, handler := range map[string]*program.Handler{
		"not there":   {Path: "/no/such/program"},
		"status 3":    {Path: script(t, readEnvironment+"echo oops >&2\nexit 3\n"), Logger: slog.New(slog.NewTextHandler(&said, nil))},
		"two in one":  {Path: script(t, readEnvironment+"printf 'NOOP\\0HANGUP\\n'\nread reply\ncase \"$reply\" in 520*) exit 4;; esac\n")},
		"endless":     {Path: script(t, readEnvironment+"head -c 100000 /dev/zero | tr '\\0' x\n")},
		"many words":  {Path: script(t, readEnvironment+"echo NOOP $(seq 200)\nread reply\ncase \"$reply\" in 520*) exit 5;; esac\n")},
		"no newlines": {Path: script(t, readEnvironment+"head -c 20000 /dev/zero | tr '\\0' x; sleep 60\n")},
	} {
		if got := agitest.Call(t, handler, agitest.Channel{}); got.Status != "FAILURE" || len(got.Commands) > 0 {
			t.Errorf("%s: %s after %q", name, got.Status, got.Commands)
		}
	}
	said.mu.Lock()
	defer said.mu.Unlock()
	if !strings.Contains(said.buf.String(), "text=oops") {
		t.Errorf("what the program says to standard error is not logged: %s", said.buf.String())
	}
}

// A program is told of the hangup by SIGHUP, may go on with what a dead channel permits, and is killed if it does not end.
func TestHangup(t *testing.T) {
	path := script(t, `#!/bin/sh
trap 'gone=1' HUP
`+strings.TrimPrefix(readEnvironment, "#!/bin/sh\n")+`
echo "ANSWER"
read reply
while [ -z "$gone" ]; do sleep 0.05; done
echo "SET VARIABLE CLEANED up"
read reply
`)
	got := agitest.Call(t, &program.Handler{Path: path}, agitest.Channel{HangupAfter: 1})
	if got.Status != "HANGUP" || got.Variables["CLEANED"] != "up" {
		t.Errorf("outcome %+v", got)
	}
	stubborn := script(t, "#!/bin/sh\ntrap '' HUP\n"+readEnvironment+"echo ANSWER\nread reply\nwhile :; do sleep 60; done\n")
	got = agitest.Call(t, &program.Handler{Path: stubborn, Grace: 200 * time.Millisecond}, agitest.Channel{HangupAfter: 1})
	if got.Status != "HANGUP" {
		t.Errorf("outcome %+v", got)
	}
}

// That is so also in a daemon that ignores SIGHUP itself, as nohup lets it.
func TestHangupUnderNohup(t *testing.T) {
	ignoring := exec.CommandContext(t.Context(), "sh", "-c", `trap '' HUP; exec "$0" -test.run '^TestHangup$'`, os.Args[0])
	if out, err := ignoring.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// perl returns a program that runs a Perl script with Asterisk::AGI, the AGI library that Perl programs use, unchanged.
func perl(t *testing.T, text string) string {
	t.Helper()
	set := debpkg.Set{Name: "perl-agi", Suite: "bookworm", Packages: []string{"perl", "libasterisk-agi-perl"}}
	root, err := debpkg.Cache{}.Fetch(t.Context(), set)
	if err != nil {
		t.Fatal(err)
	}
	interpreter, err := root.Command(context.Background(), "usr/bin/perl")
	if err != nil {
		t.Fatal(err)
	}
	var include strings.Builder
	for _, dir := range []string{"usr/share/perl5", "usr/share/perl/5.*", "usr/lib/*/perl/5.*", "usr/lib/*/perl-base"} {
		if path, err := root.Path(dir); err == nil {
			include.WriteString(" -I" + path)
		}
	}
	return script(t, fmt.Sprintf("#!/bin/sh\nexec %s %s %s\n", strings.Join(interpreter.Args, " "), include.String(), script(t, text)))
}

const greeter = `use Asterisk::AGI;
my $agi = Asterisk::AGI->new;
my %in = $agi->ReadParse();
$agi->answer();
$agi->set_variable('GREETING', "hello $in{extension}");
my $seen = $agi->get_variable('GREETING');
my $digits = $agi->get_data('beep', 100, 4);
$agi->set_variable('SEEN', "$seen/$digits");
`

func TestPerl(t *testing.T) {
	c := agitest.Channel{Environment: agi.Environment{Extension: "42"}, Replies: map[string][]string{"GET DATA": {"200 result=0123"}}}
	got := agitest.Call(t, &program.Handler{Path: perl(t, greeter), Logger: slog.New(slog.NewTextHandler(t.Output(), nil))}, c)
	if got.Status != "SUCCESS" || got.Variables["SEEN"] != "hello 42/0123" {
		t.Errorf("outcome %+v", got)
	}
}

// TestPerlOnAsterisk lets a real call be served by the same script.
func TestPerlOnAsterisk(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	srv := &agi.Server{Handler: &program.Handler{Path: perl(t, greeter), Logger: slog.New(slog.NewTextHandler(t.Output(), nil))}}
	go func() { served <- srv.Serve(listener) }()
	defer func() {
		srv.Close()
		if err := <-served; !errors.Is(err, agi.ErrServerClosed) {
			t.Error(err)
		}
	}()
	pbx := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"extensions.conf": fmt.Sprintf(`
[default]
exten => 42,1,AGI(agi://%s)
 same => n,Set(DB(perl/seen)=${SEEN}:${AGISTATUS})
`, listener.Addr())}})
	if _, err := pbx.CLI(t.Context(), "channel originate Local/42@default application Wait 20"); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for timeout := time.After(30 * time.Second); ; {
		said, err := pbx.CLI(t.Context(), "database get perl seen")
		if err == nil && strings.Contains(said, "Value: hello 42/:SUCCESS") {
			return
		}
		select {
		case <-tick.C:
		case <-timeout:
			t.Fatalf("the script has set %q, %v", said, err)
		}
	}
}

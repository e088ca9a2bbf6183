package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/ivr/ivrtest"
	"github.com/asterism-go/asterism/ivr/menu"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.yaml")
	if err := os.WriteFile(broken, []byte("start: a\nnodes:\n  a: {play: {prompt: x, next: b}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	silent := filepath.Join(dir, "silent.yaml")
	if err := os.WriteFile(silent, []byte("start: a\nlanguages: [{name: en}]\nnodes:\n  a: {hangup: {prompt: goodbye}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "sounds", "en"), 0o700); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"check helpdesk.yaml": "", "check " + broken: broken + `:3:31: there is no node "b"`, "check " + silent: "", "check": "want the name of a file: check [-sounds FOLDER] FILE",
		"check -sounds " + dir + "/sounds " + silent: silent + `:4:24: there is no sound "goodbye" in en`, "check " + dir + "/none": "open " + dir + "/none: no such file or directory",
		"-nothing": "flag provided but not defined: -nothing", "": "want -agi or -ari, or both; or -demo, -graph FILE, check FILE", "serve": `what is "serve"? There is check FILE, and options`,
	} {
		var out strings.Builder
		err := run(t.Context(), strings.Fields(args), &out, io.Discard)
		if got := fmt.Sprint(err); want != "" && got != want || want == "" && (err != nil || !strings.Contains(out.String(), " nodes, nothing wrong\n")) {
			t.Errorf("%s: %v, want %q; it said %s", args, err, want, &out)
		}
	}
}

func TestGraph(t *testing.T) {
	dir := t.TempDir()
	j, err := openJournal(filepath.Join(dir, "calls.jsonl"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	var cfg menu.Config
	j.into(&cfg)
	for range 7 {
		cfg.Paths(menu.Path{Visits: []menu.Visit{{Node: "language", Outcome: "option 1", To: "hours"}}})
	}
	if err := cfg.Callback(t.Context(), menu.Wish{Number: "1"}); err != nil {
		t.Error(err)
	}
	if err := cfg.Recorded(t.Context(), menu.Message{Name: "x"}); err != nil {
		t.Error(err)
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	args := []string{"-graph", filepath.Join(dir, "menu.svg"), "-journal", filepath.Join(dir, "calls.jsonl")}
	if err := run(t.Context(), args, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	svg, err := os.ReadFile(args[1])
	if err != nil || !strings.Contains(string(svg), "<svg") || !strings.Contains(string(svg), "7 calls") {
		t.Errorf("%v: %.200s", err, svg)
	}
}

// scripts are what callers press at once, all of it, and where that leads.
var scripts = []struct{ digits, want string }{
	{"1112345671", "language:option 1 hours:open main:option 1 school:next confirm:option 1 network:sent on"},
	{"2111234567217654321", "language:option 2 hours:open main:option 1 school:next confirm:option 2 school:next confirm:option 1 network:sent on"},
	{"2111234567*1765432#*0", "language:option 2 hours:open main:option 1 school:next confirm:back main:option 1 school:back main:operator desk:sent on"},
	{"320007#", "language:option 3 hours:open main:option 2 pin:right accounts:sent on"},
	{"321#22222222#0007", "language:option 3 hours:open main:option 2 pin:right accounts:sent on"},
	{"1366426623#1", "language:option 1 hours:open main:option 3 names:found person:sent on"},
	{"137272#2*0", "language:option 1 hours:open main:option 3 names:back main:operator desk:sent on"},
	{"34203", "language:option 3 hours:open main:option 4 extension:sent on"},
	{"351", "language:option 3 hours:open main:option 5 callback:wished thanks:next bye:hangup"},
	{"352" + "6971234567#", "language:option 3 hours:open main:option 5 callback:wished thanks:next bye:hangup"},
	{"1935*0", "language:option 1 hours:open main:option 9 language:option 3 hours:open main:option 5 callback:back main:operator desk:sent on"},
	{"0", "language:operator desk:sent on"},
	{"888112345670", "language:no match hours:open main:option 1 school:next confirm:operator desk:sent on"},
}

// listening is a caller who waits for what he hears.
var listening = []struct {
	press          string
	language, text string // what is heard before, empty: nothing
}{
	{"", "el", "Για ελληνικά πατήστε ένα."},
	{"", "en", "For English press three."},
	{"1", "el", "Για βλάβη δικτύου πατήστε ένα. Για λογαριασμούς δύο. Για κλήση με το όνομα τρία. Για εσωτερικό τέσσερα. Για να σας καλέσουμε πέντε."},
	{"9", "fa", "برای فارسی عدد دو را فشار دهید."},
	{"2", "fa", "به پشتیبانی شبکه مدارس خوش آمدید."},
	{"8", "fa", "این گزینه وجود ندارد."},
	{"51", "fa", "خدا نگهدار."},
}

const listened = "language:option 1 hours:open main:option 9 language:option 2 hours:open main:option 5 callback:wished thanks:next bye:hangup"

// toneSpeaker is the voice of the lab where nobody plays: a sound is called after its tone.
type toneSpeaker struct{}

func (toneSpeaker) Speak(_ context.Context, language, text string) (string, error) {
	return strconv.FormatFloat(toneOf(language, text), 'f', 0, 64), nil
}

// virtually is what becomes of a script without Asterisk, in virtual time.
func virtually(t *testing.T, script ...ivrtest.Step) (path menu.Path) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		set, err := options{}.menus()
		if err != nil {
			t.Fatal(err)
		}
		cfg := menu.Config{
			Env: labEnv, Now: func() time.Time { return weekday }, Speaker: toneSpeaker{},
			Callback: func(context.Context, menu.Wish) error { return nil }, Paths: func(p menu.Path) { path = p },
		}
		engine, err := menu.New(set, cfg)
		if err != nil {
			t.Fatal(err)
		}
		c := &ivrtest.Channel{About: ivr.Info{ID: "1.1", Caller: "2101234567", Language: "en"}}
		if err := ivrtest.Run(t.Context(), c, engine.Serve, script); err != nil {
			t.Errorf("%v: %v", script, err)
		}
	})
	return path
}

// essence is what must be the same of a path on every transport.
func essence(p *menu.Path) string {
	var b strings.Builder
	for i := range p.Visits {
		fmt.Fprintf(&b, "%s %q %s; ", p.Visits[i].Node, p.Visits[i].Inputs, p.Visits[i].Outcome)
	}
	return b.String() + string(p.Outcome) + " " + p.Language
}

func newLab(t *testing.T) (*lab, context.Context) {
	t.Helper()
	asterisktest.Require(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	o, err := parse([]string{"-drain", "1s"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	l, err := openLab(ctx, o, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.close(); err != nil {
			t.Logf("closing the lab: %v", err)
		}
	})
	return l, ctx
}

// TestSamePathsEverywhere has the same callers on ivrtest, over AGI and over ARI, some at once.
func TestSamePathsEverywhere(t *testing.T) {
	l, ctx := newLab(t)
	var wg sync.WaitGroup
	busy := make(chan bool, 12)
	for i, script := range scripts {
		steps := []ivrtest.Step{ivrtest.Press(script.digits), ivrtest.Ended()}
		want := virtually(t, steps...)
		if got := strings.Join(want.Nodes(), " "); got != script.want {
			t.Errorf("%s: %s, want %s", script.digits, got, script.want)
		}
		for _, number := range []string{overAGI, overARI} {
			wg.Go(func() {
				busy <- true
				defer func() { <-busy }()
				l.makes(ctx, t, visit{fmt.Sprintf("%s%08d", number, i), number, script.digits, &want}, press(script.digits))
			})
		}
	}
	wg.Wait()
}

// visit is a call that presses digits and is to take a path.
type visit struct {
	who, number, digits string
	want                *menu.Path
}

// attempts is how often a call is made anew whose digits Asterisk got wrong.
const attempts = 5

// makes has somebody call, and compares the path.
//
// A machine may be so busy that Asterisk tells ARI of digits twice; see package arichannel. Its log says so, and such a call is made
// anew.
func (l *lab) makes(ctx context.Context, t *testing.T, v visit, steps ...step) {
	t.Helper()
	for try := 1; ; try++ {
		c, err := l.caller(ctx, fmt.Sprintf("%s%d", v.who, try)) // another each time, because accounts can be locked
		if err != nil {
			t.Error(err)
			return
		}
		got, err := c.call(ctx, v.number, steps...)
		if err == nil && essence(&got) == essence(v.want) {
			return
		}
		told := l.pbx.Digits(got.Channel)
		if try == attempts || ctx.Err() != nil || v.number != overARI || len(told) <= len(v.digits) {
			t.Errorf("%s: %v:\n got %s\nwant %s", v.number, err, essence(&got), essence(v.want))
			return
		}
		t.Logf("%s: Asterisk was late: of %q it told %q: once more", v.number, v.digits, told)
	}
}

// TestListening has a caller who waits for what he hears, and hears the same everywhere.
func TestListening(t *testing.T) {
	var script []ivrtest.Step
	var digits strings.Builder
	for _, l := range listening {
		digits.WriteString(l.press)
		script = append(script, ivrtest.Press(l.press), ivrtest.Hear(strconv.FormatFloat(toneOf(l.language, l.text), 'f', 0, 64)))
	}
	want := virtually(t, append(script, ivrtest.Ended())...)
	if got := strings.Join(want.Nodes(), " "); got != listened {
		t.Errorf("%s, want %s", got, listened)
	}
	l, ctx := newLab(t)
	for _, number := range []string{overAGI, overARI} {
		var steps []step
		var since time.Time // the last text that was heard began then
		for _, s := range listening {
			steps = append(steps, press(s.press), func(ctx context.Context, call *sipphone.Call) (err error) {
				since, err = heard(ctx, call, toneOf(s.language, s.text), since)
				return err
			})
		}
		l.makes(ctx, t, visit{number + "12345678", number, digits.String(), &want}, steps...)
	}
}

// heard waits until a tone was heard that began after a time, and returns when it did.
func heard(ctx context.Context, call *sipphone.Call, tone float64, after time.Time) (time.Time, error) {
	for over := false; ; {
		for _, h := range call.Heard() {
			if h.Tone == tone && h.From.After(after) {
				return h.From, nil
			}
		}
		if over {
			return after, fmt.Errorf("did not hear %g Hz, but %v", tone, call.Heard())
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-call.Done():
			over = true
		case <-ctx.Done():
			return after, fmt.Errorf("%w; heard %v", context.Cause(ctx), call.Heard())
		}
	}
}

// TestHangupAnywhere hangs up after each digit of some calls, both ways: nothing is left of them.
func TestHangupAnywhere(t *testing.T) {
	l, ctx := newLab(t)
	var wg sync.WaitGroup
	for i, digits := range []string{"111234567", "220007", "13727#", "34", "3526", "19"} {
		for n := range len(digits) {
			for _, number := range []string{overAGI, overARI} {
				wg.Go(func() {
					c, err := l.caller(ctx, fmt.Sprintf("%s%d%02d", number, i, n))
					if err != nil {
						t.Error(err)
						return
					}
					if path, err := c.call(ctx, number, press(digits[:n]), hangUp); err != nil || path.Outcome != menu.HungUp {
						t.Errorf("%s: %s and no more: %v, %s", number, digits[:n], err, essence(&path))
					}
				})
			}
		}
	}
	wg.Wait()
	client := &ari.Client{URL: "http://" + l.pbx.HTTP.String() + "/ari", Username: asterisktest.Username, Password: asterisktest.Secret}
	defer client.Close()
	for {
		channels, err := client.Channels().List(ctx)
		if err != nil {
			t.Fatal(err)
		}
		bridges, err := client.Bridges().List(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if len(channels)+len(bridges) == 0 {
			return
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("left behind: %d channels and %d bridges", len(channels), len(bridges))
		}
	}
}

func TestDemo(t *testing.T) {
	asterisktest.Require(t)
	var out strings.Builder
	if err := run(t.Context(), []string{"-demo", "-drain", "1s"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2*len(demoCalls) || !strings.HasPrefix(lines[0], "600: a teacher with a fault presses 1112345671: language:option 1 ") {
		t.Errorf("it said\n%s", &out)
	}
}

package menu_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/asterism-go/asterism/ivr/ivrtest"
	"github.com/asterism-go/asterism/ivr/menu"
)

func TestMetricsAndCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.Metrics = menu.NewMetrics("lab")
		e := w.engine(t, desk)
		w.play(t, e, caller("2"), press("149")...)
		w.play(t, e, caller("3"), ivrtest.Press("1"), ivrtest.Hear("main"), ivrtest.HangUp())
		c := caller("4")
		c.Missing = []string{"main"}
		path := w.play(t, e, c, press("14")...)
		if !slices.Contains(path.Visits[2].Missing, "main") && path.Visits[2].Inputs[0] == "" {
			t.Errorf("%+v", path.Visits[2])
		}
		want := `# HELP asterisk_ivr_calls Calls in menus.
# TYPE asterisk_ivr_calls gauge
asterisk_ivr_calls{pbx="lab"} 0
# HELP asterisk_ivr_calls_total Calls that left the menus, by outcome.
# TYPE asterisk_ivr_calls_total counter
asterisk_ivr_calls_total{outcome="hung up",pbx="lab"} 1
asterisk_ivr_calls_total{outcome="sent on",pbx="lab"} 2
# HELP asterisk_ivr_nodes Nodes of the menus in use.
# TYPE asterisk_ivr_nodes gauge
asterisk_ivr_nodes{pbx="lab"} 20
`
		if err := testutil.CollectAndCompare(w.Metrics, strings.NewReader(want), "asterisk_ivr_calls", "asterisk_ivr_calls_total", "asterisk_ivr_nodes"); err != nil {
			t.Error(err)
		}
		if problems, err := testutil.CollectAndLint(w.Metrics); err != nil || len(problems) > 0 {
			t.Errorf("%v, %v", problems, err)
		}
		counts := e.Counts()
		if counts.Nodes["main"] != 3 || counts.Hangups["main"] != 1 || counts.Ways[menu.Way{From: "main", To: "dial"}] != 2 {
			t.Errorf("%+v", counts)
		}
		var same menu.Counts
		for _, p := range w.paths {
			same.Add(p)
		}
		if same.Nodes["main"] != 3 || same.Ways[menu.Way{From: "hours", To: "main"}] != 3 {
			t.Errorf("of the paths: %+v", same)
		}
	})
}

// library is sounds by language.
type library map[string]string

func (l library) Has(language, sound string) bool {
	return slices.Contains(strings.Fields(l[language]), sound)
}

// reader is a speaker that notes what it is to say.
type reader struct{ said []string }

func (r *reader) Speak(_ context.Context, language, text string) (string, error) {
	r.said = append(r.said, language+": "+text)
	if text == "hoarse" {
		return "", errors.New("cannot")
	}
	return "/spoken/" + language, nil
}

const speaking = `start: a
languages: [{name: el, fallback: en}, {name: fa, fallback: [en]}, {name: en}]
nodes:
  a: {language: {prompt: {sound: choose, text: {en: Choose}}, options: {1: el, 2: fa, 3: en}, next: b, default: b}}
  b: {play: {prompt: [hello, only-en, {text: {el: "Γεια ${caller}", en: Hi}}, {text: hoarse}, nowhere], next: hangup}}
`

func TestFallbacks(t *testing.T) {
	for digits, want := range map[string]string{
		"1": "play hello play only-en play /spoken/el", "2": "play hello play only-en play /spoken/en", "3": "play hello play only-en play /spoken/en",
	} {
		synctest.Test(t, func(t *testing.T) {
			w, c, voice := newWorld(), caller("210"), &reader{}
			w.Sounds, w.Speaker = library{"el": "hello", "en": "hello only-en", "fa": "other"}, voice
			path := w.play(t, w.engine(t, speaking), c, ivrtest.Hear("/spoken/en"), ivrtest.Press(digits), ivrtest.Ended())
			var heard []string
			for _, note := range c.Notes()[4:] {
				if note.What == "play" {
					heard = append(heard, note.String())
				}
			}
			if got := strings.Join(heard, " "); got != want {
				t.Errorf("heard %s, want %s; it was told %v", got, want, c.Notes())
			}
			if last := path.Visits[1]; !slices.Equal(last.Missing, []string{"text", "nowhere"}) || path.Language != map[string]string{"1": "el", "2": "fa", "3": "en"}[digits] {
				t.Errorf("%+v", path)
			}
			if digits == "1" && !slices.Contains(voice.said, "el: Γεια 210") {
				t.Errorf("it said %q", voice.said)
			}
		})
	}
}

func TestSpeaks(t *testing.T) {
	for prompt, want := range map[string]bool{"x": false, "{text: hello}": true, "[x, {sound: y, text: {en: hello}}]": true, "{number: '1'}": false} {
		set, err := menu.Parse("f.yaml", []byte("start: a\nnodes: {a: {hangup: {prompt: "+prompt+"}}}\n"))
		if err != nil {
			t.Fatalf("%s: %v", prompt, err)
		}
		if got := set.Speaks(); got != want {
			t.Errorf("%s: %v", prompt, got)
		}
	}
}

func TestMissing(t *testing.T) {
	set, err := menu.Parse("f.yaml", []byte(speaking))
	if err != nil {
		t.Fatal(err)
	}
	got := errors.Join(set.Missing(library{"el": "hello", "en": "only-en", "fa": "other"}.Has)...).Error()
	want := strings.Join([]string{
		`f.yaml:5:23: there is no sound "hello" in fa, nor in en`,
		`f.yaml:5:23: there is no sound "hello" in en`,
		`f.yaml:5:95: there is no sound "nowhere" in el, nor in en`,
		`f.yaml:5:95: there is no sound "nowhere" in fa, nor in en`,
		`f.yaml:5:95: there is no sound "nowhere" in en`,
	}, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWatch(t *testing.T) {
	const good = "start: a\nnodes:\n  a: {hangup: {prompt: %}}\n"
	file := filepath.Join(t.TempDir(), "f.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".new", file); err != nil {
			t.Fatal(err)
		}
	}
	write(strings.Replace(good, "%", "one", 1))
	set, err := menu.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	e, err := menu.New(set, menu.Config{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	reports, ended := make(chan error), make(chan error, 1)
	go func() { ended <- e.Watch(ctx, file, time.Millisecond, func(err error) { reports <- err }) }()
	for _, test := range []struct {
		text string
		ok   bool
	}{{"start: [", false}, {strings.Replace(good, "%", "another", 1), true}, {"start: b\n", false}, {strings.Replace(good, "%", "and-one-more", 1), true}} {
		before := e.Set()
		write(test.text)
		if err := <-reports; (err == nil) != test.ok || (e.Set() != before) != test.ok {
			t.Errorf("%q: %v", test.text, err)
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

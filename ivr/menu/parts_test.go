package menu_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/ivr/ivrtest"
	"github.com/asterism-go/asterism/ivr/menu"
	"github.com/asterism-go/asterism/ivr/names"
)

// told are the sounds that a caller was played.
func told(c *ivrtest.Channel) string {
	var list []string
	for _, note := range c.Notes() {
		if note.What == "play" {
			list = append(list, note.Text)
		}
	}
	return strings.Join(list, " ")
}

func TestSaying(t *testing.T) {
	for segment, want := range map[string]string{
		"{number: '${n}'}":                  "digits/40 digits/2",
		"{digits: '0${n}#'}":                "digits/0 digits/4 digits/2 digits/pound",
		"{recording: 'r/${n}'}":             "recording:r/42",
		"{number: '${caller}'}":             "",
		"{money: '${n}', currency: Euro}":   "f.yaml:6:23: money needs a currency, such as EUR",
		"{date: tomorrow}":                  `f.yaml:6:23: "tomorrow" is no time: want now, 2026-12-24 or 2026-12-24T18:00:00+02:00`,
		"{time: 2026-12-24T18:00:00+02:00}": "digits/6 digits/oclock digits/p-m",
		"{money: '-1.5', currency: EUR}":    "digits/minus digits/1 currency/eur-1 vm-and digits/50 currency/eur-cents",
		"{money: '1.505', currency: EUR}":   "",
		"{digits: '7', language: el}":       "digits/7",
		"{number: '7', language: '${id}'}":  "f.yaml:6:23: \"${id}\" is none of the languages",
	} {
		text := "start: a\nlanguages: [{name: en}, {name: el}]\nzone: Europe/Athens\nnodes:\n  a: {set: {values: {n: 42}, next: b}}\n  b: {play: {prompt: " + segment + ", next: hangup}}\n"
		set, err := menu.Parse("f.yaml", []byte(text))
		if err != nil {
			if err.Error() != want {
				t.Errorf("%s: %v, want %s", segment, err, want)
			}
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			e, err := menu.New(set, menu.Config{})
			if err != nil {
				t.Fatal(err)
			}
			c := &ivrtest.Channel{About: ivr.Info{Caller: "anonymous", Language: "en"}}
			if err := c.Call(t.Context(), e.Serve); err != nil || told(c) != want {
				t.Errorf("%s: told %q, want %q; %v", segment, told(c), want, err)
			}
		})
	}
}

// sayer says numbers in German.
type sayer struct{}

func (sayer) Say(language, what string) (sounds []string, ok bool, err error) {
	return []string{"by-rules/" + what}, language == "de", nil
}

// TestSayer holds that values are said by the rules of a say.conf where it has the language.
func TestSayer(t *testing.T) {
	const text = "start: a\nlanguages: [{name: de}, {name: en}]\nnodes:\n" +
		"  a: {play: {prompt: [{number: '42'}, {digits: '7'}, {number: '7', language: en}], next: hangup}}\n"
	set, err := menu.Parse("f.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		e, err := menu.New(set, menu.Config{Sayer: sayer{}})
		if err != nil {
			t.Fatal(err)
		}
		c := &ivrtest.Channel{About: ivr.Info{Language: "de"}}
		if err := c.Call(t.Context(), e.Serve); err != nil || told(c) != "by-rules/num:42 by-rules/digit:7 digits/7" {
			t.Errorf("told %q; %v", told(c), err)
		}
	})
}

// TestSoundMissing holds that a sound that Asterisk has not, in the middle of a prompt, does not cost the caller the rest of it.
func TestSoundMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := newWorld(), caller("")
		c.Missing = []string{"two", "four"}
		path := w.play(t, w.engine(t, "start: a\nnodes:\n  a: {play: {prompt: [one, two, three, four], next: hangup}}\n"), c, ivrtest.Ended())
		if told(c) != "one three" || !slices.Equal(path.Visits[0].Missing, []string{"two", "four"}) {
			t.Errorf("told %q; %+v", told(c), path)
		}
	})
}

// TestTerminator holds that a # behind a full entry belongs to it, for as long as the menus wait for it, and no longer.
func TestTerminator(t *testing.T) {
	const text = "start: a\nnodes:\n  a: {collect: {prompt: x, min: 2, max: 2, terminator: 1s, into: v, next: b}}\n" +
		"  b: {menu: {prompt: y, options: {'#': c, 1: d}, default: d}}\n  c: {hangup: {}}\n  d: {hangup: {}}\n"
	for name, test := range map[string]struct {
		script ivrtest.Script
		want   string
	}{
		"at once":       {ivrtest.Script{ivrtest.Press("12#1")}, "option 1"},
		"in time":       {ivrtest.Script{ivrtest.Press("12"), ivrtest.Wait(900 * time.Millisecond), ivrtest.Press("#1")}, "option 1"},
		"too late":      {ivrtest.Script{ivrtest.Hear("x"), ivrtest.Press("12"), ivrtest.Wait(1100 * time.Millisecond), ivrtest.Press("#")}, "option #"},
		"another digit": {ivrtest.Script{ivrtest.Press("121")}, "option 1"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w, c := newWorld(), caller("")
			path := w.play(t, w.engine(t, text), c, append(test.script, ivrtest.Ended())...)
			if got := path.Visits[1].Outcome; got != test.want {
				t.Errorf("%s: %s, want %s", name, got, test.want)
			}
		})
	}
}

func TestHooks(t *testing.T) {
	const text = "start: a\nnodes:\n  a: {queue: {name: q, variables: {WHO: 'x${caller}'}, next: b}}\n" +
		"  b: {pin: {prompt: x, check: bank, next: c, default: d}}\n  c: {directory: {prompt: x, people: team, confirm: y, into: who, next: e}}\n" +
		"  d: {hangup: {}}\n  e: {transfer: {context: staff, extension: '${who}'}}\n"
	for name, test := range map[string]struct {
		queue error
		want  string
		fails bool
	}{
		"given back":     {nil, "a:given back b:right c:found e:sent on", false},
		"gone elsewhere": {ivr.ErrContinued, "a:sent on", false},
		"broken":         {errors.New("no queue"), "a:failed", true},
	} {
		synctest.Test(t, func(t *testing.T) {
			w, c := newWorld(), caller("7")
			w.Queue = func(_ context.Context, s *menu.Session, queue string) error {
				if queue != "q" || s.Node() != "a" || s.Call().Info().Caller != "7" {
					t.Errorf("queue %s at node %s", queue, s.Node())
				}
				return test.queue
			}
			w.PINs = map[string]menu.PINs{"bank": func(_ context.Context, account string) ([]string, error) { return []string{"", account + "777"}, nil }}
			w.People = map[string]*names.Index{"team": names.New(nil)}
			e := w.engine(t, text)
			e.SetPeople("team", names.New([]names.Person{{Name: "Ann Lee", Extension: "9"}}))
			c.Press(t.Context(), "7777#533#1") //nolint:errcheck // nobody has hung up
			err := c.Call(t.Context(), e.Serve)
			path := w.paths[0]
			if got := strings.Join(path.Nodes(), " "); (err != nil) != test.fails || c.Variables()["WHO"] != "x7" ||
				got != test.want {
				t.Errorf("%s: %s, want %s; %v, %v", name, got, test.want, err, c.Variables())
			}
		})
	}
}

func TestLanguagesAndNodes(t *testing.T) {
	set, err := menu.Parse("f.yaml", []byte(desk))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(set.Languages(), []string{"en", "el"}) || set.Start() != "welcome" || set.Kind("crm") != "webhook" || set.Kind("x") != "" || len(set.Names()) != set.Nodes() {
		t.Errorf("%q, %q, %q", set.Languages(), set.Start(), set.Names())
	}
	if !slices.Contains(set.Edges(), menu.Edge{From: "main", To: "more", Label: "2 more"}) ||
		!slices.Contains(set.Edges(), menu.Edge{From: "more", To: "person", Label: "0"}) || !slices.Contains(set.Edges(), menu.Edge{From: "hours", To: "night", Label: "closed", Silent: true}) {
		t.Errorf("%+v", set.Edges())
	}
}

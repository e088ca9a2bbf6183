package menu_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/ivr/ivrtest"
	"github.com/asterism-go/asterism/ivr/menu"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// desk is a help desk for tests: a bit of everything.
const desk = `start: welcome
operator: person
keys: {operator: "0", back: "*"}
languages: [{name: en}, {name: el, fallback: en}]
defaults: {first_digit: 4s, inter_digit: 2s, no_input: [still-there, hurry], no_match: wrong, max_no_input: 3, max_no_match: 2, default: operator}
calendars:
  office: {zone: Europe/Athens, hours: "Mon-Fri 08:00-15:00", holidays: [12-25]}
webhooks:
  crm: {url: "http://127.0.0.1:1/ask", secret_env: CRM_KEY, deadline: 2s}
directories:
  staff:
    - {name: Μαρία Παπαδοπούλου, extension: 201}
    - {name: Petros Papas, extension: 202, sound: names/papas}
    - {name: محمد رضایی, extension: 203}
nodes:
  welcome: {language: {prompt: [{sound: press-1, language: en}, {sound: press-2, language: el}], options: {1: en, 2: el}, next: hours, default: hours}}
  hours: {hours: {calendar: office, override: OFFICE, open: main, closed: night, holiday: feast}}
  feast: {play: {prompt: feast, next: night}}
  night: {record: {prompt: leave-message, max: 30s, silence: 5s, review: review, next: bye, empty: bye}}
  main:
    menu:
      prompt: main
      options: {1: sales, 12: account, 2: {goto: more, label: more}, 3: names, 4: dial, 5: callback, 6: crm, 7: balance, "#": bye}
  more: {menu: {prompt: more, fresh: true, options: {1: main, 2: again, 9: back}, no_input: [a, b], on_no_match: bye}}
  sales: {queue: {name: sales, context: queues, variables: {LANG_WANTED: "${language}"}}}
  account: {collect: {prompt: account, min: 4, max: 6, terminator: 1s, pattern: '[1-9].*', into: account, next: secret}}
  secret: {pin: {prompt: pin, max: 4, secret_env: PIN, account: "${account}", lockout: 3, lockout_for: 10m, locked: locked, next: told}}
  locked: {hangup: {prompt: locked}}
  told: {play: {prompt: [your-account, {recording: "greet/${account}"}], next: bye}}
  names: {directory: {prompt: type-name, people: staff, confirm: is-it, next: call}}
  call: {transfer: {context: staff, extension: "${extension}", failed: operator}}
  dial: {extension: {prompt: dial, patterns: [2XX, 9], context: internal}}
  callback: {callback: {prompt: your-number, number: other-number, topic: "from ${dialed}", next: bye, failed: operator}}
  crm: {webhook: {server: crm, send: [account], set: [vip], targets: [sales, bye], failed: operator}}
  balance: {action: {name: balance, targets: {rich: bye}, sets: [euros], next: vip, failed: operator}}
  vip: {switch: {value: euros, cases: {"0": bye}, default: sales}}
  person: {transfer: {to: PJSIP/100, failed: bye}}
  bye: {hangup: {prompt: bye}}
`

func env(name string) string {
	return map[string]string{"CRM_KEY": "whsec_c2VjcmV0LWtleS1mb3ItdGVzdHM=", "PIN": "1234,0007"}[name]
}

// open is a moment at which the office is open.
var open = time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)

// world is what the tests' menus need.
type world struct {
	menu.Config
	at       time.Time
	wishes   []menu.Wish
	messages []menu.Message
	paths    []menu.Path
}

func newWorld() *world {
	w := &world{at: open}
	w.Config = menu.Config{
		Env: env, Now: func() time.Time { return w.at },
		Callback: func(_ context.Context, wish menu.Wish) error { w.wishes = append(w.wishes, wish); return nil },
		Recorded: func(_ context.Context, m menu.Message) error { w.messages = append(w.messages, m); return nil },
		Paths:    func(p menu.Path) { w.paths = append(w.paths, p) },
		Actions: map[string]menu.Action{"balance": func(_ context.Context, s *menu.Session) (string, error) {
			s.SetValue("euros", "0")
			switch s.Value("caller") {
			case "rich":
				return "rich", nil
			case "broken":
				return "", errors.New("no bank today")
			}
			return "", nil
		}},
	}
	return w
}

func (w *world) engine(t *testing.T, text string) *menu.Engine {
	t.Helper()
	set, err := menu.Parse("desk.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	e, err := menu.New(set, w.Config)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// play lets a caller go through menus by a script, and returns the path.
func (w *world) play(t *testing.T, e *menu.Engine, c *ivrtest.Channel, script ...ivrtest.Step) menu.Path {
	t.Helper()
	if err := ivrtest.Run(t.Context(), c, e.Serve, script); err != nil {
		t.Errorf("%v; it was told %v", err, c.Notes())
	}
	return w.paths[len(w.paths)-1]
}

// press is a caller who presses all at once and then waits for the end.
func press(digits string) []ivrtest.Step {
	return []ivrtest.Step{ivrtest.Press(digits), ivrtest.Ended()}
}

func caller(number string) *ivrtest.Channel {
	return &ivrtest.Channel{About: ivr.Info{ID: "1.1", Caller: number, Dialed: "600", Language: "en"}}
}

func TestPaths(t *testing.T) {
	for name, test := range map[string]struct {
		script []ivrtest.Step
		want   string
		last   string // of what the channel was told
	}{
		"queue, by a pause":   {press("11"), "welcome:option 1 hours:open main:option 1 sales:sent on", "continue queues,sales,1"},
		"nobody there":        {[]ivrtest.Step{ivrtest.Ended()}, "welcome:no input hours:open main:no input person:sent on", "transfer PJSIP/100"},
		"wrong twice":         {press("188"), "welcome:option 1 hours:open main:no match person:sent on", "transfer PJSIP/100"},
		"operator":            {press("10"), "welcome:option 1 hours:open main:operator person:sent on", "transfer PJSIP/100"},
		"the end":             {press("1#"), "welcome:option 1 hours:open main:option # bye:hangup", "hangup "},
		"more, and back":      {[]ivrtest.Step{ivrtest.Press("112"), ivrtest.Hear("account"), ivrtest.Press("*"), ivrtest.Hear("main"), ivrtest.Press("2"), ivrtest.Hear("more"), ivrtest.Press("9"), ivrtest.Hear("main"), ivrtest.Press("#"), ivrtest.Ended()}, "welcome:option 1 hours:open main:option 12 account:back", ""},
		"dial":                {press("14204"), "welcome:option 1 hours:open main:option 4 dial:sent on", "continue internal,204,1"},
		"dial, one digit":     {press("149"), "welcome:option 1 hours:open main:option 4 dial:sent on", "continue internal,9,1"},
		"call back":           {press("151"), "welcome:option 1 hours:open main:option 5 callback:wished bye:hangup", "hangup "},
		"call back elsewhere": {press("1526971234567#"), "welcome:option 1 hours:open main:option 5 callback:wished bye:hangup", "hangup "},
		"server down":         {press("16"), "welcome:option 1 hours:open main:option 6 crm:failed person:sent on", "transfer PJSIP/100"},
		"action":              {press("17"), "welcome:option 1 hours:open main:option 7 balance:next vip:case 0 bye:hangup", "hangup "},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, c := newWorld(), caller("2101234567")
				path := w.play(t, w.engine(t, desk), c, test.script...)
				got := strings.Join(path.Nodes(), " ")
				if test.last == "" {
					if !strings.HasPrefix(got, test.want) {
						t.Errorf("path %s, want %s...", got, test.want)
					}
					return
				}
				notes := c.Notes()
				if got != test.want || notes[len(notes)-1].String() != test.last {
					t.Errorf("path %s, want %s; told %v, want %s last", got, test.want, notes, test.last)
				}
			})
		})
	}
}

func TestEscalation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := newWorld(), caller("")
		w.play(t, w.engine(t, desk), c, ivrtest.Press("1"), ivrtest.Hear("main"), ivrtest.Hear("still-there"), ivrtest.Hear("main"),
			ivrtest.Press("8"), ivrtest.Hear("wrong"), ivrtest.Hear("main"), ivrtest.Hear("hurry"), ivrtest.Hear("main"), ivrtest.Ended())
		main := w.paths[0].Visits[2]
		if want := []string{"", "8", "", ""}; !slices.Equal(main.Inputs, want) || main.Outcome != "no input" {
			t.Errorf("%+v, want the inputs %q", main, want)
		}
		if want := []string{"main", "still-there", "main", "wrong", "main", "hurry", "main"}; !slices.Equal(main.Prompts, want) {
			t.Errorf("prompts %q, want %q", main.Prompts, want)
		}
	})
}

func TestHoursAndOverride(t *testing.T) {
	for name, test := range map[string]struct {
		at       time.Time
		override string
		want     string
	}{
		"open":             {open, "", "open"},
		"at night":         {open.Add(10 * time.Hour), "", "closed"},
		"holiday":          {time.Date(2026, 12, 25, 10, 0, 0, 0, time.UTC), "", "holiday"},
		"closed by switch": {open, "Closed", "closed"},
		"open by switch":   {open.Add(10 * time.Hour), "open", "open"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, c := newWorld(), caller("")
				w.at = test.at
				if test.override != "" {
					c.SetVariable("GLOBAL(OFFICE)", test.override)
				}
				path := w.play(t, w.engine(t, desk), c, ivrtest.Press("1"), ivrtest.Wait(time.Second), ivrtest.HangUp())
				if got := path.Visits[1].Outcome; got != test.want {
					t.Errorf("%s, want %s", got, test.want)
				}
			})
		})
	}
}

func TestMessage(t *testing.T) {
	for name, test := range map[string]struct {
		script  []ivrtest.Step
		silent  bool
		outcome string
		kept    int
	}{
		"kept":              {[]ivrtest.Step{ivrtest.Wait(4 * time.Second), ivrtest.Press("#"), ivrtest.Hear("review"), ivrtest.Press("1"), ivrtest.Ended()}, false, "recorded", 1},
		"heard, then again": {[]ivrtest.Step{ivrtest.Wait(4 * time.Second), ivrtest.Press("#"), ivrtest.Hear("review"), ivrtest.Press("2"), ivrtest.Hear("recording:night-1.1"), ivrtest.Hear("review"), ivrtest.Press("3"), ivrtest.Hear("leave-message"), ivrtest.Wait(6 * time.Second), ivrtest.Press("#"), ivrtest.Press("1"), ivrtest.Ended()}, false, "recorded", 1},
		"no word about it":  {[]ivrtest.Step{ivrtest.Wait(4 * time.Second), ivrtest.Press("#"), ivrtest.Ended()}, false, "recorded", 1},
		"nothing said":      {[]ivrtest.Step{ivrtest.Wait(1100 * time.Millisecond), ivrtest.Press("#"), ivrtest.Ended()}, false, "empty", 0},
		"hung up within":    {[]ivrtest.Step{ivrtest.Wait(4 * time.Second), ivrtest.HangUp()}, false, "hung up", 1},
		"hung up at once":   {[]ivrtest.Step{ivrtest.Wait(1500 * time.Millisecond), ivrtest.HangUp()}, false, "hung up", 0},
		"hung up in review": {[]ivrtest.Step{ivrtest.Wait(4 * time.Second), ivrtest.Press("#"), ivrtest.Hear("review"), ivrtest.HangUp()}, false, "hung up", 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, c := newWorld(), caller("210")
				w.at = open.Add(10 * time.Hour)
				path := w.play(t, w.engine(t, desk), c, append([]ivrtest.Step{ivrtest.Press("1"), ivrtest.Hear("leave-message")}, test.script...)...)
				if got := path.Visits[2]; got.Outcome != test.outcome || len(w.messages) != test.kept {
					t.Errorf("%+v and %d messages, want %s and %d", got, len(w.messages), test.outcome, test.kept)
				}
				for _, m := range w.messages {
					if m.Name != "night-1.1" || m.Node != "night" || m.Caller != "210" || m.Language != "en" {
						t.Errorf("message %+v", m)
					}
				}
			})
		})
	}
}

func TestNames(t *testing.T) {
	for name, test := range map[string]struct {
		digits, want string
	}{
		"the first":              {"137272#1", "continue staff,201,1"},
		"the second":             {"137272#21", "continue staff,202,1"},
		"none of them, and then": {"137272#22" + "72727#1", "continue staff,202,1"},
		"Latin letters, Persian": {"13" + "66426623" + "#1", "continue staff,203,1"},
		"the operator meanwhile": {"137272#0", "transfer PJSIP/100"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, c := newWorld(), caller("")
				w.play(t, w.engine(t, desk), c, press(test.digits)...)
				notes := c.Notes()
				if last := notes[len(notes)-1].String(); last != test.want {
					t.Errorf("told %v, want %s last", notes, test.want)
				}
			})
		})
	}
}

func TestPIN(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		var said bytes.Buffer
		w.Logger = slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
		e := w.engine(t, desk)
		toPIN := []ivrtest.Step{ivrtest.Press("112"), ivrtest.Wait(3 * time.Second), ivrtest.Press("4711#")}
		right := append(slices.Clone(toPIN), ivrtest.Press("0007"), ivrtest.Hear("your-account"), ivrtest.Hear("recording:greet/4711"), ivrtest.Ended())
		wrong := append(slices.Clone(toPIN), ivrtest.Press("9999"), ivrtest.Hear("wrong"), ivrtest.Press("9998"), ivrtest.Ended())
		path := w.play(t, e, caller("1"), right...)
		if v := path.Visits[4]; v.Node != "secret" || v.Outcome != "right" || !slices.Equal(v.Inputs, []string{"****"}) {
			t.Errorf("%+v", v)
		}
		w.play(t, e, caller("1"), wrong...)
		// the third wrong one locks, and then even the right one is refused, for ten minutes
		path = w.play(t, e, caller("1"), append(slices.Clone(toPIN), ivrtest.Press("9997"), ivrtest.Hear("locked"), ivrtest.Ended())...)
		if v := path.Visits[4]; v.Outcome != "locked" {
			t.Errorf("%+v", v)
		}
		path = w.play(t, e, caller("1"), append(slices.Clone(toPIN), ivrtest.Press("0007"), ivrtest.Hear("locked"), ivrtest.Ended())...)
		if v := path.Visits[4]; v.Outcome != "locked" || len(v.Inputs) != 0 {
			t.Errorf("%+v", v)
		}
		w.at = w.at.Add(11 * time.Minute)
		w.play(t, e, caller("1"), right...)
		if text := said.String(); !strings.Contains(text, "****") || strings.Contains(text, "0007") || strings.Contains(text, "999") {
			t.Errorf("the log has a PIN, or nothing:\n%s", text)
		}
		for _, p := range w.paths {
			for _, v := range p.Visits {
				if s := strings.Join(v.Inputs, " "); strings.Contains(s, "0007") || strings.Contains(s, "999") {
					t.Errorf("a PIN in the path: %q", s)
				}
			}
		}
	})
}

func TestReplace(t *testing.T) {
	const one = "start: a\nnodes:\n  a: {menu: {prompt: one, options: {1: b}}}\n  b: {hangup: {prompt: one-bye}}\n"
	const two = "start: a\nnodes:\n  a: {menu: {prompt: two, options: {1: b}}}\n  b: {hangup: {prompt: two-bye}}\n"
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		e := w.engine(t, one)
		set, err := menu.Parse("two.yaml", []byte(two))
		if err != nil {
			t.Fatal(err)
		}
		old, newer := caller("1"), caller("2")
		done := make(chan error, 1)
		go func() { done <- old.Call(t.Context(), e.Serve) }()
		if err := old.Hear(t.Context(), "one"); err != nil {
			t.Fatal(err)
		}
		if err := e.Replace(set); err != nil {
			t.Fatal(err)
		}
		w.play(t, e, newer, ivrtest.Hear("two"), ivrtest.Press("1"), ivrtest.Hear("two-bye"), ivrtest.Ended())
		if err := (ivrtest.Script{ivrtest.Press("1"), ivrtest.Hear("one-bye"), ivrtest.Ended()}).Run(t.Context(), old); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		needs, err := menu.Parse("three.yaml", []byte("start: a\nnodes:\n  a: {action: {name: none, next: hangup}}\n"))
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Replace(needs); err == nil || err.Error() != `three.yaml:3:16: there is no action "none"` || e.Set() != set {
			t.Error(err)
		}
	})
}

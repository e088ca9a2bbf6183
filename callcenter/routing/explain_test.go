package routing_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
	"github.com/asterism-go/asterism/callcenter/routing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// durations are what differs from one time to the next.
var durations = regexp.MustCompile(`\b\d[\d.]*(ns|µs|ms|s)\b`)

// TestExplain compares explanations with golden files.
func TestExplain(t *testing.T) {
	set := helpdesk(t)
	for name, test := range map[string]struct {
		req  routing.Request
		cfg  routing.Config
		next bool
	}{
		"unit":     {req: routing.Request{From: "2610123456"}},
		"fallback": {req: routing.Request{From: "2610123456", At: evening}, cfg: routing.Config{Load: loads{"athens": {Waiting: 7, Agents: 2}}}},
		"unknown":  {req: routing.Request{From: "2310555555", Dialled: "2100001000"}},
		"withheld": {req: routing.Request{From: "anonymous"}},
		"down":     {req: routing.Request{From: "2310555555"}, cfg: routing.Config{Directory: &downAfter{}}},
		"no-answer": {
			req: routing.Request{From: "6971234567"}, cfg: routing.Config{Load: loads{"athens": {Agents: 2}}}, next: true,
		},
	} {
		if test.cfg.Directory == nil {
			test.cfg.Directory = known(set.Plan())
		}
		if test.req.At.IsZero() {
			test.req.At = morning
		}
		d := newRouter(set, test.cfg).Route(t.Context(), test.req)
		if test.next {
			d, _ = d.Next("nobody answered")
		}
		got := durations.ReplaceAllString(d.Explain()+"In short: "+d.Reason()+"\n", "TIME")
		file := filepath.Join("testdata", "explain", name+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || string(want) != got {
			t.Errorf("%s: %v; got\n%s", name, err, got)
		}
	}
}

func TestDecisionAsJSONAndInALog(t *testing.T) {
	set := helpdesk(t)
	var logged strings.Builder
	r := newRouter(set, routing.Config{Directory: known(set.Plan()), Logger: slog.New(slog.NewJSONHandler(&logged, nil))})
	d := r.Route(t.Context(), routing.Request{From: "2610123456", At: morning})
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"desk":"patra"`, `"target":{"kind":"queue","data":"patra"}`, `"reason":"Maria Papadaki of patra; patra people; desk patra"`, `"what":"identify"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s lacks %s", text, want)
		}
	}
	for _, want := range []string{`"msg":"routed"`, `"caller":"+302610123456"`, `"desk":"patra"`, `"directory":"found"`, `"unit":"patra"`} {
		if !strings.Contains(logged.String(), want) {
			t.Errorf("%s lacks %s", logged.String(), want)
		}
	}
}

// TestNext follows the fallbacks of desks that do not answer, each once, to the default.
func TestNext(t *testing.T) {
	set := parse(t, `
desks:
  a: {queue: a, fallback: [b, c]}
  b: {queue: b, fallback: [d], apology: b-sorry}
  c: {queue: c, fallback: [d], prompt: c-hello}
  d: {queue: d}
  n: {queue: n}
rules: [{name: all, desk: a}]
default: n
`)
	d := routing.New(set, routing.Config{}).Route(t.Context(), routing.Request{})
	way := []string{d.Desk}
	var prompts []string
	for ok := true; ok; {
		if d, ok = d.Next("no answer"); ok {
			way, prompts = append(way, d.Desk), append(prompts, d.Prompts...)
		}
	}
	if got := strings.Join(way, " "); got != "a b d c n" || d.Cause != routing.ByDefault || strings.Join(prompts, " ") != "b-sorry c-hello" {
		t.Errorf("%s, %s, prompts %q", got, d.Cause, prompts)
	}
	if want := "; all; not a: no answer; not b: no answer; not d: no answer; not c: no answer; default n"; !strings.HasSuffix(d.Reason(), want) {
		t.Errorf("%s, want %s", d.Reason(), want)
	}
}

// stuck is a directory that answers when its context ends, and says how that ended.
type stuck struct{}

func (stuck) ByNumber(ctx context.Context, _ numbers.Number) (directory.Answer, error) {
	<-ctx.Done()
	return directory.Answer{}, errors.Join(directory.ErrUnavailable, context.Cause(ctx))
}

func (s stuck) ByUsername(ctx context.Context, _ string) (directory.Answer, error) {
	return s.ByNumber(ctx, numbers.Number{})
}

func TestBudget(t *testing.T) {
	set := helpdesk(t)
	s := stuck{}
	r := routing.New(set, routing.Config{Directory: s, Budget: 20 * time.Millisecond})
	for _, req := range []routing.Request{{From: "2610123456"}, {From: "2610123456", Username: "papadaki5"}} {
		d := r.Route(t.Context(), req)
		if d.Cause != routing.ByUnavailable || d.Desk != "national" || d.Took < 20*time.Millisecond {
			t.Errorf("%s in %v: %s", d.Cause, d.Took, d.Reason())
		}
		if !strings.Contains(d.Reason(), "the budget of the directory is spent") {
			t.Error(d.Reason())
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if d := routing.New(set, routing.Config{Directory: s, Budget: time.Hour}).Route(ctx, routing.Request{From: "2610123456"}); d.Cause != routing.ByUnavailable {
		t.Errorf("a caller who has gone: %s", d.Cause)
	}
}

// TestVariablesAreShort: however many desks apologise and whatever a directory holds, a variable fits into a command.
func TestVariablesAreShort(t *testing.T) {
	var text strings.Builder
	text.WriteString("desks:\n  n: {queue: n}\n")
	for i := range 30 {
		fmt.Fprintf(&text, "  d%d: {queue: q, fallback: [%s], apology: %s%d, prompt: hello}\n", i, map[bool]string{true: fmt.Sprintf("d%d", i+1)}[i < 29], strings.Repeat("x", 90), i)
	}
	text.WriteString("rules: [{desk: d0}]\ndefault: n\n")
	set := parse(t, strings.ReplaceAll(text.String(), "[]", "[n]"))
	people := []directory.Person{{Username: "u", Name: strings.Repeat("Μαρία ${X},", 200), Numbers: []string{"+302101234567"}, Emails: []string{strings.Repeat("@", 999)}}}
	d := newRouter(set, routing.Config{Directory: chain(nil, people)}).Route(t.Context(), routing.Request{From: "+302101234567"})
	for range 25 {
		d, _ = d.Next("no answer")
	}
	for range 3 {
		next, _ := d.Next("no answer")
		next.Prompts = append(d.Prompts, next.Prompts...)
		d = next
	}
	for _, v := range d.Variables() {
		if len(v.Value) > routing.MaxVariable {
			t.Errorf("%s has %d bytes", v.Name, len(v.Value))
		}
		if v.Name == "ROUTE_PROMPTS" && (!strings.HasSuffix(v.Value, "&hello") || strings.HasPrefix(v.Value, "&") || strings.Contains(v.Value, "&&")) {
			t.Errorf("prompts %s", v.Value)
		}
	}
}

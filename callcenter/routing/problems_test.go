package routing_test

import (
	"os"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/callcenter/routing"
)

// desks are two, for rule sets that are about something else.
const desks = "desks: {a: {queue: a}, b: {queue: b}}\ndefault: a\n"

func TestProblems(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"nothing":               {"", "f.yaml: no desks"},
		"unknown key":           {desks + "rules:\n  - {dask: a}\n", `f.yaml:4:6: unknown field "dask"`},
		"unknown desk":          {desks + "rules:\n  - desk: a\n    caller: {prefix: 1}\n  - desk: c\n", `f.yaml:6:11: there is no desk "c"`},
		"unknown default":       {"desks: {a: {queue: a}}\ndefault: b\n", `f.yaml:2:10: there is no desk "b"`},
		"no default":            {"desks: {a: {queue: a}}\n", "f.yaml:1:1: no default"},
		"default with hours":    {"calendars: {o: {zone: UTC, hours: Mon}}\ndesks: {a: {queue: a, hours: o}}\ndefault: a\n", `f.yaml:3:10: the desk "a" has hours or limits`},
		"unknown fallback":      {"desks:\n  a: {queue: a}\n  b:\n    queue: b\n    fallback: [a, c]\ndefault: a\n", `f.yaml:5:19: there is no desk "c"`},
		"a loop of fallbacks":   {"desks:\n  n: {queue: n}\n  a: {queue: a, fallback: [b]}\n  b: {queue: b, fallback: [n, c]}\n  c: {queue: c, fallback: [a]}\ndefault: n\n", "f.yaml:5:28: a loop of fallbacks: a -> b -> c -> a"},
		"its own fallback":      {"desks:\n  a: {queue: a}\n  b: {queue: b, fallback: b}\ndefault: a\n", "f.yaml:3:27: a loop of fallbacks: b -> b"},
		"two targets":           {"desks:\n  a: {queue: a, ivr: b}\ndefault: a\n", "f.yaml:2:7: want exactly one of queue"},
		"a queue's option":      {"desks:\n  a: {queue: 'a,t'}\ndefault: a\n", `f.yaml:2:14: "a,t": want the name of a queue`},
		"a function":            {"desks:\n  a: {extension: '${SHELL(id)}@x'}\ndefault: a\n", "f.yaml:2:18: "},
		"a context's option":    {"desks:\n  a: {context: 'x,s,1,2'}\ndefault: a\n", "f.yaml:2:16: "},
		"a path":                {"desks:\n  a: {announcement: '../../etc/passwd'}\ndefault: a\n", "f.yaml:2:21: "},
		"a prompt's path":       {"desks:\n  a: {queue: a, prompt: 'x&y'}\ndefault: a\n", "f.yaml:2:25: "},
		"no number":             {"desks:\n  a: {external: nobody}\ndefault: a\n", `f.yaml:2:17: "nobody" is no telephone number`},
		"a desk's name":         {"desks:\n  \"a b\": {queue: a}\ndefault: a b\n", `f.yaml:2:3: "a b" is no name`},
		"desk and ask":          {desks + "rules:\n  - {desk: a, ask: q}\n", "f.yaml:4:6: rule 1: want exactly one of desk and ask"},
		"unknown question":      {desks + "rules:\n  - {ask: q}\n", `f.yaml:4:11: there is no question "q"`},
		"previous":              {desks + "rules:\n  - {desk: previous}\n", "f.yaml:4:12: the desk that served the caller last"},
		"previous for ever":     {desks + "rules:\n  - {desk: previous, previous: {desk: a}}\n", "f.yaml:4:33: want a duration"},
		"wrong duration":        {desks + "rules:\n  - {desk: previous, previous: {within: soon}}\n", `f.yaml:4:41: "soon" is not a duration`},
		"wrong region":          {"numbers: {region: XX}\n" + desks, `f.yaml:1:11: numbers: region "XX"`},
		"wrong prefix":          {desks + "rules:\n  - {desk: a, caller: {prefix: [21, x]}}\n", `f.yaml:4:37: "x" is no beginning`},
		"wrong range":           {desks + "rules:\n  - {desk: a, caller: {range: 20-9}}\n", `f.yaml:4:31: "20-9" is no range`},
		"wrong expression":      {desks + "rules:\n  - {desk: a, caller: {match: '('}}\n", "f.yaml:4:31: error parsing regexp"},
		"wrong last":            {desks + "rules:\n  - {desk: a, caller: {last: x}}\n", `f.yaml:4:30: "x": want digits`},
		"wrong kind":            {desks + "rules:\n  - {desk: a, caller: {kind: mobile}}\n", `f.yaml:4:30: "mobile": want one of extension, public`},
		"wrong country":         {desks + "rules:\n  - {desk: a, caller: {region: QQ}}\n", `f.yaml:4:32: "QQ" is no country's code`},
		"an empty match":        {desks + "rules:\n  - {desk: a, caller: {}}\n", "f.yaml:4:23: a condition without a field"},
		"an empty person":       {desks + "rules:\n  - {desk: a, person: {unit: []}}\n", "f.yaml:4:24: a condition without a field"},
		"unknown with a unit":   {desks + "rules:\n  - {desk: a, person: {known: false, unit: x}}\n", "f.yaml:4:31: nothing else can be met"},
		"unknown calendar":      {desks + "rules:\n  - {desk: a, open: x}\n", `f.yaml:4:21: there is no calendar "x"`},
		"no zone":               {"calendars: {o: {hours: Mon}}\n" + desks, `f.yaml:1:17: "" is no time zone`},
		"wrong zone":            {"calendars: {o: {zone: Mars/Base, hours: Mon}}\n" + desks, `f.yaml:1:23: "Mars/Base" is no time zone`},
		"no hours":              {"calendars: {o: {zone: UTC}}\n" + desks, `f.yaml:1:17: the calendar has no hours`},
		"wrong day":             {"calendars: {o: {zone: UTC, hours: [Mon, 'Moo 08:00-09:00']}}\n" + desks, `f.yaml:1:41: "Moo 08:00-09:00": "Moo" is no day`},
		"wrong time":            {"calendars: {o: {zone: UTC, hours: [Mon 8-9]}}\n" + desks, `f.yaml:1:36: "Mon 8-9": "8-9" is no time range`},
		"wrong holiday":         {"calendars: {o: {zone: UTC, hours: Mon, holidays: [02-30]}}\n" + desks, `f.yaml:1:51: "02-30": want a day`},
		"holidays backwards":    {"calendars: {o: {zone: UTC, hours: Mon, holidays: [2026-02-03..2026-02-01]}}\n" + desks, "f.yaml:1:51: "},
		"a question of nothing": {desks + "questions: {q: {prompt: x}}\n", `f.yaml:3:17: question "q": want a header or a keypad`},
		"no prompt":             {desks + "questions: {q: {keypad: t9}}\n", `f.yaml:3:17: question "q": it has a keypad and no prompt`},
		"wrong keypad":          {desks + "questions: {q: {keypad: T9, prompt: x}}\n", `f.yaml:3:25: question "q": "T9": want digits`},
		"a header's function":   {desks + "questions: {q: {header: 'X)}${SHELL(id'}}\n", "f.yaml:3:25: "},
		"load of nothing":       {desks + "rules:\n  - {desk: a, load: {desk: b}}\n", "f.yaml:4:22: want waiting_min"},
		"load of nobody":        {desks + "rules:\n  - {desk: a, load: {desk: c, waiting_max: 1}}\n", `f.yaml:4:28: there is no desk "c"`},
		"wrong identify":        {"identify: never\n" + desks, `f.yaml:1:11: "never": want always or needed`},
	} {
		set, err := routing.Parse("f.yaml", []byte(test.text))
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || set != nil {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

func TestEverythingWrongIsToldAtOnce(t *testing.T) {
	_, err := routing.Parse("f.yaml", []byte("desks: {a: {queue: a}}\ndefault: b\nrules:\n  - {desk: c}\n  - {desk: d}\n"))
	if err == nil || strings.Count(err.Error(), "f.yaml:") != 3 {
		t.Errorf("told %v, want three problems", err)
	}
}

func TestUnreachable(t *testing.T) {
	for name, test := range map[string]struct {
		earlier, later string
		unreachable    bool
	}{
		"after all":                    {"", "caller: {prefix: 21}", true},
		"after all, no condition":      {"", "", true},
		"longer prefix":                {"caller: {prefix: [21, 23]}", "caller: {prefix: [2310, 2101]}", true},
		"one longer prefix":            {"caller: {prefix: [21, 23]}", "caller: {prefix: [2310, 24]}", false},
		"shorter prefix":               {"caller: {prefix: 2310}", "caller: {prefix: 23}", false},
		"national and E.164":           {"caller: {prefix: 21}", "caller: {prefix: +30210}", true},
		"E.164 and national":           {"caller: {prefix: +3021}", "caller: {prefix: 210}", false},
		"number with the prefix":       {"caller: {prefix: 210}", "caller: {number: 2101234567}", true},
		"number of another prefix":     {"caller: {prefix: 2101}", "caller: {number: 2102234567}", false},
		"number in the range":          {"caller: {range: 2101234000-2101235999}", "caller: {number: 2101234567}", true},
		"range in the range":           {"caller: {range: 200-299}", "caller: {range: 210-219}", true},
		"range beyond the range":       {"caller: {range: 200-215}", "caller: {range: 210-219}", false},
		"range with the prefix":        {"caller: {prefix: [20, 21]}", "caller: {range: 205-214}", true},
		"prefix with more":             {"caller: {prefix: 21, line: mobile}", "caller: {prefix: 210}", false},
		"the same twice":               {"caller: {match: '^.*7$'}", "caller: {match: '^.*7$'}", true},
		"longer ending":                {"caller: {last: 7}", "caller: {last: [77, 67]}", true},
		"other ending":                 {"caller: {last: 7}", "caller: {last: [77, 66]}", false},
		"unit":                         {"person: {unit: [X, y]}", "person: {unit: Y, group: g}", true},
		"other unit":                   {"person: {unit: [x, y]}", "person: {unit: [y, z]}", false},
		"known":                        {"person: {known: true}", "person: {known: true, attributes: {a: b}}", true},
		"known, or some who share":     {"person: {known: true}", "person: {attributes: {a: b}}", false},
		"some who share, or known":     {"person: {unit: b}", "person: {unit: b, username: x}", true},
		"known and not":                {"person: {known: true}", "person: {known: false}", false},
		"attributes":                   {"person: {attributes: {A: [b, c]}}", "person: {attributes: {a: c, d: e}}", true},
		"person and number":            {"person: {unit: x}", "caller: {prefix: 21}, person: {unit: x}", true},
		"number and person":            {"caller: {prefix: 21}, person: {unit: x}", "person: {unit: x}", false},
		"dialled":                      {"dialled: {prefix: 21}", "dialled: {number: 2101234567}, caller: {kind: withheld}", true},
		"region":                       {"caller: {region: [CY, GR]}", "caller: {region: cy, line: mobile}", true},
		"language":                     {"language: el", "language: [el_GR, el]", true},
		"other language":               {"language: el_GR", "language: [el_GR, el]", false},
		"open":                         {"open: o", "open: o, caller: {prefix: 2}", true},
		"open, then always":            {"open: o", "caller: {prefix: 2}", false},
		"shorter window":               {"previous: {within: 4h}", "previous: {within: 1h}", true},
		"longer window":                {"previous: {within: 1h}", "previous: {within: 4h}", false},
		"load":                         {"load: {desk: a, waiting_max: 3}", "load: {desk: a, waiting_max: 3}, language: el", true},
		"other load":                   {"load: {desk: a, waiting_max: 3}", "load: {desk: b, waiting_max: 3}", false},
		"a withheld number's prefix":   {"caller: {prefix: 1}", "caller: {kind: withheld, prefix: 2}", true},
		"an extension's line":          {"caller: {prefix: 1}", "caller: {kind: extension, line: mobile}", true},
		"open and closed at one time":  {"caller: {prefix: 1}", "open: o, closed: o", true},
		"after a rule that only asks":  {"ask: q", "caller: {prefix: 2}", false},
		"the same in the other number": {"caller: {prefix: 2}", "dialled: {prefix: 2}", false},
	} {
		earlier := test.earlier
		if !strings.HasPrefix(earlier, "ask") {
			earlier = strings.TrimPrefix(earlier+", desk: b", ", ")
		}
		text := "numbers: {region: GR}\ncalendars: {o: {zone: UTC, hours: Mon}}\nquestions: {q: {header: x}}\n" + desks +
			"rules:\n  - {name: e, " + earlier + "}\n  - {name: l, desk: a, " + test.later + "}\n"
		_, err := routing.Parse("f.yaml", []byte(text))
		found := err != nil && strings.HasPrefix(err.Error(), `f.yaml:8:6: "l" can never be `)
		if found != test.unreachable || err != nil && !found {
			t.Errorf("%s: %v, want unreachable: %v", name, err, test.unreachable)
		}
	}
}

func TestCompile(t *testing.T) {
	rules := routing.Rules{
		Desks:   map[string]routing.Desk{"a": {Queue: "a"}},
		Rules:   []routing.Rule{{Caller: &routing.Match{Prefix: routing.List{"+3021"}}, Desk: "b"}},
		Default: "a",
	}
	if _, err := routing.Compile(rules); err == nil || err.Error() != `routing: rules[0].desk: there is no desk "b"` {
		t.Errorf("%v", err)
	}
	rules.Rules[0].Desk = "a"
	set, err := routing.Compile(rules)
	if err != nil || set.Len() != 1 || len(set.Desks()) != 1 {
		t.Fatal(err)
	}
}

// FuzzParse: whatever a file holds, the answer is an error that names the file, or a set that has a desk for every caller.
func FuzzParse(f *testing.F) {
	f.Add(desks+"rules:\n  - {desk: b, caller: {prefix: 21, range: 2100-2199}}\n", "2101234567")
	f.Add(desks+"rules:\n  - {desk: b, caller: {last: 7}, person: {unit: x}}\n", "anonymous")
	f.Add("calendars: {o: {zone: Europe/Athens, hours: 'Mon-Fri 22:00-06:00', holidays: [easter+1]}}\ndesks: {a: {queue: a}, b: {ivr: b, hours: o, fallback: a}}\ndefault: a\nrules: [{desk: b, open: o}]\n", "+")
	f.Add("numbers: {region: IR, extensions: [2XX]}\n"+desks, "204")
	example, err := os.ReadFile("testdata/helpdesk.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(example), "2610123456")
	f.Fuzz(func(t *testing.T, text, from string) {
		set, err := routing.Parse("f.yaml", []byte(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f.yaml") {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		d := newRouter(set, routing.Config{}).Route(t.Context(), routing.Request{From: from})
		if d.Desk == "" || d.Target.Data == "" || d.Reason() == "" || d.Explain() == "" {
			t.Errorf("%q: %q is decided as %+v", text, from, d)
		}
		for _, v := range d.Variables() {
			if strings.ContainsAny(v.Value, "${}[]()\"\\\n\r|`") {
				t.Errorf("%q: %s is %q", text, v.Name, v.Value)
			}
		}
	})
}

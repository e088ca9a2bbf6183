package routing_test

import (
	"testing"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory/numbers"
	"github.com/asterism-go/asterism/callcenter/routing"
)

// morning is a time when the office is open, evening one when it is not: a Wednesday.
var (
	morning = time.Date(2026, 11, 25, 10, 0, 0, 0, athens)
	evening = time.Date(2026, 11, 25, 18, 0, 0, 0, athens)
	athens  = time.FixedZone("EET", 2*3600)
)

type loads map[string]routing.Load

func (l loads) Load(desk string) (routing.Load, bool) {
	load, known := l[desk]
	return load, known
}

func TestDecide(t *testing.T) {
	set := helpdesk(t)
	idle := loads{"athens": {Agents: 3}}
	tests := []struct {
		name  string
		req   routing.Request
		load  loads
		desk  string
		rule  string
		cause routing.Cause
		ask   string
	}{
		{"blocked", routing.Request{From: "00306970000001"}, nil, "blocked", "nuisance", routing.ByRule, ""},
		{"blocked, as people write it", routing.Request{From: "697 000 0002"}, nil, "blocked", "nuisance", routing.ByRule, ""},
		{"by unit", routing.Request{From: "2610123456"}, nil, "patra", "patra people", routing.ByRule, ""},
		{"by attribute, in any case", routing.Request{From: "+302610999999"}, nil, "heads", "heads", routing.ByRule, ""},
		{"by group, in any case", routing.Request{From: "6971234567"}, idle, "athens", "athens people", routing.ByRule, ""},
		{"closed", routing.Request{From: "2610123456", At: evening}, idle, "athens", "patra people", routing.ByFallback, ""},
		{
			"closed, and the fallback is full",
			routing.Request{From: "2610123456", At: evening},
			loads{"athens": {Agents: 3, Waiting: 5}},
			"partner", "patra people", routing.ByFallback, "",
		},
		{"nobody is there", routing.Request{From: "6971234567"}, loads{"athens": {}}, "partner", "athens people", routing.ByFallback, ""},
		{"dialled and language", routing.Request{From: "203", Dialled: "2100001001", Language: "en_GB"}, nil, "english", "english number", routing.ByRule, ""},
		{"another language", routing.Request{From: "260", Dialled: "2100001001", Language: "eng"}, nil, "national", "", routing.ByDefault, ""},
		{"prefix and load", routing.Request{From: "2109999999"}, idle, "athens", "quiet athens", routing.ByRule, ""},
		{"load not known", routing.Request{From: "2109999999"}, nil, "national", "", routing.ByDefault, "username"},
		{"not known", routing.Request{From: "2310555555"}, nil, "national", "", routing.ByDefault, "username"},
		{"asked", routing.Request{From: "2310555555", Asked: []string{"username"}}, nil, "national", "", routing.ByDefault, ""},
		{"says who he is", routing.Request{From: "2310555555", Username: " PAPADAKI5"}, nil, "patra", "patra people", routing.ByRule, ""},
		{"says nobody's name", routing.Request{From: "2610123456", Username: "nobody"}, nil, "patra", "patra people", routing.ByRule, ""},
		{"withheld", routing.Request{From: "anonymous"}, nil, "national", "", routing.ByDefault, ""},
		{"no number", routing.Request{}, nil, "national", "", routing.ByDefault, ""},
		{"in a range", routing.Request{From: "249"}, nil, "athens", "internal", routing.ByRule, ""},
		{"beyond a range", routing.Request{From: "250"}, nil, "national", "", routing.ByDefault, ""},
		{"region and line", routing.Request{From: "+35799123456", Asked: []string{"username"}}, nil, "athens", "mobile of Cyprus", routing.ByRule, ""},
		{"region and another line", routing.Request{From: "+35722123456", Asked: []string{"username"}}, nil, "national", "", routing.ByDefault, ""},
		{"expression", routing.Request{From: "2310555557", Asked: []string{"username"}}, nil, "heads", "odd", routing.ByRule, ""},
		{"last digits", routing.Request{From: "2810555777", Asked: []string{"username"}, At: evening}, nil, "heads", "lucky", routing.ByRule, ""},
		{"last digits in office hours", routing.Request{From: "2810555777", Asked: []string{"username"}}, nil, "national", "", routing.ByDefault, ""},
		{"a trunk's own way", routing.Request{From: "988776655", Trunk: "tehran"}, nil, "national", "", routing.ByDefault, "username"},
	}
	for _, test := range tests {
		if test.req.At.IsZero() {
			test.req.At = morning
		}
		cfg := routing.Config{Directory: known(set.Plan())}
		if test.load != nil {
			cfg.Load = test.load
		}
		d := newRouter(set, cfg).Route(t.Context(), test.req)
		if d.Desk != test.desk || d.Rule != test.rule || d.Cause != test.cause || d.Ask != test.ask {
			t.Errorf("%s: desk %q by %q (%s), ask %q\n%s", test.name, d.Desk, d.Rule, d.Cause, d.Ask, d.Explain())
		}
	}
}

func TestPreviousDesk(t *testing.T) {
	set := helpdesk(t)
	memory := &routing.Recent{}
	r := newRouter(set, routing.Config{Directory: known(set.Plan()), Memory: memory})
	caller := set.Plan().Parse("", "6971234567")
	route := func() string { return r.Route(t.Context(), routing.Request{From: "+306971234567", At: morning}).Desk }
	for _, test := range []struct {
		desk string
		ago  time.Duration
		want string
	}{
		{"patra", 3 * time.Hour, "patra"},
		{"patra", 5 * time.Hour, "athens"},
		{"heads", time.Hour, "athens"},
		{"closed long ago", time.Hour, "athens"},
	} {
		memory.Served(caller, test.desk, morning.Add(-test.ago))
		if got := route(); got != test.want {
			t.Errorf("served by %s %v ago: %s, want %s", test.desk, test.ago, got, test.want)
		}
	}
}

func TestRecent(t *testing.T) {
	m := &routing.Recent{Size: 4}
	plan := numbers.Must(numbers.Config{Region: "GR"})
	number := func(i int) numbers.Number { return plan.Parse("", "210123456"+string(rune('0'+i))) }
	m.Served(numbers.Number{Kind: numbers.Withheld}, "a", morning)
	for i := range 9 {
		m.Served(number(i), "b", morning)
	}
	if _, _, known := m.Last(numbers.Number{Kind: numbers.Withheld}); known {
		t.Error("whoever withholds a number is known")
	}
	if desk, at, known := m.Last(number(8)); !known || desk != "b" || !at.Equal(morning) {
		t.Errorf("the last one: %s, %v, %v", desk, at, known)
	}
	if _, _, known := m.Last(number(0)); known {
		t.Error("more are remembered than its size")
	}
}

// TestNumbersAreTakenAsWritten: in YAML +30 and 021 are integers, and as such they would be others.
func TestNumbersAreTakenAsWritten(t *testing.T) {
	set := parse(t, `
numbers: {region: IR, trunks: {tehran: {area_code: 021}}}
desks: {a: {external: +982188776655}, b: {queue: 0123}, c: {extension: 007@x}, n: {queue: n}}
rules:
  - {caller: {prefix: +9821}, desk: a}
  - {caller: {number: 09121234567}, desk: b}
  - {caller: {last: 007}, desk: c}
default: n
`)
	for from, want := range map[string]string{
		"02188776655": "external:+982188776655", "9121234567": "queue:0123", "3007": "extension:007@x", "307": "queue:n",
	} {
		if d := routing.New(set, routing.Config{}).Route(t.Context(), routing.Request{From: from}); d.Target.String() != want {
			t.Errorf("%s: %s, want %s", from, d.Target, want)
		}
	}
}

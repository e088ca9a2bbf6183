package agiroute_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/routing"
	"github.com/asterism-go/asterism/callcenter/routing/agiroute"
)

const rules = `
numbers: {region: GR, extensions: [2XX], trunks: {tehran: {region: IR}}}
desks:
  patra: {queue: patra, fallback: [athens], prompt: desks/patra}
  athens: {extension: 201@internal, fallback: [abroad]}
  abroad: {external: +49 30 1234567}
  menu: {ivr: menu}
  place: {context: "place,7"}
  blocked: {announcement: desks/blocked}
  national: {queue: national}
questions:
  username: {header: X-User, keypad: multitap, prompt: desks/username, wrong: desks/unknown}
rules:
  - {name: people of Patra, person: {unit: patra}, desk: patra}
  - {name: blocked, caller: {number: 2100000000}, desk: blocked}
  - {name: menu, dialled: {number: 700}, desk: menu}
  - {name: place, dialled: {number: 701}, desk: place}
  - {name: iran, caller: {region: IR}, desk: athens}
  - {name: ask, caller: {kind: public}, person: {known: false}, ask: username}
default: national
`

func router(t testing.TB, cfg routing.Config) *routing.Router {
	t.Helper()
	set, err := routing.Parse("rules.yaml", []byte(rules))
	if err != nil {
		t.Fatal(err)
	}
	people := []directory.Person{
		{Username: "cab2", Name: `Maria "${SHELL(id)}", Papadaki`, Unit: "patra", Numbers: []string{"2610123456"}},
		{Username: "x", Unit: "elsewhere"},
	}
	cfg.Directory = &directory.Chain{
		Plan: set.Plan(), Budget: time.Minute,
		Links: []directory.Link{{Source: directory.NewTable("table", set.Plan(), people), Deadline: time.Minute}},
	}
	cfg.Budget = time.Minute
	return routing.New(set, cfg)
}

func call(caller string) agitest.Channel {
	return agitest.Channel{Environment: agi.Environment{CallerID: caller, Extension: "2100001000"}, Replies: map[string][]string{}}
}

func TestVariables(t *testing.T) {
	h := &agiroute.Handler{Router: router(t, routing.Config{}), ShowName: true}
	outcome := agitest.Call(t, h, call("2610123456"))
	want := map[string]string{
		"ROUTE_TARGET": "queue:patra", "ROUTE_KIND": "queue", "ROUTE_DATA": "patra", "ROUTE_DESK": "patra", "ROUTE_CAUSE": "rule", "ROUTE_RULE": "people of Patra",
		"ROUTE_REASON":  "Maria SHELL id Papadaki of patra; people of Patra; desk patra",
		"ROUTE_PROMPTS": "desks/patra", "CALLER_NUMBER": "+302610123456", "CALLER_DISPLAY": "2610 123456", "CALLER_KIND": "public",
		"CALLER_NAME": "Maria SHELL id Papadaki", "CALLER_USERNAME": "cab2", "CALLER_UNIT": "patra", "CALLER_SOURCE": "table",
		"CALLERID(name)": "Maria SHELL id Papadaki", "CALLER_ORGANISATION": "", "CALLER_EMAIL": "",
	}
	if !maps.Equal(outcome.Variables, want) || outcome.Status != "SUCCESS" {
		t.Errorf("%s: %q, want %q", outcome.Status, outcome.Variables, want)
	}
}

func TestVariablesOfAnEarlierDecisionAreCleared(t *testing.T) {
	h := &agiroute.Handler{Router: router(t, routing.Config{})}
	channel := call("")
	channel.Variables = map[string]string{"ROUTE_TARGET": "queue:patra", "CALLER_NAME": "Maria", "ROUTE_PROMPTS": "desks/patra"}
	got := agitest.Call(t, h, channel).Variables
	if got["ROUTE_TARGET"] != "queue:national" || got["CALLER_NAME"] != "" || got["ROUTE_PROMPTS"] != "" {
		t.Errorf("%q", got)
	}
}

func TestPresentation(t *testing.T) {
	h := &agiroute.Handler{Router: router(t, routing.Config{})}
	for pres, want := range map[string]string{"0": "patra", "1": "patra", "3": "patra", "32": "national", "35": "national", "67": "national"} {
		channel := call("2610123456")
		channel.Environment.CallingPres = pres
		if got := agitest.Call(t, h, channel).Variables["ROUTE_DESK"]; got != want {
			t.Errorf("presentation %s: %s, want %s", pres, got, want)
		}
	}
}

func TestTrunk(t *testing.T) {
	for name, test := range map[string]struct{ trunk, script string }{
		"of the address": {"other", "helpdesk?trunk=tehran"}, "of the handler": {"tehran", "helpdesk"},
	} {
		channel := call("02188776655")
		channel.Environment.Script = test.script
		h := &agiroute.Handler{Router: router(t, routing.Config{}), Trunk: test.trunk}
		if got := agitest.Call(t, h, channel).Variables["ROUTE_DESK"]; got != "athens" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// prompt is how a caller is asked in these tests.
const prompt, sorry = "GET DATA desks/username 5000 32", "STREAM FILE desks/unknown "

func TestAsking(t *testing.T) {
	for name, test := range map[string]struct {
		typed []string
		desk  string
		says  []string
	}{
		"typed":           {[]string{"222*2*22*2222"}, "patra", []string{prompt}},
		"right at last":   {[]string{"9999", "222*2*22*2222"}, "patra", []string{prompt, sorry, prompt}},
		"wrong again":     {[]string{"9999", "2222*222*2*222"}, "national", []string{prompt, sorry, prompt, sorry}},
		"nothing":         {[]string{"", ""}, "national", []string{prompt, sorry, prompt, sorry}},
		"somebody else's": {[]string{"99"}, "national", []string{prompt}},
	} {
		channel := call("2109999999")
		channel.Environment.Type = "Local" // it has no headers
		for _, keys := range test.typed {
			channel.Replies["GET DATA"] = append(channel.Replies["GET DATA"], "200 result="+keys)
		}
		outcome := agitest.Call(t, &agiroute.Handler{Router: router(t, routing.Config{})}, channel)
		if outcome.Variables["ROUTE_DESK"] != test.desk || outcome.Status != "SUCCESS" || !slices.Equal(said(outcome), test.says) {
			t.Errorf("%s: %s, %s, %q", name, outcome.Status, outcome.Variables["ROUTE_REASON"], said(outcome))
		}
	}
}

// said are the commands by which the caller hears something.
func said(outcome agitest.Outcome) []string {
	var says []string
	for _, c := range outcome.Commands {
		if strings.HasPrefix(c, "GET DATA") || strings.HasPrefix(c, "STREAM") {
			says = append(says, c)
		}
	}
	return says
}

func TestHangupWhileAsking(t *testing.T) {
	metrics := routing.NewMetrics("pbx")
	channel := call("2109999999")
	channel.Environment.Type = "Local"
	channel.Replies["GET DATA"] = []string{"HANGUP\n200 result=-1"}
	outcome := agitest.Call(t, &agiroute.Handler{Router: router(t, routing.Config{Metrics: metrics})}, channel)
	if _, told := outcome.Variables["ROUTE_DESK"]; told || len(said(outcome)) != 1 {
		t.Errorf("%+v", outcome)
	}
}

// TestConnect follows what the handler does in place of the dialplan when nobody answers; the tests with a real Asterisk
// have desks that do.
func TestConnect(t *testing.T) {
	for name, test := range map[string]struct {
		from, dialled string
		does          []string
		desk          string
	}{
		"an agent": {"2610123456", "", []string{"ANSWER", "STREAM FILE desks/patra ", "EXEC Queue patra,,,,300"}, "patra"},
		"nobody": {"+982188776655", "", []string{
			"EXEC Dial Local/201@internal,20", "EXEC Dial PJSIP/+49301234567@provider,20", "EXEC Queue national,,,,300",
		}, "national"},
		"an announcement": {"2100000000", "", []string{"ANSWER", "STREAM FILE desks/blocked ", "HANGUP"}, "blocked"},
		"a menu":          {"203", "700", []string{"SET CONTEXT menu", "SET EXTENSION s", "SET PRIORITY 1"}, "menu"},
		"a place":         {"203", "701", []string{"SET CONTEXT place", "SET EXTENSION 7", "SET PRIORITY 1"}, "place"},
	} {
		h := &agiroute.Handler{
			Router: router(t, routing.Config{}), Connect: &agiroute.Connect{External: "PJSIP/%s@provider", Ring: 20 * time.Second},
		}
		channel := call(test.from)
		channel.Environment.DNID = test.dialled
		outcome := agitest.Call(t, h, channel)
		var does []string
		for _, c := range outcome.Commands {
			if !strings.Contains(c, " VARIABLE ") && !strings.HasPrefix(c, "EXEC MSet ") {
				does = append(does, c)
			}
		}
		if !slices.Equal(does, test.does) || outcome.Variables["ROUTE_DESK"] != test.desk || outcome.Status == "FAILURE" {
			t.Errorf("%s: %s, desk %s, %q", name, outcome.Status, outcome.Variables["ROUTE_DESK"], does)
		}
	}
}

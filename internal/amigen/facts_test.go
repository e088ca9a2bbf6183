package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/facts"
)

// documentation opens the XML of a running Asterisk.
func documentation(t *testing.T, a *asterisktest.Asterisk) *os.File {
	t.Helper()
	f, err := facts.Documentation(a.Dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// The facts that are committed are those of the Asterisk that the tests run. Where they are not, Asterisk has changed: see
// what is new, then write the facts again with amigen facts.
func TestFactsAreAsterisks(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{})
	got, err := extract(documentation(t, a), a.Version, factsSource)
	if err != nil {
		t.Fatal(err)
	}
	committed, err := loadFacts()
	if err != nil {
		t.Fatal(err)
	}
	series, _, _ := strings.Cut(a.Version, ".")
	want := committed[series]
	if want == nil || want.Base != "" {
		t.Fatalf("there are no facts read from an Asterisk %s: add them, or run the tests with 22 or 16", series)
	}
	if diff := cmp.Diff(want.Actions, got.Actions); diff != "" {
		t.Errorf("actions (-committed +Asterisk %s):\n%s", a.Version, diff)
	}
	if diff := cmp.Diff(want.Events, got.Events); diff != "" {
		t.Errorf("events (-committed +Asterisk %s):\n%s", a.Version, diff)
	}
}

// Facts are written as they are committed, and hold no prose: no string in them has more than a few words.
func TestFactsFiles(t *testing.T) {
	for _, series := range []string{"16", "22"} {
		facts, err := loadFacts()
		if err != nil {
			t.Fatal(err)
		}
		text, err := facts[series].write()
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile("facts/asterisk-" + series + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, text) {
			t.Errorf("asterisk-%s.json is not as it would be written", series)
		}
		for quoted := range strings.SplitSeq(string(text), `"`) {
			if strings.Count(quoted, " ") > 3 && quoted != factsSource && !strings.HasPrefix(quoted, ":") {
				t.Errorf("asterisk-%s.json has prose: %q", series, quoted)
			}
		}
	}
}

// How many there are: what the branches of Asterisk document (counted in their sources), less what the package of 16 lacks.
func TestCounts(t *testing.T) {
	facts, err := loadFacts()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string][2]int{}
	for series, f := range facts {
		counts[series] = [2]int{len(f.Actions), len(f.Events)}
	}
	want := map[string][2]int{"16": {160, 165}, "18": {167, 179}, "20": {169, 185}, "22": {154, 181}}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("actions and events (-want +got):\n%s", diff)
	}
}

func TestExtract(t *testing.T) {
	const xml = `<docs xmlns:xi="http://www.w3.org/2001/XInclude">
<manager name="Login" module="builtin"><since><version>0.2.0</version></since><syntax>
 <parameter name="ActionID"><para>Words.</para></parameter></syntax></manager>
<manager name="Test" module="m2"><syntax>
 <xi:include xpointer="xpointer(/docs/manager[@name='Login']/syntax/parameter[@name='ActionID'])" />
 <parameter name="A" required="true" default="x"><enumlist><enum name="x"><para>Words</para></enum><enum name="y"/></enumlist></parameter>
 </syntax><responses><list-elements><xi:include xpointer="xpointer(/docs/managerEvent[@name='Item'])"/></list-elements>
 <managerEvent name="Done"><managerEventInstance class="EVENT_FLAG_COMMAND"><syntax/></managerEventInstance></managerEvent></responses></manager>
<manager name="Test" module="m1"><syntax><parameter name="B" multiple="yes"/></syntax></manager>
<managerEvent name="Item" module="m1"><managerEventInstance class="EVENT_FLAG_CALL|EVENT_FLAG_AGENT"><since><version>12.0.0</version></since><syntax>
 <channel_snapshot prefix="Dest"/><parameter name="ReportXOne"/><parameter name="Two"/></syntax></managerEventInstance></managerEvent>
<managerEvent name="Other"><managerEventInstance class="EVENT_FLAG_CALL"><syntax>
 <xi:include xpointer="xpointer(docs/managerEvent[@name='Item']/managerEventInstance/syntax/parameter[contains(@name, 'ReportX')])" />
 </syntax></managerEventInstance></managerEvent></docs>`
	got, err := extract(strings.NewReader(xml), "1.0", "test")
	if err != nil {
		t.Fatal(err)
	}
	want := &Facts{
		Asterisk: "1.0", Source: "test",
		Actions: map[string]*Action{
			"Login": {Modules: []string{"builtin"}, Since: []string{"0.2.0"}, Params: []Param{{Name: "ActionID"}}},
			"Test": {
				Modules: []string{"m1", "m2"}, List: []string{"Item"}, Complete: "Done",
				Params: []Param{
					{Name: "ActionID"}, {Name: "A", Required: true, Default: "x", Enum: []string{"x", "y"}}, {Name: "B", Multiple: true},
				},
			},
		},
		Events: map[string]*Event{
			"Done": {Classes: []string{"command"}},
			"Item": {
				Classes: []string{"call", "agent"}, Modules: []string{"m1"}, Since: []string{"12.0.0"},
				Fields: []Param{{Snapshot: "channel", Prefix: "Dest"}, {Name: "ReportXOne"}, {Name: "Two"}},
			},
			"Other": {Classes: []string{"call"}, Fields: []Param{{Name: "ReportXOne"}}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestExtractRefuses(t *testing.T) {
	for name, xml := range map[string]string{
		"nothing":            `<docs/>`,
		"no XML":             `<docs`,
		"an unknown include": `<docs><manager name="A"><syntax><include xpointer="xpointer(/docs/id('x'))"/></syntax></manager></docs>`,
	} {
		if _, err := extract(strings.NewReader(xml), "1", "test"); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

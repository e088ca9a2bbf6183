package main

import (
	"bytes"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/agi"
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

// The facts that are committed are those of the Asterisk that runs, and so are the flags of the overlay. Where they are
// not, Asterisk has changed: see what is new, then write the facts again with agigen facts.
func TestAsterisk(t *testing.T) {
	a := asterisktest.Start(t, asterisktest.Config{})
	got, err := extract(documentation(t, a), a.Version)
	if err != nil {
		t.Fatal(err)
	}
	all, err := loadFacts()
	if err != nil {
		t.Fatal(err)
	}
	series, _, _ := strings.Cut(a.Version, ".")
	want := all[series]
	if want == nil {
		t.Fatalf("there are no facts read from an Asterisk %s: add them, or run the tests with 22 or 16", series)
	}
	if diff := cmp.Diff(want.Commands, got.Commands); diff != "" {
		t.Errorf("commands (-committed +Asterisk %s):\n%s", a.Version, diff)
	}

	out, err := a.CLI(t.Context(), "agi show commands")
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := loadOverlay()
	if err != nil {
		t.Fatal(err)
	}
	dead := map[string]bool{}
	for name, e := range overlay {
		dead[name] = e.Dead
	}
	if diff := cmp.Diff(dead, deadFlags(t, out)); diff != "" {
		t.Errorf("permitted on a dead channel (-overlay +Asterisk %s):\n%s", a.Version, diff)
	}
}

// shown is a line of "agi show commands": whether the command is permitted on a dead channel, its name, what it is for.
var shown = regexp.MustCompile(`(?m)^ *(Yes|No) +([a-z]+(?: [a-z]+)*)  +\S`)

func deadFlags(t *testing.T, text string) map[string]bool {
	t.Helper()
	flags := map[string]bool{}
	for _, m := range shown.FindAllStringSubmatch(text, -1) {
		flags[strings.ToUpper(m[2])] = m[1] == "Yes"
	}
	if len(flags) == 0 {
		t.Errorf("no commands in:\n%s", text)
	}
	return flags
}

// What is committed is what is generated.
func TestGenerated(t *testing.T) {
	want, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadFile("../../agi/zz_gen_commands.go")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(committed), string(want)); diff != "" {
		t.Errorf("it is not as generated: run go generate ./agi (-committed +generated):\n%s", diff)
	}
}

// Facts are written as they are committed, and hold no prose. Both series have the same 47 commands.
func TestFactsFiles(t *testing.T) {
	all, err := loadFacts()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"16", "22"}, slices.Sorted(maps.Keys(all))); diff != "" {
		t.Fatalf("series (-want +got):\n%s", diff)
	}
	for series, committed := range all {
		if len(committed.Commands) != 47 {
			t.Errorf("Asterisk %s has %d commands", series, len(committed.Commands))
		}
		text, err := facts.Text(committed)
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
			if strings.Count(quoted, " ") > 2 && !strings.Contains(quoted, "\n") && quoted != factsSource {
				t.Errorf("asterisk-%s.json has prose: %q", series, quoted)
			}
		}
	}
}

func TestExtract(t *testing.T) {
	const text = `<docs><manager name="Login"><syntax><parameter name="A"/></syntax></manager>
<agi name="say it"><since><version>1.0</version><version>2.0</version></since><synopsis>Words.</synopsis><syntax>
 <parameter name="on off" required="true"><para>Words.</para><enumlist><enum name="on"><para>Words</para></enum><enum name="off"/></enumlist></parameter>
 <parameter name="b"/></syntax><description><para>Words</para><enumlist><enum name="0"/><enum name="1"/></enumlist></description></agi>
<agi name="answer"><syntax/></agi></docs>`
	got, err := extract(strings.NewReader(text), "1.0")
	if err != nil {
		t.Fatal(err)
	}
	want := &Facts{Asterisk: "1.0", Source: factsSource, Commands: []Command{
		{Name: "ANSWER"},
		{
			Name: "SAY IT", Since: []string{"1.0", "2.0"}, Results: []string{"0", "1"},
			Params: []Param{{Name: "on off", Required: true, Enum: []string{"on", "off"}}, {Name: "b"}},
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for name, text := range map[string]string{"nothing": `<docs/>`, "no XML": `<docs`, "half a command": `<docs><agi name="x">`} {
		if _, err := extract(strings.NewReader(text), "1"); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// Where the overlay and the facts do not fit together, nothing is generated.
func TestMergeRefuses(t *testing.T) {
	facts := map[string]*Facts{"1": {Commands: []Command{{Name: "A", Params: []Param{{Name: "p"}}}}}}
	good := entry{Go: []string{"A"}, Reply: "ok", Doc: "does it.", Args: []string{"p string"}}
	if _, err := merge(facts, map[string]entry{"A": good}); err != nil {
		t.Fatal(err)
	}
	for problem, overlay := range map[string]map[string]entry{
		"nothing about A":                   {},
		"B is no command":                   {"A": good, "B": good},
		"no method":                         {"A": {Hand: true}},
		"the interrupt":                     {"A": {Go: []string{"A"}, Hand: true, Interrupt: "x"}},
		"not a required parameter":          {"A": {Go: []string{"A"}, Hand: true, Optional: []string{"p"}}},
		"by hand and described":             {"A": {Go: []string{"A"}, Hand: true, Reply: "ok"}},
		"needs one name, a reply":           {"A": {Go: []string{"A"}, Reply: "x", Doc: "x", Args: good.Args}},
		"0 arguments for 1":                 {"A": {Go: []string{"A"}, Reply: "ok", Doc: "x"}},
		"argument \"p number\" has no type": {"A": {Go: []string{"A"}, Reply: "ok", Doc: "x", Args: []string{"p number"}}},
	} {
		if _, err := merge(facts, overlay); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("want %q, got %v", problem, err)
		}
	}
}

// Every command has a method, and DeadSession has those that Asterisk permits on a dead channel and no others.
func TestEveryCommandHasAMethod(t *testing.T) {
	session, dead := reflect.TypeFor[*agi.Session](), reflect.TypeFor[agi.DeadSession]()
	n, permitted := 0, map[string]bool{"Raw": true}
	overlay, err := loadOverlay()
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range overlay {
		info, known := agi.LookupCommand(name)
		if !known {
			t.Errorf("%s is no command", name)
		}
		n++
		for _, method := range e.Go {
			if _, ok := session.MethodByName(method); !ok {
				t.Errorf("%s: Session has no method %s", name, method)
			}
			if _, ok := dead.MethodByName(method); ok != info.Dead {
				t.Errorf("%s: DeadSession has %s: %v, and Asterisk permits it: %v", name, method, ok, info.Dead)
			}
			permitted[method] = info.Dead
		}
	}
	if n != 47 {
		t.Errorf("%d commands", n)
	}
	for i := range dead.NumMethod() {
		if !permitted[dead.Method(i).Name] {
			t.Errorf("DeadSession.%s is of no command that Asterisk permits", dead.Method(i).Name)
		}
	}
}

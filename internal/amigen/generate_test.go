package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/internal/facts"
)

func model(t *testing.T) *Model {
	t.Helper()
	m, err := loadModel()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// What is committed is what is generated, and generating twice gives the same.
func TestGenerated(t *testing.T) {
	for pkg, generate := range map[string]func(*Model, string) error{"action": generateActions, "event": generateEvents} {
		dir := t.TempDir()
		stale := filepath.Join(dir, "zz_gen_stale.go")
		if err := os.WriteFile(stale, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := generate(model(t), dir); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(generatedFiles(t, filepath.Join("../../ami", pkg)), generatedFiles(t, dir)); diff != "" {
			t.Errorf("package %s is not as generated: run go generate ./ami/... (-committed +generated):\n%s", pkg, diff)
		}
	}
}

func generatedFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, err := facts.Files(dir, generated)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Everything that the overlay says is about something that there is: nothing in it is stale or misspelt.
func TestOverlayIsUsed(t *testing.T) {
	m := model(t)
	events, fields := map[string]bool{}, map[string]bool{}
	for _, snapshot := range m.overlay.Snapshots {
		for _, f := range snapshot {
			fields[strings.ToLower(f)] = true
		}
	}
	for _, e := range m.events {
		events[e.name] = true
		for _, f := range e.fields {
			fields[strings.ToLower(f.Name)] = true
			fields[e.name+" "+strings.ToLower(f.Name)] = true
		}
	}
	for kind, names := range m.overlay.Kinds {
		if eventKinds[kind].goType == "" {
			t.Errorf("%s is no kind", kind)
		}
		for _, f := range names {
			if !fields[strings.ToLower(f)] {
				t.Errorf("no event has the field %s, which is said to be %s", f, kind)
			}
		}
	}
	for event, kinds := range m.overlay.EventKinds {
		for f := range kinds {
			if !fields[event+" "+strings.ToLower(f)] {
				t.Errorf("the event %s has no field %s", event, f)
			}
		}
	}
	actions := map[string]*modelAction{}
	for _, a := range m.actions {
		actions[a.name] = a
		if a.Complete != "" && !events[a.Complete] {
			t.Errorf("%s ends with %s, which is no event", a.name, a.Complete)
		}
	}
	for name, params := range m.overlay.Params {
		for p := range params {
			if actions[name] == nil || !slices.ContainsFunc(actions[name].params, func(q modelParam) bool { return q.Name == p }) {
				t.Errorf("the action %s has no parameter %s", name, p)
			}
		}
	}
	for name := range m.overlay.Replies {
		if actions[name] == nil {
			t.Errorf("there is a reply to %s, which is no action", name)
		}
	}
	for name := range m.overlay.Lists {
		if actions[name] == nil {
			t.Errorf("there is a list of %s, which is no action", name)
		}
	}
	for _, names := range m.overlay.Privileges {
		for _, name := range names {
			if actions[name] == nil {
				t.Errorf("there are privileges of %s, which is no action", name)
			}
		}
	}
}

// The documentation of 22 says of 11 lists what they are; the overlay does not contradict it.
func TestOverlayAgreesWithDocumentation(t *testing.T) {
	facts, err := loadFacts()
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := loadOverlay()
	if err != nil {
		t.Fatal(err)
	}
	documented := 0
	for name, a := range facts["22"].Actions {
		if len(a.List) == 0 {
			continue
		}
		documented++
		if list := overlay.Lists[name]; list.Complete != a.Complete {
			t.Errorf("%s ends with %s, says the documentation, and %s, says the overlay", name, a.Complete, list.Complete)
		}
		for _, item := range a.List {
			if !slices.Contains(overlay.Lists[name].Items, item) {
				t.Errorf("the list of %s has %s, says the documentation", name, item)
			}
		}
	}
	if documented != 11 {
		t.Errorf("the documentation describes %d lists", documented)
	}
}

func TestBoolWords(t *testing.T) {
	tests := map[string]bool{"Yes No": true, "off on": true, "0 1": true, "True False": true, "yes off": false, "yes": false, "a b c": false}
	for values, want := range tests {
		if _, _, got := boolWords(strings.Fields(values)); got != want {
			t.Errorf("%s: %v", values, got)
		}
	}
}

func TestExported(t *testing.T) {
	for wire, want := range map[string]string{"Content-Type": "ContentType", "channel": "Channel", "InUse&Ringing": "InUseRinging", "Dialing Offhook": "DialingOffhook"} {
		if got := exported(wire); got != want {
			t.Errorf("%s becomes %s", wire, got)
		}
	}
}

package main

import (
	"slices"
	"strings"
)

// table writes the names of all events and what is known of them.
func (g *eventGenerator) table() *source {
	s := &source{name: "zz_gen_table.go"}
	s.comment("The names of the events, as they are on the wire, which is how the action Filter wants them.")
	s.f("const (\n")
	for _, e := range g.events {
		s.f("Name%s = %q\n", g.overlay.goName(e.name), e.name)
	}
	s.f(")\n\n")
	s.f("// table is what is known of every event, sorted by name.\nvar table = []Info{\n")
	for _, e := range g.events {
		s.f("{Name: %q", e.name)
		if len(e.Classes) > 0 {
			s.f(", Classes: %s", stringList(e.Classes))
		}
		if len(e.Modules) > 0 {
			s.f(", Modules: %s", stringList(e.Modules))
		}
		var lists []string
		for _, a := range g.actions {
			if a.Complete == e.name {
				lists = append(lists, a.name)
			}
		}
		if len(lists) > 0 {
			s.f(", Completes: %s", stringList(lists))
		}
		s.f(", Availability: %s},\n", availability("Availability", e.Since, e.removedIn))
	}
	s.f("}\n\n")
	return s
}

func availability(goType string, since []string, removedIn string) string {
	var parts []string
	if len(since) > 0 {
		parts = append(parts, "Since: "+stringList(since))
	}
	if removedIn != "" {
		parts = append(parts, "RemovedIn: \""+removedIn+"\"")
	}
	return goType + "{" + strings.Join(parts, ", ") + "}"
}

// decode writes the function that makes an event by its name, and all keys that events have.
func (g *eventGenerator) decode() *source {
	s := &source{name: "zz_gen_decode.go"}
	s.f("// blank returns an empty event of this name, spelled as on the wire, or nil.\n")
	s.f("func blank(name string) decoder {\nswitch name {\n")
	for _, e := range g.events {
		name := g.overlay.goName(e.name)
		s.f("case Name%s:\nreturn new(%s)\n", name, name)
	}
	s.f("}\nreturn nil\n}\n\n")
	s.f("// keys are the keys of all fields in the spelling that set knows, one a line.\nconst keys = `\n")
	for _, key := range g.keys() {
		s.f("%s\n", key)
	}
	s.f("`\n")
	return s
}

// keys returns the keys of all fields, those of snapshots with their prefixes too.
func (g *eventGenerator) keys() []string {
	var keys []string
	for _, e := range g.events {
		for _, f := range e.fields {
			if f.Snapshot == "" {
				keys = append(keys, f.Name)
				continue
			}
			for _, name := range g.overlay.Snapshots[f.Snapshot] {
				keys = append(keys, f.Prefix+name)
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// kind says how a field of an event is typed and read: %[1]s is its name in Go, with its owner.
type kind struct {
	goType, read string
}

var eventKinds = map[string]kind{
	"string":       {"string", "%[1]s = value"},
	"int":          {"int", "%[1]s = b.asInt(key, value)"},
	"int64":        {"int64", "%[1]s = b.asInt64(key, value)"},
	"float":        {"float64", "%[1]s = b.asFloat(key, value)"},
	"bool":         {"bool", "%[1]s = b.asBool(key, value)"},
	"seconds":      {"time.Duration", "%[1]s = b.asDuration(key, value, time.Second)"},
	"milliseconds": {"time.Duration", "%[1]s = b.asDuration(key, value, time.Millisecond)"},
	"microseconds": {"time.Duration", "%[1]s = b.asDuration(key, value, time.Microsecond)"},
	"unix":         {"time.Time", "%[1]s = b.asUnix(key, value)"},
	"iso":          {"time.Time", "%[1]s = b.asISO(key, value)"},
	"variables":    {"[]Variable", "%[1]s = b.asVariable(%[1]s, value)"},
	"reports":      {"[]Report", ""},
}

type eventGenerator struct {
	*Model
	names names
	enums enums
	files map[string]*source
}

// generateEvents writes the package event.
func generateEvents(m *Model, dir string) error {
	g := eventGenerator{Model: m, names: names{}, files: map[string]*source{}}
	g.enums = enums{taken: g.names, groups: map[string][]enumField{}, types: map[string]*enumType{}}
	for _, e := range m.events {
		if err := g.names.take(m.overlay.goName(e.name), "the event "+e.name); err != nil {
			return err
		}
		for _, f := range e.fields {
			if _, enum := g.kindOf(e.name, f.Param); enum {
				g.enums.add(e.name, f.Name, f.Enum)
			}
		}
	}
	for _, snapshot := range slices.Sorted(maps.Keys(m.overlay.Snapshots)) {
		if err := g.snapshot(snapshot, m.overlay.Snapshots[snapshot]); err != nil {
			return err
		}
	}
	for _, e := range m.events {
		if err := g.event(e); err != nil {
			return fmt.Errorf("event %s: %w", e.name, err)
		}
	}
	sources := slices.Collect(maps.Values(g.files))
	sources = append(sources, enumSource(&g.enums, "Asterisk may send others."), g.table(), g.decode())
	return writeAll(dir, "event", sources)
}

// kindOf returns the kind of a field, or that it is an enumeration.
func (g *eventGenerator) kindOf(event string, p Param) (string, bool) {
	if kind := g.overlay.kind(event, p.Name); kind != "" {
		return kind, false
	}
	if _, _, ok := boolWords(p.Enum); ok {
		return "bool", false
	}
	switch {
	case numeric(p.Enum):
		return "int", false
	case len(p.Enum) > 1:
		return "", true
	}
	return "string", false
}

// field returns a field's type and the statement that reads it.
func (g *eventGenerator) field(event string, p Param) (kind, error) {
	name, enum := g.kindOf(event, p)
	if enum {
		t, err := g.enums.of(p.Name, p.Enum)
		if err != nil {
			return kind{}, err
		}
		return kind{t.name, "%[1]s = " + t.name + "(value)"}, nil
	}
	k, ok := eventKinds[name]
	if !ok {
		return k, fmt.Errorf("the field %s has the kind %q, which is none", p.Name, name)
	}
	return k, nil
}

func snapshotType(snapshot string) string { return exported(snapshot) + "Snapshot" }

func (g *eventGenerator) snapshot(snapshot string, fields []string) error {
	s := &source{name: "zz_gen_snapshot_" + snapshot + ".go"}
	g.files["snapshot "+snapshot] = s
	name := snapshotType(snapshot)
	if err := g.names.take(name, "the snapshot of a "+snapshot); err != nil {
		return err
	}
	s.comment(fmt.Sprintf("%s is what an event tells about a %s. Where an event tells of several, the keys of all but one "+
		"begin with a word, such as Dest.", name, snapshot))
	s.f("type %s struct {\n", name)
	var cases strings.Builder
	for _, f := range fields {
		k, err := g.field("", Param{Name: f})
		if err != nil {
			return err
		}
		s.f("\t%s %s\n", g.overlay.goName(f), k.goType)
		fmt.Fprintf(&cases, "case %q:\n%s\n", f, fmt.Sprintf(k.read, "s."+g.overlay.goName(f)))
	}
	s.f("}\n\nfunc (s *%s) set(b *Base, name, key, value string) bool {\nswitch name {\n%sdefault:\nreturn false\n}\nreturn true\n}\n\n", name, cases.String())
	s.f("func (s *%s) setPrefixed(b *Base, prefix, key, value string) bool {\nname, ok := strings.CutPrefix(key, prefix)\n"+
		"return ok && s.set(b, name, key, value)\n}\n", name)
	return nil
}

func (g *eventGenerator) event(e *modelEvent) error {
	s := perLetter(g.files, e.name)
	name := g.overlay.goName(e.name)
	g.eventComment(s, e, name)
	s.f("type %s struct {\nBase\n", name)
	var cases strings.Builder
	var rest []string // what else may take a key
	fields := map[string]string{}
	for _, f := range e.fields {
		if f.Snapshot != "" {
			s.f("%s %s\n", f.Prefix, snapshotType(f.Snapshot))
			rest = append(rest, snapshotRead(f.Param))
			continue
		}
		k, err := g.field(e.name, f.Param)
		if err != nil {
			return err
		}
		goName := g.overlay.goName(f.Name)
		if other, taken := fields[goName]; taken || baseMethod(goName) {
			return fmt.Errorf("the field %s cannot be called %s: %s is", f.Name, goName, other)
		}
		fields[goName] = f.Name
		s.f("%s %s%s\n", goName, k.goType, fieldComment(f.series, e.series, ""))
		if k.read == "" {
			rest = append(rest, fmt.Sprintf("b.asReport(&e.%s, key, value)", goName))
			continue
		}
		fmt.Fprintf(&cases, "case %q:\n%s\n", f.Name, fmt.Sprintf(k.read, "e."+goName))
	}
	s.f("}\n\n")
	s.f("func (e *%s) wireName() string { return Name%s }\n\n", name, name)
	setMethod(s, name, cases.String(), rest)
	return nil
}

func snapshotRead(p Param) string {
	if p.Prefix == "" {
		return fmt.Sprintf("e.%s.set(b, %s, %[2]s, value)", snapshotType(p.Snapshot), "key")
	}
	return fmt.Sprintf("e.%s.setPrefixed(b, %q, key, value)", p.Prefix, p.Prefix)
}

func setMethod(s *source, name, cases string, rest []string) {
	if cases == "" && len(rest) == 0 {
		s.f("func (e *%s) set(_, _ string) bool { return false }\n\n", name)
		return
	}
	otherwise := cmp.Or(strings.Join(rest, " ||\n"), "false")
	s.f("func (e *%s) set(key, value string) bool {\n", name)
	if strings.Contains(cases, "b.") || len(rest) > 0 {
		s.f("b := &e.Base\n")
	}
	if cases == "" {
		s.f("return %s\n}\n\n", otherwise)
		return
	}
	s.f("switch key {\n%sdefault:\nreturn %s\n}\nreturn true\n}\n\n", cases, otherwise)
}

// baseMethod reports whether all events have a method of this name, which a field must not hide.
func baseMethod(name string) bool {
	return slices.Contains([]string{"Message", "Err", "Unmapped", "Timestamp", "Base"}, name)
}

func (g *eventGenerator) eventComment(s *source, e *modelEvent, name string) {
	text := name + " is the event " + e.name
	if len(e.Modules) > 0 && e.Modules[0] != "builtin" {
		text += " of " + strings.Join(e.Modules, ", ")
	}
	text += "."
	if len(e.Classes) > 0 {
		text += " Class " + strings.Join(e.Classes, ", ") + "."
	}
	text += " " + versions(e.Since, e.removedIn)
	if lists := g.listsWith(e.name); lists != "" {
		text += " " + lists
	}
	if e.doc == "" {
		text += " Asterisk's documentation lacks it."
	}
	s.comment(text)
	if e.doc != "" {
		s.f("// See %s\n", docLink("Events", e.doc, e.series))
	}
}

// listsWith says which actions are answered with lists that the event is in.
func (g *eventGenerator) listsWith(event string) string {
	var items, ends []string
	for _, a := range g.actions {
		if slices.Contains(a.List, event) {
			items = append(items, a.name)
		}
		if a.Complete == event {
			ends = append(ends, a.name)
		}
	}
	var text []string
	if len(items) > 0 {
		text = append(text, "In the list of "+strings.Join(items, ", ")+".")
	}
	if len(ends) > 0 {
		text = append(text, "It ends the list of "+strings.Join(ends, ", ")+".")
	}
	return strings.Join(text, " ")
}

// fieldComment says what is to be said about a field behind it.
func fieldComment(series, of []string, more string) string {
	var words []string
	if more != "" {
		words = append(words, more)
	}
	newest, oldest := allSeries[len(allSeries)-1], allSeries[0]
	switch {
	case len(series) == 0:
	case !slices.Contains(series, newest) && slices.Contains(of, newest):
		words = append(words, "not documented for "+newest)
	case !slices.Contains(series, oldest) && slices.Contains(of, oldest):
		words = append(words, "not documented for "+oldest)
	}
	if len(words) == 0 {
		return ""
	}
	return " // " + strings.Join(words, "; ")
}

// enumSource writes the string types and their constants; more is said about each.
func enumSource(e *enums, more string) *source {
	s := &source{name: "zz_gen_enums.go"}
	slices.SortFunc(e.order, func(a, b *enumType) int { return cmp.Compare(a.name, b.name) })
	for _, t := range e.order {
		var owners []string
		for _, f := range t.fields {
			owners = append(owners, f.owner)
		}
		s.comment(fmt.Sprintf("%s is %s of %s, with the documented values. %s",
			t.name, t.fields[0].field, strings.Join(owners, ", "), more))
		s.f("type %s string\n\nconst (\n", t.name)
		constants := t.constants()
		for _, v := range t.values {
			if strings.ContainsAny(v, "<") || constants[v] == t.name {
				continue // a placeholder
			}
			s.f("%s %s = %q\n", constants[v], t.name, v)
		}
		s.f(")\n\n")
	}
	return s
}

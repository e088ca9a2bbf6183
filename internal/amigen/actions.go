package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// paramKind says how a parameter is typed and sent: %[1]q is its name on the wire, %[2]s the field, %[3]s the words of a bool.
type paramKind struct {
	goType, send, require string
	note                  string
}

var paramKinds = map[string]paramKind{
	"string":       {"string", "b.text(%[1]q, %[2]s)", "b.requireText(%[1]q, %[2]s)", ""},
	"text":         {"string", "b.add(%[1]q, %[2]s)", "b.add(%[1]q, %[2]s)", "may be empty, and is always sent"},
	"int":          {"int", "b.number(%[1]q, %[2]s)", "b.requireNumber(%[1]q, %[2]s)", ""},
	"bool":         {"bool", "b.word(%[1]q, %[2]s, %[3]s)", "b.requireWord(%[1]q, %[2]s, [2]string{%[3]s})", ""},
	"bool!":        {"bool", "b.requireWord(%[1]q, %[2]s, [2]string{%[3]s})", "", ""}, // sent also where it is false
	"bool?":        {"*bool", "b.optionalWord(%[1]q, %[2]s, [2]string{%[3]s})", "", "nil leaves it to Asterisk"},
	"seconds":      {"time.Duration", "", "b.requireDuration(%[1]q, %[2]s, time.Second)", "whole seconds"},
	"milliseconds": {"time.Duration", "b.milliseconds(%[1]q, %[2]s)", "b.requireDuration(%[1]q, %[2]s, time.Millisecond)", "whole milliseconds"},
	"variables":    {"[]Variable", "b.variables(%[2]s)", "", "in order"},
	"csv":          {"[]string", "b.names(%[1]q, %[2]s)", "", ""},
}

type actionGenerator struct {
	*Model
	names names
	enums enums
	files map[string]*source
}

// generateActions writes the package action.
func generateActions(m *Model, dir string) error {
	g := actionGenerator{Model: m, names: names{}, files: map[string]*source{}}
	g.enums = enums{taken: g.names, groups: map[string][]enumField{}, types: map[string]*enumType{}}
	for _, a := range m.actions {
		if err := g.names.take(a.name, "the action "+a.name); err != nil {
			return err
		}
		for _, p := range a.params {
			if kind, _ := g.kindOf(a.name, p.Param); kind == "" {
				g.enums.add(a.name, p.Name, p.Enum)
			}
		}
	}
	for _, a := range m.actions {
		if err := g.action(a); err != nil {
			return fmt.Errorf("action %s: %w", a.name, err)
		}
	}
	sources := slices.Collect(maps.Values(g.files))
	sources = append(sources, enumSource(&g.enums, ""), g.table(), g.all())
	return writeAll(dir, "action", sources)
}

// kindOf returns a parameter's kind and the argument of it; "" is an enumeration.
func (g *actionGenerator) kindOf(action string, p Param) (kind, argument string) {
	if kind, argument, _ = strings.Cut(g.overlay.Params[action][p.Name], " "); kind != "" {
		return kind, argument
	}
	if yes, no, ok := boolWords(p.Enum); ok {
		return "bool", yes + " " + no
	}
	if len(p.Enum) > 0 {
		return "", ""
	}
	return "string", ""
}

func (g *actionGenerator) action(a *modelAction) error {
	s := perLetter(g.files, a.name)
	g.actionComment(s, a)
	s.f("type %s struct {\n", a.name)
	var build strings.Builder
	fields := map[string]bool{}
	for _, p := range a.params {
		if p.Name == "ActionID" {
			continue
		}
		if err := g.param(s, &build, a, p); err != nil {
			return err
		}
		goName := exported(p.Name)
		if slices.Contains([]string{"Action", "Validate", "Reply", "Item", "Extra"}, goName) || fields[goName] {
			return fmt.Errorf("no field can be called %s", goName)
		}
		fields[goName] = true
	}
	s.f("// Extra are headers beyond those that are documented.\nExtra []ami.Header\n}\n\n")
	build.WriteString("b.headers(a.Extra)\n")
	s.f("func (a %s) build(b *builder) {\n%s}\n\n", a.name, build.String())
	s.f("// Action returns the action as it is sent.\n")
	s.f("func (a %s) Action() ami.Action { return buildAction(%q, a.build) }\n\n", a.name, a.name)
	s.f("// Validate says what is missing or cannot be sent.\n")
	s.f("func (a %s) Validate() error { return validateAction(%q, a.build) }\n\n", a.name, a.name)
	if err := g.reply(s, a); err != nil {
		return err
	}
	g.item(s, a)
	return nil
}

func (g *actionGenerator) param(s *source, build *strings.Builder, a *modelAction, p modelParam) error {
	name, argument := g.kindOf(a.name, p.Param)
	field := exported(p.Name)
	switch name {
	case "drop":
		return nil
	case "indexed":
		field, goType, _ := strings.Cut(argument, " ")
		s.f("%s []%s\n", field, goType)
		fmt.Fprintf(build, "b.%s(a.%s)\n", strings.ToLower(field), field)
		return nil
	}
	var notes []string
	if p.Required {
		notes = append(notes, "required")
	}
	if p.Default != "" {
		notes = append(notes, "default "+p.Default)
	}
	value := "a." + field
	k, ok := paramKinds[name]
	if name == "" {
		t, err := g.enums.of(p.Name, p.Enum)
		if err != nil {
			return err
		}
		k, ok = paramKinds["string"], true
		k.goType, value = t.name, "string("+value+")"
	}
	if !ok {
		return fmt.Errorf("%s has the kind %q, which is none", p.Name, name)
	}
	if k.note != "" {
		notes = append(notes, k.note)
	}
	send := k.send
	if p.Required && k.require != "" {
		send = k.require
	}
	if send == "" {
		return fmt.Errorf("%s has the kind %s, which is for required parameters only", p.Name, name)
	}
	s.f("%s %s%s\n", field, k.goType, fieldComment(p.series, a.series, strings.Join(notes, "; ")))
	wire := p.Name
	if wire == strings.ToLower(wire) {
		wire = field // Asterisk finds it in any spelling
	}
	send = strings.ReplaceAll(send, "%[3]s", boolArgument(send, argument))
	fmt.Fprintf(build, "%s\n", strings.NewReplacer("%[1]q", strconv.Quote(wire), "%[2]s", value).Replace(send))
	return nil
}

// boolArgument returns the words of a bool as far as send needs them.
func boolArgument(send, argument string) string {
	yes, no, ok := strings.Cut(argument, " ")
	if !ok {
		yes, no = "true", "false"
	}
	if strings.Contains(send, "[2]string") {
		return fmt.Sprintf("%q, %q", yes, no)
	}
	return fmt.Sprintf("%q", yes)
}

func (g *actionGenerator) actionComment(s *source, a *modelAction) {
	text := a.name + " is the action " + a.name
	if len(a.Modules) > 0 && a.Modules[0] != "builtin" {
		text += " of " + strings.Join(a.Modules, ", ")
	}
	text += ". "
	if len(a.privileges) == 0 {
		text += "It needs no privilege."
	} else {
		text += "Privilege: " + strings.Join(a.privileges, " or ") + "."
	}
	text += " " + versions(a.Since, a.removedIn)
	if a.Complete != "" {
		var items []string
		for _, item := range a.List {
			items = append(items, "[event."+g.overlay.goName(item)+"]")
		}
		subject := " It"
		if when := g.overlay.Lists[a.name].When; when != "" {
			subject = " If " + when + ", it"
		}
		text += subject + " is answered with a list of " + strings.Join(items, ", ") + ", up to " + a.Complete + ": run it with [List]."
	}
	s.comment(text)
	s.f("// See %s\n", docLink("Actions", a.name, a.series))
}

// item writes the method that types the events of a list.
func (g *actionGenerator) item(s *source, a *modelAction) {
	switch len(a.List) {
	case 0:
		return
	case 1:
		item := g.overlay.goName(a.List[0])
		s.f("// Item returns the event typed, and whether it is one of the list's.\n")
		s.f("func (a %s) Item(e event.Event) (*event.%s, bool) {\ni, ok := e.(*event.%s)\nreturn i, ok\n}\n\n", a.name, item, item)
	default:
		var types []string
		for _, item := range a.List {
			types = append(types, "*event."+g.overlay.goName(item))
		}
		s.f("// Item returns the event, and whether it is one of the list's.\n")
		s.f("func (a %s) Item(e event.Event) (event.Event, bool) {\nswitch e.(type) {\ncase %s:\nreturn e, true\n}\nreturn nil, false\n}\n\n",
			a.name, strings.Join(types, ",\n"))
	}
}

// table writes what is known of every action.
func (g *actionGenerator) table() *source {
	s := &source{name: "zz_gen_table.go"}
	s.f("// table is what is known of every action, sorted by name.\nvar table = []Info{\n")
	for _, a := range g.actions {
		s.f("{Name: %q", a.name)
		if len(a.privileges) > 0 {
			s.f(", Privileges: %s", stringList(a.privileges))
		}
		if len(a.Modules) > 0 {
			s.f(", Modules: %s", stringList(a.Modules))
		}
		if a.Complete != "" {
			s.f(", Items: %s, Complete: %q", stringList(a.List), a.Complete)
		}
		if a.miscounted {
			s.f(", Miscounted: true")
		}
		s.f(", Availability: %s},\n", availability("event.Availability", a.Since, a.removedIn))
	}
	s.f("}\n")
	return s
}

// all writes a list of all actions, for tests.
func (g *actionGenerator) all() *source {
	s := &source{name: "zz_gen_all_test.go"}
	s.f("// all are all actions, with nothing set.\nvar all = []Action{\n")
	for _, a := range g.actions {
		s.f("%s{},\n", a.name)
	}
	s.f("}\n")
	return s
}

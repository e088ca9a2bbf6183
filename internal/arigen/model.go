package main

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"
)

// Overlay is what Asterisk's files do not say.
type Overlay struct {
	Kinds   map[string]string `yaml:"kinds"`
	GoNames map[string]string `yaml:"go_names"`
	Enums   map[string]string `yaml:"enums"`
	Unwrap  map[string]string `yaml:"unwrap"`
}

// rest is all that the generated package knows: the facts of all series, merged.
type rest struct {
	overlay    *Overlay
	used       map[string]bool // what of the overlay was of use
	operations []*operation
	models     []*modelType
	enums      map[string][]string // values by type
}

type operation struct {
	*Operation
	missing []string // series of Asterisk that do not have it
	params  []field
}

type modelType struct {
	*Model
	missing []string
	fields  []field
}

type field struct {
	*Field
	goName, goType string
	kind           string // how it is read or written
	missing        []string
}

func loadOverlay() (*Overlay, error) {
	text, err := inputs.ReadFile("overlay.yaml")
	if err != nil {
		return nil, err
	}
	o := &Overlay{}
	return o, yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(o)
}

func loadModel() (*rest, error) {
	all, err := loadFacts()
	if err != nil {
		return nil, err
	}
	overlay, err := loadOverlay()
	if err != nil {
		return nil, fmt.Errorf("overlay.yaml: %w", err)
	}
	r := &rest{overlay: overlay, used: map[string]bool{}, enums: map[string][]string{}}
	series := slices.SortedFunc(maps.Keys(all), func(a, b string) int { return cmp.Compare(b, a) })
	for _, s := range series { // the newest first: what it says counts
		if err := r.merge(all[s], s, series[:slices.Index(series, s)]); err != nil {
			return nil, err
		}
	}
	if err := r.unused(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(r.operations, func(a, b *operation) int { return strings.Compare(a.Noun, b.Noun) })
	slices.SortFunc(r.models, func(a, b *modelType) int { return strings.Compare(a.Name, b.Name) })
	return r, nil
}

// merge adds what one series knows. Newer are those that were merged before, which lack what is new here.
func (r *rest) merge(facts *Facts, series string, newer []string) error {
	for _, o := range facts.Operations {
		i := slices.IndexFunc(r.operations, func(x *operation) bool { return x.Noun == o.Noun && x.Name == o.Name })
		if i < 0 {
			r.operations = append(r.operations, &operation{Operation: o, missing: slices.Clone(newer)})
			i = len(r.operations) - 1
		}
		op := r.operations[i]
		if err := r.fields(&op.params, o.Params, o.Noun+"."+o.Name, newer); err != nil {
			return err
		}
		markMissing(op.params, o.Params, series)
	}
	for _, m := range facts.Models {
		i := slices.IndexFunc(r.models, func(x *modelType) bool { return x.Name == m.Name })
		if i < 0 {
			r.models = append(r.models, &modelType{Model: m, missing: slices.Clone(newer)})
			i = len(r.models) - 1
		}
		if err := r.fields(&r.models[i].fields, m.Fields, m.Name, newer); err != nil {
			return err
		}
		markMissing(r.models[i].fields, m.Fields, series)
	}
	r.absent(facts, series)
	return nil
}

// absent marks the operations and models that a series does not have.
func (r *rest) absent(facts *Facts, series string) {
	for _, o := range r.operations {
		if !slices.ContainsFunc(facts.Operations, func(x *Operation) bool { return x.Noun == o.Noun && x.Name == o.Name }) {
			o.missing = append(o.missing, series)
		}
	}
	for _, m := range r.models {
		if !slices.ContainsFunc(facts.Models, func(x *Model) bool { return x.Name == m.Name }) {
			m.missing = append(m.missing, series)
		}
	}
}

func markMissing(fields []field, have []*Field, series string) {
	for i := range fields {
		if !slices.ContainsFunc(have, func(x *Field) bool { return x.Name == fields[i].Name }) {
			fields[i].missing = append(fields[i].missing, series)
		}
	}
}

// fields adds the fields of an owner that are not known yet.
func (r *rest) fields(known *[]field, add []*Field, owner string, newer []string) error {
	for _, f := range add {
		if slices.ContainsFunc(*known, func(x field) bool { return x.Name == f.Name }) {
			continue
		}
		made := field{Field: f, goName: r.goName(owner, f.Name), missing: slices.Clone(newer)}
		if err := r.setType(&made, owner); err != nil {
			return err
		}
		*known = append(*known, made)
	}
	return nil
}

// look finds what the overlay says of a name, or of it in its owner.
func (r *rest) look(from map[string]string, owner, name string) string {
	for _, key := range []string{owner + "." + name, name} {
		if v, ok := from[key]; ok {
			r.used[key] = true
			return v
		}
	}
	return ""
}

// scalars are the types in Go of Asterisk's.
var scalars = map[string]string{
	"string": "string", "int": "int", "long": "int64", "double": "float64", "boolean": "bool", "Date": "time.Time",
	"object": "json.RawMessage", "containers": "Variables", "List[string]": "[]string", "List[object]": "[]json.RawMessage",
}

// kindTypes are the types in Go of the overlay's kinds.
var kindTypes = map[string]string{
	"seconds": "time.Duration", "milliseconds": "time.Duration", "time": "time.Time", "strings": "map[string]string",
	"types": "[]string", "tuples": "[]ConfigTuple", "filter": "EventFilter", "flat": "Variables",
}

func (r *rest) setType(f *field, owner string) error {
	kind := r.look(r.overlay.Kinds, owner, f.Name)
	enum := ""
	if len(f.Enum) > 0 {
		if enum = r.look(r.overlay.Enums, owner, f.Name); enum == "" {
			return fmt.Errorf("the enumeration %s.%s has no type in overlay.yaml", owner, f.Name)
		}
		for _, v := range f.Enum {
			if !slices.Contains(r.enums[enum], v) {
				r.enums[enum] = append(r.enums[enum], v)
			}
		}
	}
	switch {
	case kind != "":
		f.kind, f.goType = kind, kindTypes[kind]
	case enum != "":
		f.kind, f.goType = "enum", enum
	case scalars[f.Type] != "":
		f.kind, f.goType = f.Type, scalars[f.Type]
	case strings.HasPrefix(f.Type, "List["):
		f.kind, f.goType = "list", "[]"+r.modelName(element(f.Type))
	default:
		f.kind, f.goType = "model", r.modelName(f.Type)
		if !f.Required {
			f.goType = "*" + f.goType
		}
	}
	if f.goType == "" {
		return fmt.Errorf("%s.%s has the unknown type %s", owner, f.Name, f.Type)
	}
	if f.Multiple {
		f.goType = "[]" + f.goType
	}
	return nil
}

func element(list string) string { return strings.TrimSuffix(strings.TrimPrefix(list, "List["), "]") }

func (r *rest) modelName(name string) string {
	if v, ok := r.overlay.GoNames[name]; ok {
		r.used[name] = true
		return v
	}
	return exported(name)
}

func (r *rest) goName(owner, name string) string {
	if v := r.look(r.overlay.GoNames, owner, name); v != "" {
		return v
	}
	return exported(name)
}

// exported makes an exported name in Go: event_id and eventId become EventID.
func exported(s string) string {
	var b strings.Builder
	upper := true
	for _, r := range s {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			upper = true
		case upper:
			b.WriteRune(unicode.ToUpper(r))
			upper = false
		default:
			b.WriteRune(r)
		}
	}
	name := b.String()
	for wrong, right := range map[string]string{"Ids": "IDs", "Id": "ID", "Uri": "URI", "Cpu": "CPU", "Rtt": "RTT", "Ssrc": "SSRC"} {
		if before, ok := strings.CutSuffix(name, wrong); ok {
			return before + right
		}
	}
	return name
}

// unused finds what in the overlay is stale or misspelt.
func (r *rest) unused() error {
	for name := range r.overlay.Unwrap {
		r.used[name] = slices.ContainsFunc(r.models, func(m *modelType) bool { return m.Name == name })
	}
	for _, m := range r.models {
		r.modelName(m.Name)
	}
	for _, o := range r.operations {
		r.goName(o.Noun, o.Name)
	}
	for _, part := range []map[string]string{r.overlay.Kinds, r.overlay.GoNames, r.overlay.Enums, r.overlay.Unwrap} {
		for _, key := range slices.Sorted(maps.Keys(part)) {
			if !r.used[key] {
				return fmt.Errorf("overlay.yaml: nothing is called %s", key)
			}
		}
	}
	return nil
}

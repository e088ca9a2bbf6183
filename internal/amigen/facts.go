package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Facts are what the documentation of one version of Asterisk says about AMI: names, and no prose.
type Facts struct {
	// Asterisk is the version that they were read from.
	Asterisk string `json:"asterisk"`
	// Source says where they come from.
	Source string `json:"source"`
	// Base and From are set if these facts are a difference: to those of the series Base. What is added is taken from the
	// facts of the series From.
	Base    string      `json:"base,omitempty"`
	From    string      `json:"from,omitempty"`
	Added   *Difference `json:"added,omitempty"`
	Removed *Difference `json:"removed,omitempty"`

	Actions map[string]*Action `json:"actions,omitempty"`
	Events  map[string]*Event  `json:"events,omitempty"`
}

// Difference names actions and events. Params are parameters of an action, Fields are fields of an event, by its name.
type Difference struct {
	Actions []string            `json:"actions,omitempty"`
	Events  []string            `json:"events,omitempty"`
	Params  map[string][]string `json:"params,omitempty"`
	Fields  map[string][]string `json:"fields,omitempty"`
}

// Action is an action of AMI.
type Action struct {
	Modules []string `json:"modules,omitempty"`
	Since   []string `json:"since,omitempty"`
	Params  []Param  `json:"params,omitempty"`
	// List are the events of the list that it is answered with, Complete is the one that ends the list. Where the
	// documentation is silent, as about most lists, the overlay speaks.
	List     []string `json:"list,omitempty"`
	Complete string   `json:"complete,omitempty"`
}

// Event is an event of AMI.
type Event struct {
	// Classes are the privileges, one of which a user needs to see it.
	Classes []string `json:"classes,omitempty"`
	Modules []string `json:"modules,omitempty"`
	Since   []string `json:"since,omitempty"`
	Fields  []Param  `json:"fields,omitempty"`
}

// Param is a parameter of an action or a field of an event. If Snapshot is set (channel or bridge) it stands for all the
// fields of a snapshot, with a prefix.
type Param struct {
	Name     string   `json:"name,omitempty"`
	Required bool     `json:"required,omitempty"`
	Default  string   `json:"default,omitempty"`
	Multiple bool     `json:"multiple,omitempty"`
	Enum     []string `json:"enum,omitempty"`
	Snapshot string   `json:"snapshot,omitempty"`
	Prefix   string   `json:"prefix,omitempty"`
}

// write returns the facts as JSON with one line for each action and event.
func (f *Facts) write() ([]byte, error) {
	head := *f
	head.Actions, head.Events = nil, nil
	text, err := json.MarshalIndent(head, "", " ")
	if err != nil {
		return nil, err
	}
	b := bytes.NewBuffer(bytes.TrimSuffix(text, []byte("\n}")))
	if err := writeLines(b, "actions", f.Actions); err != nil {
		return nil, err
	}
	if err := writeLines(b, "events", f.Events); err != nil {
		return nil, err
	}
	b.WriteString("\n}\n")
	return b.Bytes(), nil
}

func writeLines[T any](b *bytes.Buffer, title string, entries map[string]T) error {
	if len(entries) == 0 {
		return nil
	}
	fmt.Fprintf(b, ",\n %q: {", title)
	for i, name := range slices.Sorted(maps.Keys(entries)) {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, "\n  %q: ", name)
		var line bytes.Buffer
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(entries[name]); err != nil {
			return err
		}
		b.Write(bytes.TrimSpace(line.Bytes()))
	}
	b.WriteString("\n }")
	return nil
}

// allSeries are the series of Asterisk that there are facts of, oldest first.
var allSeries = []string{"16", "18", "20", "22"}

// loadFacts reads the facts of all series, the differences applied.
func loadFacts() (map[string]*Facts, error) {
	all := map[string]*Facts{}
	for _, series := range allSeries {
		name := "facts/asterisk-" + series + ".json"
		text, err := inputs.ReadFile(name)
		if err != nil {
			return nil, err
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		facts := new(Facts)
		if err := decoder.Decode(facts); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all[series] = facts
	}
	for _, series := range allSeries {
		if err := all[series].apply(all); err != nil {
			return nil, fmt.Errorf("asterisk-%s.json: %w", series, err)
		}
	}
	return all, nil
}

// apply makes whole facts of a difference.
func (f *Facts) apply(all map[string]*Facts) error {
	if f.Base == "" {
		return nil
	}
	base, from := all[f.Base], all[f.From]
	if base == nil || from == nil {
		return fmt.Errorf("there are no facts of the series %s or %s", f.Base, f.From)
	}
	f.Actions, f.Events = maps.Clone(base.Actions), maps.Clone(base.Events)
	if err := addNamed(f.Actions, from.Actions, f.Added.Actions); err != nil {
		return err
	}
	if err := addNamed(f.Events, from.Events, f.Added.Events); err != nil {
		return err
	}
	for name, params := range f.Added.Params {
		if f.Actions[name] == nil || from.Actions[name] == nil {
			return fmt.Errorf("there is no action %s", name)
		}
		action := *f.Actions[name]
		action.Params = addParams(action.Params, from.Actions[name].Params, params)
		f.Actions[name] = &action
	}
	for name, fields := range f.Added.Fields {
		if f.Events[name] == nil || from.Events[name] == nil {
			return fmt.Errorf("there is no event %s", name)
		}
		event := *f.Events[name]
		event.Fields = addParams(event.Fields, from.Events[name].Fields, fields)
		f.Events[name] = &event
	}
	return f.Removed.apply(f)
}

func (d *Difference) apply(f *Facts) error {
	if d == nil {
		return nil
	}
	for _, name := range d.Actions {
		delete(f.Actions, name)
	}
	for _, name := range d.Events {
		delete(f.Events, name)
	}
	for name, fields := range d.Fields {
		if f.Events[name] == nil {
			return fmt.Errorf("there is no event %s", name)
		}
		event := *f.Events[name]
		event.Fields = slices.DeleteFunc(slices.Clone(event.Fields), func(p Param) bool {
			return slices.Contains(fields, p.Name)
		})
		f.Events[name] = &event
	}
	return nil
}

func addNamed[T any](into, from map[string]*T, names []string) error {
	for _, name := range names {
		if from[name] == nil {
			return fmt.Errorf("there is no %s to take over", name)
		}
		into[name] = from[name]
	}
	return nil
}

func addParams(params, from []Param, names []string) []Param {
	params = slices.Clone(params)
	for _, p := range from {
		if slices.Contains(names, p.Name) && !slices.ContainsFunc(params, p.same) {
			params = append(params, p)
		}
	}
	return params
}

// same reports whether both are the same parameter or field.
func (p Param) same(q Param) bool {
	return p.Name == q.Name && p.Snapshot == q.Snapshot && p.Prefix == q.Prefix
}

// merge adds what q knows more about the same parameter.
func (p Param) merge(q Param) Param {
	p.Required = p.Required && q.Required
	p.Multiple = p.Multiple || q.Multiple
	p.Default = cmp.Or(p.Default, q.Default)
	p.Enum = union(p.Enum, q.Enum)
	return p
}

func union(a, b []string) []string {
	a = slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

// mergeParams returns all of a and then those of b that a lacks.
func mergeParams(a, b []Param) []Param {
	a = slices.Clone(a)
	for _, q := range b {
		if i := slices.IndexFunc(a, q.same); i >= 0 {
			a[i] = a[i].merge(q)
		} else {
			a = append(a, q)
		}
	}
	return a
}

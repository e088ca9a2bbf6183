package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/asterism-go/asterism/internal/facts"
)

// Facts are what one Asterisk says of its REST interface, its prose left out.
type Facts struct {
	// Asterisk is the version that it came with, Source where it lies.
	Asterisk   string       `json:"asterisk"`
	Source     string       `json:"source"`
	Operations []*Operation `json:"operations"`
	Models     []*Model     `json:"models"`
}

// Operation is one request.
type Operation struct {
	// Noun is the resource, such as channels, and Name what Asterisk calls the operation there.
	Noun   string `json:"noun"`
	Name   string `json:"name"`
	Method string `json:"method"`
	Path   string `json:"path"`
	// Since are the versions that have brought it, one for each branch.
	Since []string `json:"since,omitempty"`
	// Result is a type such as Channel, List[Channel], void or binary.
	Result string `json:"result"`
	// Refuses are the statuses that Asterisk documents, apart from 2xx.
	Refuses []int    `json:"refuses,omitempty"`
	Params  []*Field `json:"params,omitempty"`
}

// Field is a parameter of an operation, or a field of a model.
type Field struct {
	Name string `json:"name"`
	// In is where a parameter goes: path, query or body.
	In       string   `json:"in,omitempty"`
	Type     string   `json:"type"`
	Required bool     `json:"required,omitempty"`
	Multiple bool     `json:"multiple,omitempty"`
	Enum     []string `json:"enum,omitempty"`
	Default  string   `json:"default,omitempty"`
}

// Model is a structure that Asterisk sends.
type Model struct {
	Name   string   `json:"name"`
	Noun   string   `json:"noun"`
	Event  bool     `json:"event,omitempty"`
	Fields []*Field `json:"fields,omitempty"`
}

// The files as Asterisk has them: Swagger 1.1 (rest-api/api-docs in its source).
type (
	file struct {
		Models ordered[modelJSON] `json:"models"`
		APIs   []struct {
			Path       string          `json:"path"`
			Operations []operationJSON `json:"operations"`
		} `json:"apis"`
	}
	operationJSON struct {
		Method   string      `json:"httpMethod"`
		Nickname string      `json:"nickname"`
		Since    []string    `json:"since"`
		Result   string      `json:"responseClass"`
		Params   []fieldJSON `json:"parameters"`
		Errors   []struct {
			Code any `json:"code"` // some are strings
		} `json:"errorResponses"`
	}
	fieldJSON struct {
		Name      string `json:"name"`
		ParamType string `json:"paramType"`
		DataType  string `json:"dataType"`
		Type      string `json:"type"`
		Required  bool   `json:"required"`
		Multiple  bool   `json:"allowMultiple"`
		Default   any    `json:"defaultValue"`
		Allowable struct {
			Values []string `json:"values"`
		} `json:"allowableValues"`
	}
	modelJSON struct {
		ID         string             `json:"id"`
		SubTypes   []string           `json:"subTypes"`
		Properties ordered[fieldJSON] `json:"properties"`
	}
)

// ordered is a JSON object whose order is kept.
type ordered[T any] []entry[T]

type entry[T any] struct {
	key   string
	value T
}

func (o *ordered[T]) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		e := entry[T]{key: fmt.Sprint(key)}
		if err := d.Decode(&e.value); err != nil {
			return fmt.Errorf("%s: %w", e.key, err)
		}
		*o = append(*o, e)
	}
	return nil
}

// extract reads the facts out of a folder of JSON files.
func extract(version string, dir fs.FS) (*Facts, error) {
	names, err := fs.Glob(dir, "*.json")
	if err != nil {
		return nil, err
	}
	facts := &Facts{Asterisk: version, Source: factsSource}
	events := map[string]bool{}
	for _, name := range names {
		if name == "resources.json" {
			continue
		}
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		var f file
		if err := json.Unmarshal(text, &f); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		facts.add(strings.TrimSuffix(path.Base(name), ".json"), &f, events)
	}
	if len(facts.Operations) == 0 {
		return nil, errors.New("there are no operations in it")
	}
	for _, m := range facts.Models {
		m.Event = events[m.Name] || m.Name == "MissingParams" // an error that comes as an event does
	}
	slices.SortFunc(facts.Models, func(a, b *Model) int { return strings.Compare(a.Name, b.Name) })
	return facts, nil
}

func (f *Facts) add(noun string, from *file, events map[string]bool) {
	for _, api := range from.APIs {
		for _, o := range api.Operations {
			op := &Operation{Noun: noun, Name: o.Nickname, Method: o.Method, Path: api.Path, Since: o.Since, Result: o.Result}
			for _, p := range o.Params {
				op.Params = append(op.Params, p.field())
			}
			for _, e := range o.Errors {
				if code, err := strconv.Atoi(fmt.Sprint(e.Code)); err == nil {
					op.Refuses = append(op.Refuses, code)
				}
			}
			slices.Sort(op.Refuses)
			f.Operations = append(f.Operations, op)
		}
	}
	for _, m := range from.Models {
		model := &Model{Name: m.value.ID, Noun: noun}
		for _, p := range m.value.Properties {
			p.value.Name = p.key
			model.Fields = append(model.Fields, p.value.field())
		}
		f.Models = append(f.Models, model)
		if m.key == "Event" {
			for _, name := range m.value.SubTypes {
				events[name] = true
			}
		}
	}
}

func (j *fieldJSON) field() *Field {
	f := &Field{Name: j.Name, In: j.ParamType, Type: j.DataType + j.Type, Required: j.Required, Multiple: j.Multiple, Enum: j.Allowable.Values}
	if j.Default != nil {
		f.Default = fmt.Sprint(j.Default)
	}
	return f
}

// loadFacts reads committed facts, by the series of Asterisk.
func loadFacts() (map[string]*Facts, error) {
	return facts.Load(inputs, func(f *Facts) string { return f.Asterisk })
}

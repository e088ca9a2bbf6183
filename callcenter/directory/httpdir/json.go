package httpdir

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/internal/record"
)

// maxDepth bounds how deep the fields of a person are looked into.
const maxDepth = 8

// people reads an answer.
func (s *Source) people(text []byte) ([]directory.Person, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var answer any
	if err := decoder.Decode(&answer); err != nil {
		return nil, fmt.Errorf("the answer is no JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the answer is no JSON: something comes after its end")
	}
	items, err := s.items(answer)
	if err != nil {
		return nil, err
	}
	var people []directory.Person
	for i, item := range items {
		object, ok := item.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("item %d of the answer is no object", i)
		}
		if len(people) == s.cfg.MaxPeople {
			return people, fmt.Errorf("%w (%d)", directory.ErrTooMany, s.cfg.MaxPeople)
		}
		people = append(people, s.mapping.Person(flatten(nil, "", object, maxDepth)))
	}
	return people, nil
}

// items finds the list of people in an answer.
func (s *Source) items(answer any) ([]any, error) {
	if s.cfg.Items != "" {
		for name := range strings.SplitSeq(s.cfg.Items, ".") {
			object, ok := answer.(map[string]any)
			if !ok {
				return nil, fmt.Errorf("the answer has no %s", s.cfg.Items)
			}
			if answer, ok = object[name]; !ok {
				return nil, fmt.Errorf("the answer has no %s", s.cfg.Items)
			}
		}
	}
	switch v := answer.(type) {
	case nil:
		return nil, nil
	case []any:
		return v, nil
	case map[string]any:
		if len(v) == 0 {
			return nil, nil
		}
		return []any{v}, nil
	}
	return nil, errors.New("the answer is neither an object nor a list")
}

// flatten makes fields of an object, in the order of their names. Fields of an object inside are called a.b; a list gives
// several fields of the same name.
func flatten(to []record.Field, prefix string, object map[string]any, depth int) []record.Field {
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		to = flattenValue(to, prefix+name, object[name], depth)
	}
	return to
}

func flattenValue(to []record.Field, name string, value any, depth int) []record.Field {
	switch v := value.(type) {
	case nil:
	case []any:
		for _, item := range v {
			if depth > 0 {
				to = flattenValue(to, name, item, depth-1)
			}
		}
	case map[string]any:
		if depth > 0 {
			to = flatten(to, name+".", v, depth-1)
		}
	default:
		to = append(to, record.Field{Name: name, Value: fmt.Sprint(v)})
	}
	return to
}

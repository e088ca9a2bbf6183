package main

import (
	"fmt"
	"strings"
	"unicode"
)

// goName returns the name in Go of what is called so on the wire: the same, but for what Go cannot have.
func (o *Overlay) goName(wire string) string {
	if name, ok := o.GoNames[wire]; ok {
		return name
	}
	return exported(wire)
}

// exported makes an exported name of letters and digits: "Content-Type" becomes ContentType.
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
	return b.String()
}

// names are the exported names of a package, so that none is given twice.
type names map[string]string

func (n names) take(name, what string) error {
	if other, taken := n[name]; taken {
		return fmt.Errorf("%s and %s are both called %s", other, what, name)
	}
	n[name] = what
	return nil
}

// enums are the string types of a package. Fields of one name with the same values share a type; so the field's name is
// enough for it. A type of one field has the name of its owner before it.
type enums struct {
	taken  names
	groups map[string][]enumField // by name and values
	types  map[string]*enumType   // by group
	order  []*enumType
}

type enumField struct{ owner, field string }

type enumType struct {
	name   string
	values []string
	fields []enumField
}

func enumKey(field string, values []string) string {
	return strings.ToLower(field) + "\x00" + strings.Join(values, "\x00")
}

// add makes a field known, before any type is asked for.
func (e *enums) add(owner, field string, values []string) {
	key := enumKey(field, values)
	e.groups[key] = append(e.groups[key], enumField{owner, field})
}

// of returns the type of a field.
func (e *enums) of(field string, values []string) (*enumType, error) {
	key := enumKey(field, values)
	if t := e.types[key]; t != nil {
		return t, nil
	}
	fields := e.groups[key]
	t := &enumType{name: exported(fields[0].owner) + exported(field), values: values, fields: fields}
	if _, taken := e.taken[exported(field)]; len(fields) > 1 && !taken {
		t.name = exported(field)
	}
	if err := e.taken.take(t.name, "the values of "+field); err != nil {
		return nil, err
	}
	e.types[key] = t
	e.order = append(e.order, t)
	return t, nil
}

// constants returns the names of the type's values.
func (t *enumType) constants() map[string]string {
	found := map[string]string{}
	for _, v := range t.values {
		found[v] = t.name + exported(strings.TrimPrefix(v, "-"))
	}
	return found
}

// words are the enumerations that are a bool: true and false, as Asterisk spells them there.
var words = [][2]string{{"yes", "no"}, {"true", "false"}, {"on", "off"}, {"1", "0"}}

// boolWords returns the words if values are those of a bool.
func boolWords(values []string) (yes, no string, ok bool) {
	if len(values) != 2 {
		return "", "", false
	}
	for _, w := range words {
		a, b := strings.ToLower(values[0]), strings.ToLower(values[1])
		if a == w[0] && b == w[1] || a == w[1] && b == w[0] {
			return w[0], w[1], true
		}
	}
	return "", "", false
}

// numeric reports whether all values are numbers.
func numeric(values []string) bool {
	for _, v := range values {
		if v = strings.TrimPrefix(v, "-"); v == "" || strings.Trim(v, "0123456789") != "" {
			return false
		}
	}
	return len(values) > 0
}

// Package record makes people of records with named fields: rows of tables and JSON objects.
package record

import (
	"fmt"
	"slices"
	"strings"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// Field is a named value of a record. A name may come several times.
type Field struct{ Name, Value string }

// Mapping says which of a person's fields the fields of records are, by their names in small letters.
type Mapping map[string]string

// The fields of a person.
const (
	Username     = "username"
	Name         = "name"
	GivenName    = "given_name"
	FamilyName   = "family_name"
	Organisation = "organisation"
	Unit         = "unit"
	Number       = "number"
	Email        = "email"
	Group        = "group"
)

var all = []string{Username, Name, GivenName, FamilyName, Organisation, Unit, Number, Email, Group}

// usual are other names by which the fields go.
var usual = Mapping{
	"uid": Username, "user": Username, "login": Username,
	"display_name": Name, "full_name": Name, "first_name": GivenName, "last_name": FamilyName, "surname": FamilyName,
	"organization": Organisation, "company": Organisation, "department": Unit,
	"numbers": Number, "phone": Number, "phones": Number, "telephone": Number, "mobile": Number,
	"emails": Email, "mail": Email, "groups": Group,
}

// NewMapping completes a mapping from a source's names to a person's fields: what is not in it goes by its usual names. An
// error names a field that a person does not have.
func NewMapping(own map[string]string) (Mapping, error) {
	m := Mapping{}
	for name, field := range usual {
		m[name] = field
	}
	for _, field := range all {
		m[field] = field
	}
	for name, field := range own {
		if field != "" && !slices.Contains(all, field) {
			return nil, fmt.Errorf("mapping of %q: %q is none of %s", name, field, strings.Join(all, ", "))
		}
		m[strings.ToLower(name)] = field
	}
	return m, nil
}

// Has tells whether one of the names is the field.
func (m Mapping) Has(names []string, field string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return m.field(name) == field })
}

func (m Mapping) field(name string) string { return m[strings.ToLower(strings.TrimSpace(name))] }

// Person makes a person of a record. Several numbers, e-mails or groups in one value are separated by semicolons. All
// fields are also kept as attributes.
func (m Mapping) Person(record []Field) directory.Person {
	p := directory.Person{Attributes: map[string][]string{}}
	single := map[string]*string{
		Username: &p.Username, Name: &p.Name, GivenName: &p.GivenName, FamilyName: &p.FamilyName,
		Organisation: &p.Organisation, Unit: &p.Unit,
	}
	several := map[string]*[]string{Number: &p.Numbers, Email: &p.Emails, Group: &p.Groups}
	for _, f := range record {
		value := strings.TrimSpace(f.Value)
		if value == "" {
			continue
		}
		p.Attributes[f.Name] = append(p.Attributes[f.Name], value)
		field := m.field(f.Name)
		if to := single[field]; to != nil && *to == "" {
			*to = value
		}
		if to := several[field]; to != nil {
			*to = union(*to, strings.Split(value, ";"))
		}
	}
	return p
}

func union(to, more []string) []string {
	for _, value := range more {
		if value = strings.TrimSpace(value); value != "" && !slices.Contains(to, value) {
			to = append(to, value)
		}
	}
	return to
}

// Merge makes one person of several records with the same username, e.g. of a join of people and groups.
func Merge(people []directory.Person) []directory.Person {
	var merged []directory.Person
	at := map[string]int{}
	for _, p := range people {
		name := strings.ToLower(p.Username)
		i, known := at[name]
		if name == "" || !known {
			at[name] = len(merged)
			merged = append(merged, p)
			continue
		}
		m := &merged[i]
		m.Numbers, m.Emails, m.Groups = union(m.Numbers, p.Numbers), union(m.Emails, p.Emails), union(m.Groups, p.Groups)
		for key, values := range p.Attributes {
			m.Attributes[key] = union(m.Attributes[key], values)
		}
	}
	return merged
}

// Values are the forms of a number or a username that a question can be made of, by the names of their placeholders.
// A form that does not exist is empty.
func Values(number numbers.Number, last int) map[string]string {
	tail := number.Last(last)
	ending := ""
	if tail != "" {
		ending = "%" + tail
	}
	return map[string]string{
		"number": number.Key(), "e164": number.E164, "national": number.National, "digits": number.Digits,
		"region": number.Region, "last": tail, "ending": ending,
	}
}

// NumberNames are the placeholders of [Values].
var NumberNames = []string{"number", "e164", "national", "digits", "region", "last", "ending"}

// ByLast tells whether a question asks for the last digits only, so that who is found need not be who was looked for.
func ByLast(names []string) bool {
	return slices.Contains(names, "last") || slices.Contains(names, "ending")
}

// WithNumbers returns those who have numbers, by which they can be compared.
func WithNumbers(people []directory.Person) []directory.Person {
	return slices.DeleteFunc(people, func(p directory.Person) bool { return len(p.Numbers) == 0 })
}

// Piece is a part of a template: text, or the name of a placeholder.
type Piece struct {
	Text, Name string
}

// Split takes a template apart at its {placeholders}. A brace that begins no known name is an error.
func Split(template string, names []string) ([]Piece, error) {
	var pieces []Piece
	rest := template
	for {
		before, after, found := strings.Cut(rest, "{")
		if before != "" {
			pieces = append(pieces, Piece{Text: before})
		}
		if !found {
			return pieces, nil
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed || !slices.Contains(names, name) {
			return nil, fmt.Errorf("{%.20s: want one of {%s}", after, strings.Join(names, "}, {"))
		}
		pieces = append(pieces, Piece{Name: name})
		rest = tail
	}
}

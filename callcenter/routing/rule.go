package routing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// rule is a [Rule] made ready.
type rule struct {
	name            string
	caller, dialled *matcher
	person          *personMatch
	open, closed    *calendar
	language        List
	previous        *previousMatch
	load            *LoadMatch

	desk       int32 // noDesk: ask, or the desk that served the caller last
	ask        string
	toPrevious bool
}

type previousMatch struct {
	within time.Duration
	desks  []int32
}

// facts are what is known of a call.
type facts struct {
	caller, dialled numbers.Number
	language        string
	at              time.Time
	known           bool // who calls: person
	shared          bool // person is what those have in common who share the caller's number
	person          directory.Person
	told            bool  // the directory has said whether it knows the caller
	previous        int32 // the desk that served the caller last
	previousAt      time.Time
	load            *busy
}

// fails returns the name of the first condition that the call does not meet, or "".
func (r *rule) fails(f *facts) string {
	if failed := r.caller.fails(&f.caller, callerFields); failed != "" {
		return failed
	}
	if failed := r.dialled.fails(&f.dialled, dialledFields); failed != "" {
		return failed
	}
	if failed := r.person.fails(f); failed != "" {
		return failed
	}
	switch {
	case r.open != nil && !r.open.IsOpen(f.at):
		return "open"
	case r.closed != nil && r.closed.IsOpen(f.at):
		return "closed"
	case r.language != nil && !speaks(r.language, f.language):
		return "language"
	case r.previous != nil && !r.previous.holds(f):
		return "previous"
	case r.load != nil && !r.load.holds(f.load):
		return "load"
	}
	return ""
}

// speaks tells whether a call's language is one of those: "el" is also "el_GR" and "el-GR".
func speaks(languages List, language string) bool {
	for _, want := range languages {
		if len(language) >= len(want) && strings.EqualFold(language[:len(want)], want) &&
			(len(language) == len(want) || language[len(want)] == '_' || language[len(want)] == '-') {
			return true
		}
	}
	return false
}

func (p *previousMatch) holds(f *facts) bool {
	if f.previous == noDesk || f.at.Sub(f.previousAt) > p.within {
		return false
	}
	return p.desks == nil || slices.Contains(p.desks, f.previous)
}

func (l *LoadMatch) holds(busy *busy) bool {
	load, known := busy.load(l.Desk)
	return known && within(load.Waiting, l.WaitingMin, l.WaitingMax) && within(load.Agents, l.AgentsMin, l.AgentsMax)
}

func within(n int, low, high *int) bool {
	return (low == nil || n >= *low) && (high == nil || n <= *high)
}

// personMatch is a [PersonMatch] made ready: its texts are in small letters.
type personMatch struct {
	known                               bool
	one                                 bool // the person must be one, and not some who share a number
	username, unit, organisation, group List
	attributes                          []attributeMatch
}

type attributeMatch struct {
	name, condition string
	values          List
}

func (c *compiler) person(at string, in *PersonMatch) *personMatch {
	if in == nil {
		return nil
	}
	p := &personMatch{
		known: in.Known == nil || *in.Known, one: in.Username != nil || in.Known != nil, username: lower(in.Username), unit: lower(in.Unit),
		organisation: lower(in.Organisation), group: lower(in.Group),
	}
	for name, values := range in.Attributes {
		if name == "" || len(values) == 0 {
			c.wrong(at+".attributes", "want names of attributes with their values")
		}
		p.attributes = append(p.attributes, attributeMatch{name, "person.attributes." + name, lower(values)})
	}
	slices.SortFunc(p.attributes, func(a, b attributeMatch) int { return strings.Compare(a.name, b.name) })
	others := p.anchor() != nil
	if !p.known && others {
		c.wrong(at+".known", "nothing else can be met by somebody who is not known")
	}
	if in.Known == nil && !others {
		c.wrong(at, "a condition without a field")
	}
	for field, list := range map[string]List{"username": in.Username, "unit": in.Unit, "organisation": in.Organisation, "group": in.Group} {
		for i, text := range list {
			if strings.TrimSpace(text) == "" {
				c.wrong(fmt.Sprintf("%s.%s[%d]", at, field, i), "empty")
			}
		}
	}
	return p
}

func lower(list List) List {
	var small List
	for _, text := range list {
		small = append(small, fold(text))
	}
	return small
}

// fold makes texts equal that differ in case, Greek's final sigma too.
func fold(text string) string { return strings.ReplaceAll(strings.ToLower(text), "ς", "σ") }

// anchor is where the index finds the rule, or nil.
func (p *personMatch) anchor() []bucket {
	if p == nil {
		return nil
	}
	for _, one := range []struct {
		field  field
		values List
	}{{byUsername, p.username}, {byUnit, p.unit}, {byGroup, p.group}, {byOrganisation, p.organisation}} {
		if one.values != nil {
			return buckets(one.field, "", one.values)
		}
	}
	if len(p.attributes) > 0 {
		return buckets(byAttribute, p.attributes[0].name, p.attributes[0].values)
	}
	return nil
}

// anchorName is the attribute by which the index finds the rule, as it was written, or "".
func (p *personMatch) anchorName() string {
	if list := p.anchor(); list[0].field == byAttribute {
		return p.attributes[0].name
	}
	return ""
}

func buckets(field field, attribute string, values List) []bucket {
	attribute = fold(attribute)
	list := make([]bucket, 0, len(values))
	for _, text := range values {
		list = append(list, bucket{field, attribute, text})
	}
	return list
}

func (p *personMatch) fails(f *facts) string {
	switch {
	case p == nil:
	case !f.told, p.one && p.known != f.known, !f.known && !f.shared && p.known:
		return "person.known"
	case !p.known:
	case p.username != nil && !contains(p.username, f.person.Username):
		return "person.username"
	case p.unit != nil && !contains(p.unit, f.person.Unit):
		return "person.unit"
	case p.organisation != nil && !contains(p.organisation, f.person.Organisation):
		return "person.organisation"
	case p.group != nil && !slices.ContainsFunc(p.group, f.person.InGroup):
		return "person.group"
	default:
		return p.failsAttributes(&f.person)
	}
	return ""
}

func (p *personMatch) failsAttributes(person *directory.Person) string {
	for i := range p.attributes {
		a := &p.attributes[i]
		if !slices.ContainsFunc(person.Attribute(a.name), func(value string) bool { return contains(a.values, value) }) {
			return a.condition
		}
	}
	return ""
}

func contains(small List, text string) bool {
	return slices.ContainsFunc(small, func(value string) bool { return strings.EqualFold(value, text) })
}

package routing

import (
	"maps"
	"slices"

	"github.com/asterism-go/asterism/callcenter/directory"
)

// maxShared is how many people may share a number for what they have in common to count: with more, the source may not have
// told all of them.
const maxShared = 8

// common is what all those have in common who share the number, such as the line of a school: the unit, say. ok is false if
// there is nothing, or if only the last digits agree.
func common(answer *directory.Answer) (p directory.Person, ok bool) {
	var sharers []*directory.Person
	for i := range answer.Candidates {
		if c := &answer.Candidates[i]; c.Match.Sure() {
			sharers = append(sharers, &c.Person)
		}
	}
	if len(sharers) == 0 || len(sharers) > maxShared {
		return p, false
	}
	p = directory.Person{
		Organisation: sharers[0].Organisation, Unit: sharers[0].Unit, Groups: slices.Clone(sharers[0].Groups),
		Attributes: maps.Clone(sharers[0].Attributes), Source: sharers[0].Source,
	}
	for _, other := range sharers[1:] {
		keep(&p, other)
	}
	return p, p.Organisation != "" || p.Unit != "" || len(p.Groups) > 0 || len(p.Attributes) > 0
}

// keep leaves of p what another one has too.
func keep(p, other *directory.Person) {
	if fold(p.Organisation) != fold(other.Organisation) {
		p.Organisation = ""
	}
	if fold(p.Unit) != fold(other.Unit) {
		p.Unit = ""
	}
	if p.Source != other.Source {
		p.Source = ""
	}
	p.Groups = slices.DeleteFunc(p.Groups, func(group string) bool { return !other.InGroup(group) })
	for name, values := range p.Attributes {
		theirs := other.Attribute(name)
		shared := slices.DeleteFunc(slices.Clone(values), func(value string) bool { return !slices.Contains(theirs, value) })
		if len(shared) == 0 {
			delete(p.Attributes, name)
			continue
		}
		p.Attributes[name] = shared
	}
}

package directory

import (
	"cmp"
	"slices"
	"strings"
)

// Person is what a source knows of somebody. Answers that come from a cache share their slices and maps: they are not to be
// changed.
type Person struct {
	// Username is the name by which the person logs in, e.g. LDAP's uid. It identifies a person within a source.
	Username string `json:"username,omitempty"`
	// Name is how the person is to be shown; see [Person.DisplayName].
	Name       string `json:"name,omitempty"`
	GivenName  string `json:"given_name,omitempty"`
	FamilyName string `json:"family_name,omitempty"`
	// Organisation and Unit are where the person belongs, e.g. a school network and the support centre of an area.
	Organisation string `json:"organisation,omitempty"`
	Unit         string `json:"unit,omitempty"`
	// Numbers are telephone numbers as the source writes them, the most important first.
	Numbers []string `json:"numbers,omitempty"`
	Emails  []string `json:"emails,omitempty"`
	// Groups are the names of the groups that the person belongs to.
	Groups []string `json:"groups,omitempty"`
	// Attributes are the source's own: LDAP attributes, columns of a table, fields of a JSON object. Names are as the source
	// writes them; [Person.Attribute] finds them in any case.
	Attributes map[string][]string `json:"attributes,omitempty"`
	// Source is the name of the source that knows the person.
	Source string `json:"source,omitempty"`
}

// DisplayName is the person's name, put together from its parts if need be, else the username.
func (p *Person) DisplayName() string {
	return cmp.Or(p.Name, strings.TrimSpace(p.GivenName+" "+p.FamilyName), p.Username)
}

// Attribute returns the values of one of the source's own attributes. Case does not matter in its name, as in LDAP.
func (p *Person) Attribute(name string) []string {
	if values, ok := p.Attributes[name]; ok {
		return values
	}
	for key, values := range p.Attributes {
		if strings.EqualFold(key, name) {
			return values
		}
	}
	return nil
}

// InGroup tells whether the person belongs to the group; case does not matter.
func (p *Person) InGroup(name string) bool {
	return slices.ContainsFunc(p.Groups, func(group string) bool { return strings.EqualFold(group, name) })
}

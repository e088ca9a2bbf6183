package ldapdir

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"

	"github.com/asterism-go/asterism/callcenter/directory"
)

// Mapping says which attributes of an entry hold what of a person. Of the lists for a single value the first attribute that
// has one counts; of Numbers, Emails and Groups all do. The zero value is that of inetOrgPerson (RFC 2798).
type Mapping struct {
	// Username is also what people are looked for by. Default: uid.
	Username string `yaml:"username"`
	// Name defaults to displayName and cn, GivenName to givenName, FamilyName to sn, Organisation to o, Unit to ou.
	Name         []string `yaml:"name"`
	GivenName    []string `yaml:"given_name"`
	FamilyName   []string `yaml:"family_name"`
	Organisation []string `yaml:"organisation"`
	Unit         []string `yaml:"unit"`
	// Numbers are also what people are looked for by. Default: telephoneNumber and mobile.
	Numbers []string `yaml:"numbers"`
	// Emails defaults to mail, Groups to memberOf. Of a group that is named by its entry (cn=staff,ou=groups,...) the
	// first value of the name counts (staff).
	Emails []string `yaml:"emails"`
	Groups []string `yaml:"groups"`
}

// ActiveDirectory is the mapping for Microsoft's servers. Their people are found with LooseNumbers and the filter
// (&(objectCategory=person)(objectClass=user)).
func ActiveDirectory() Mapping {
	return Mapping{
		Username: "sAMAccountName", Organisation: []string{"company"}, Unit: []string{"department"},
		Numbers: []string{"telephoneNumber", "mobile", "ipPhone", "otherTelephone"},
	}
}

func (m *Mapping) setDefaults() {
	if m.Username == "" {
		m.Username = "uid"
	}
	for _, field := range []struct {
		attributes *[]string
		standard   []string
	}{
		{&m.Name, []string{"displayName", "cn"}},
		{&m.GivenName, []string{"givenName"}},
		{&m.FamilyName, []string{"sn"}},
		{&m.Organisation, []string{"o"}},
		{&m.Unit, []string{"ou"}},
		{&m.Numbers, []string{"telephoneNumber", "mobile"}},
		{&m.Emails, []string{"mail"}},
		{&m.Groups, []string{"memberOf"}},
	} {
		if len(*field.attributes) == 0 {
			*field.attributes = field.standard
		}
	}
}

// wanted are the attributes to ask for: those of users, and the groups, which servers compute.
func (m *Mapping) wanted() []string { return append([]string{"*"}, m.Groups...) }

// The bounds of what is kept of an entry's attributes.
const (
	maxValues = 1000 // of an attribute
	maxValue  = 4096 // bytes
)

// unwanted are attributes that hold secrets, or pictures and certificates.
var unwanted = []string{
	"userPassword", "authPassword", "unicodePwd", "sambaNTPassword", "sambaLMPassword", "krbPrincipalKey",
	"jpegPhoto", "thumbnailPhoto", "photo", "audio", "userCertificate", "userSMIMECertificate", "userPKCS12",
}

// attributes are an entry's attributes by name in small letters; options (cn;lang-el) are attributes of their own.
type attributes map[string][]string

func (a attributes) first(names []string) string {
	for _, name := range names {
		if values := a[strings.ToLower(name)]; len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

func (a attributes) all(names []string) []string {
	var all []string
	for _, name := range names {
		for _, value := range a[strings.ToLower(name)] {
			if !slices.Contains(all, value) {
				all = append(all, value)
			}
		}
	}
	return all
}

// person makes a person of an entry. The raw attributes are kept by the names that the server gives, with the entry's own
// name as "dn".
func (m *Mapping) person(entry *ldap.Entry) directory.Person {
	raw := map[string][]string{"dn": {entry.DN}}
	byName := attributes{}
	for _, attribute := range entry.Attributes {
		if isUnwanted(attribute.Name) {
			continue
		}
		if values := textValues(attribute.Values); len(values) > 0 {
			raw[attribute.Name] = values
			byName[strings.ToLower(attribute.Name)] = values
		}
	}
	p := directory.Person{
		Username:     byName.first([]string{m.Username}),
		Name:         byName.first(m.Name),
		GivenName:    byName.first(m.GivenName),
		FamilyName:   byName.first(m.FamilyName),
		Organisation: byName.first(m.Organisation),
		Unit:         byName.first(m.Unit),
		Numbers:      byName.all(m.Numbers),
		Emails:       byName.all(m.Emails),
		Attributes:   raw,
	}
	for _, group := range byName.all(m.Groups) {
		p.Groups = append(p.Groups, groupName(group))
	}
	return p
}

func isUnwanted(name string) bool {
	name, _, _ = strings.Cut(name, ";")
	return slices.ContainsFunc(unwanted, func(u string) bool { return strings.EqualFold(u, name) })
}

// textValues are the values that are text of a length that somebody may want to match on.
func textValues(values []string) []string {
	var kept []string
	for _, value := range values[:min(len(values), maxValues)] {
		if len(value) <= maxValue && utf8.ValidString(value) {
			kept = append(kept, value)
		}
	}
	return kept
}

// groupName is the first value of an entry's name, else the text itself.
func groupName(text string) string {
	dn, err := ldap.ParseDN(text)
	if err != nil || len(dn.RDNs) == 0 || len(dn.RDNs[0].Attributes) == 0 {
		return text
	}
	return dn.RDNs[0].Attributes[0].Value
}

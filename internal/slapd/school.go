package slapd

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

// School is a directory of a country's school network, made up: twelve support centres, each a unit with a group of its own,
// and users who are spread over them. The same School gives the same entries.
type School struct {
	// Users is how many there are. At most [MaxUsers].
	Users int
	// Suffix is the name of the tree. Default: DefaultSuffix.
	Suffix string
}

// MaxUsers is how many users a School can have: each has telephone numbers of his own.
const MaxUsers = 100_000

// Centre is a support centre.
type Centre struct {
	// Unit is its name in ou and in the group's cn, e.g. "patra".
	Unit string
	// City is where it is, in Greek.
	City string
	// AreaCode is the area code of its users' telephones.
	AreaCode string
}

// Centres are the support centres.
var Centres = [12]Centre{
	{"athens-north", "Μαρούσι", "210"},
	{"athens-west", "Αιγάλεω", "210"},
	{"piraeus", "Πειραιάς", "210"},
	{"thessaloniki", "Θεσσαλονίκη", "2310"},
	{"patra", "Πάτρα", "2610"},
	{"heraklion", "Ηράκλειο", "2810"},
	{"larissa", "Λάρισα", "2410"},
	{"ioannina", "Ιωάννινα", "26510"},
	{"komotini", "Κομοτηνή", "25310"},
	{"kozani", "Κοζάνη", "24610"},
	{"tripoli", "Τρίπολη", "2710"},
	{"mytilini", "Μυτιλήνη", "22510"},
}

// ServiceUser is the uid of the entry by which programs log in, below ou=services; its password is [Password].
const ServiceUser = "callcenter"

// ServiceDN is the name of that entry in the default tree.
const ServiceDN = "uid=" + ServiceUser + ",ou=services," + DefaultSuffix

// User is a user of a School.
type User struct {
	UID, GivenName, FamilyName string
	Unit                       string // of his Centre
	Role                       string // employeeType: teacher, head or secretary
	// Phone and Mobile are in E.164; the directory holds them as people write them.
	Phone, Mobile string
	Email         string
}

// name is a name in Greek and in the letters of a uid.
type name struct{ greek, latin string }

var (
	givenNames = []name{
		{"Μαρία", "maria"},
		{"Γιώργος", "giorgos"},
		{"Ελένη", "eleni"},
		{"Δημήτρης", "dimitris"},
		{"Κατερίνα", "katerina"},
		{"Νίκος", "nikos"},
		{"Βασιλική", "vasiliki"},
		{"Παναγιώτης", "panagiotis"},
		{"Σοφία", "sofia"},
		{"Γιάννης", "giannis"},
		{"Αγγελική", "angeliki"},
	}
	familyNames = []name{
		{"Παπαδάκη", "papadaki"},
		{"Νικολάου", "nikolaou"},
		{"Γεωργίου", "georgiou"},
		{"Οικονόμου", "oikonomou"},
		{"Μακρή", "makri"},
		{"Δήμου", "dimou"},
		{"Βλάχου", "vlachou"},
		{"Αλεξίου", "alexiou"},
		{"Σταύρου", "stavrou"},
		{"Ιωάννου", "ioannou"},
		{"Λάμπρου", "lambrou"},
		{"Χρήστου", "christou"},
		{"Ρήγα", "riga"},
	}
	roles = []string{"teacher", "teacher", "teacher", "secretary", "head"}
)

// User returns the user with the number i, from 0.
func (s School) User(i int) User {
	centre := Centres[i%len(Centres)]
	given, family := givenNames[i%len(givenNames)], familyNames[i%len(familyNames)]
	subscriber := fmt.Sprintf("2%06d", i) // of a number with an area code of 3 digits; longer ones take from its front
	uid := fmt.Sprintf("%s%d", family.latin, i)
	return User{
		UID: uid, GivenName: given.greek, FamilyName: family.greek, Unit: centre.Unit, Role: roles[i%len(roles)],
		Phone:  "+30" + centre.AreaCode + subscriber[len(centre.AreaCode)-3:],
		Mobile: fmt.Sprintf("+3069%08d", 70_000_000+i),
		Email:  uid + "@" + centre.Unit + ".school.example",
	}
}

// DN is the name of a user's entry.
func (s School) DN(u User) string {
	return fmt.Sprintf("uid=%s,ou=%s,ou=people,%s", u.UID, u.Unit, s.suffix())
}

func (s School) suffix() string { return cmp.Or(s.Suffix, DefaultSuffix) }

// LDIF is the directory in LDIF (RFC 2849).
func (s School) LDIF() string {
	var text strings.Builder
	_ = s.WriteLDIF(&text) // a Builder takes everything
	return text.String()
}

// WriteLDIF writes the directory in LDIF: the suffix, the service entry, ou=people with a unit per centre and the users below
// it, and ou=groups with a group per centre. A user's userPassword is his uid.
func (s School) WriteLDIF(w io.Writer) error {
	l := ldif{w: w}
	suffix := s.suffix()
	l.text(suffixEntry(suffix))
	for _, unit := range []string{"people", "groups", "services"} {
		l.entry(fmt.Sprintf("ou=%s,%s", unit, suffix), "objectClass", "organizationalUnit", "ou", unit)
	}
	l.entry(fmt.Sprintf("uid=%s,ou=services,%s", ServiceUser, suffix), "objectClass", "account",
		"objectClass", "simpleSecurityObject", "uid", ServiceUser, "userPassword", Password)
	for _, centre := range &Centres {
		l.entry(fmt.Sprintf("ou=%s,ou=people,%s", centre.Unit, suffix),
			"objectClass", "organizationalUnit", "ou", centre.Unit, "l", centre.City)
	}
	for i := range min(s.Users, MaxUsers) {
		s.writeUser(&l, i)
	}
	for c, centre := range &Centres {
		fields := []string{"objectClass", "groupOfNames", "cn", centre.Unit, "member", s.ServiceDN()}
		for i := c; i < min(s.Users, MaxUsers); i += len(Centres) {
			fields = append(fields, "member", s.DN(s.User(i)))
		}
		l.entry(fmt.Sprintf("cn=%s,ou=groups,%s", centre.Unit, suffix), fields...)
	}
	return l.err
}

// ServiceDN is the name of the entry by which programs log in.
func (s School) ServiceDN() string {
	return fmt.Sprintf("uid=%s,ou=services,%s", ServiceUser, s.suffix())
}

func (s School) writeUser(l *ldif, i int) {
	u := s.User(i)
	l.entry(s.DN(u), "objectClass", "inetOrgPerson", "uid", u.UID,
		"cn", u.GivenName+" "+u.FamilyName, "givenName", u.GivenName, "sn", u.FamilyName,
		"o", "School Network", "ou", u.Unit, "employeeType", u.Role, "mail", u.Email,
		"telephoneNumber", written(u.Phone, i), "mobile", written(u.Mobile, i+1), "userPassword", u.UID)
}

// written writes a Greek number in one of the ways that people do.
func written(e164 string, i int) string {
	national := e164[3:]
	switch i % 4 {
	case 0:
		return e164
	case 1:
		return national[:3] + " " + national[3:6] + " " + national[6:]
	case 2:
		return "+30 " + national[:4] + "-" + national[4:]
	}
	return national
}

// ldif writes entries and keeps the first error.
type ldif struct {
	w   io.Writer
	err error
}

// entry writes one entry: its name, and attributes and values in turn.
func (l *ldif) entry(dn string, fields ...string) {
	var b strings.Builder
	for i := -2; i < len(fields); i += 2 {
		key, value := "dn", dn
		if i >= 0 {
			key, value = fields[i], fields[i+1]
		}
		if strings.IndexFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) >= 0 {
			key, value = key+":", base64.StdEncoding.EncodeToString([]byte(value))
		}
		b.WriteString(key + ": " + value + "\n")
	}
	b.WriteByte('\n')
	l.text(b.String())
}

func (l *ldif) text(s string) {
	if l.err == nil {
		_, l.err = io.WriteString(l.w, s)
	}
}

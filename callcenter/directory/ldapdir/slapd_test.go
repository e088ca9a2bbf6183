package ldapdir_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/ldapdir"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
	"github.com/asterism-go/asterism/internal/slapd"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var plan = numbers.Must(numbers.Config{Region: "GR", Extensions: []string{"2XX"}})

// config asks a server as the school's service user. Its limits are wide: machines that test are slow.
func config(s *slapd.Server) ldapdir.Config {
	return ldapdir.Config{
		URLs: []string{s.URL()}, BindDN: slapd.ServiceDN, Password: slapd.Password, BaseDN: slapd.DefaultSuffix,
		GroupBaseDN: "ou=groups," + slapd.DefaultSuffix, Timeout: 20 * time.Second,
	}
}

func open(t testing.TB, cfg ldapdir.Config) *ldapdir.Source {
	t.Helper()
	s, err := ldapdir.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func chain(s directory.Source) *directory.Chain {
	return &directory.Chain{
		Plan: plan, Budget: time.Minute, Links: []directory.Link{{Source: s, Deadline: 30 * time.Second, Rest: -1}},
	}
}

func TestFind(t *testing.T) {
	school := slapd.School{Users: 240}
	server := slapd.Start(t, slapd.Config{LDIF: school.LDIF()})
	people := chain(open(t, config(server)))
	for _, i := range []int{0, 1, 2, 3, 119, 239} { // the four ways in which numbers are written
		u := school.User(i)
		for _, number := range []string{u.Phone, u.Mobile, u.Phone[3:], "0030" + u.Mobile[3:]} {
			answer, err := people.ByNumber(t.Context(), plan.Parse("", number))
			if err != nil || answer.Person.Username != u.UID || answer.Match != numbers.Exact {
				t.Errorf("%s: %v, %v; want %s", number, answer, err, u.UID)
			}
		}
		answer, err := people.ByUsername(t.Context(), " "+strings.ToUpper(u.UID)+" ")
		p := answer.Person
		if err != nil || p.Username != u.UID || p.Name != u.GivenName+" "+u.FamilyName || p.Unit != u.Unit ||
			p.GivenName != u.GivenName || p.FamilyName != u.FamilyName || p.Organisation != "School Network" || p.Source != "ldap" {
			t.Errorf("%s: %+v, %v; want %+v", u.UID, p, err, u)
		}
		if !slices.Equal(p.Groups, []string{u.Unit}) || !slices.Equal(p.Emails, []string{u.Email}) || len(p.Numbers) != 2 {
			t.Errorf("%s has groups %v, e-mails %v, numbers %v", u.UID, p.Groups, p.Emails, p.Numbers)
		}
		if got := p.Attribute("EMPLOYEETYPE"); !slices.Equal(got, []string{u.Role}) {
			t.Errorf("%s has the role %v, want %s", u.UID, got, u.Role)
		}
		if got := p.Attribute("userPassword"); got != nil {
			t.Errorf("%s comes with the password %q", u.UID, got)
		}
	}
}

func TestNotFound(t *testing.T) {
	server := slapd.Start(t, slapd.Config{LDIF: slapd.School{Users: 24}.LDIF()})
	people := chain(open(t, config(server)))
	for _, number := range []string{"+302109999999", "204", "112", "anonymous", "papadaki", ""} {
		if answer, err := people.ByNumber(t.Context(), plan.Parse("", number)); !errors.Is(err, directory.ErrNotFound) {
			t.Errorf("%q: %v, %v; want ErrNotFound", number, answer, err)
		}
	}
}

// person is an entry in LDIF; fields are attributes and values in turn.
func person(uid string, fields ...string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "dn: cn=%s,%s\nobjectClass: inetOrgPerson\nsn: x\nuid: %s\n", uid, slapd.DefaultSuffix, uid)
	for i := 0; i < len(fields); i += 2 {
		fmt.Fprintf(&text, "%s: %s\n", fields[i], fields[i+1])
	}
	return text.String() + "\n"
}

func school(entries ...string) string { return slapd.School{}.LDIF() + strings.Join(entries, "") }

func TestLastDigitsAreCandidates(t *testing.T) {
	server := slapd.Start(t, slapd.Config{LDIF: school(
		person("greek", "telephoneNumber", "+30 2310 123456"),
		person("other", "telephoneNumber", "+49 30 310123456"),
		person("desk", "telephoneNumber", "204"),
		person("shared1", "telephoneNumber", "210 123 4567"), person("shared2", "mobile", "+302101234567"),
	)})
	people := chain(open(t, config(server)))
	tests := []struct {
		number string
		want   error
		who    []string
	}{
		{"2310123456", nil, []string{"greek"}},
		{"+4930310123456", nil, []string{"other"}},
		{"+390310123456", directory.ErrAmbiguous, []string{"greek", "other"}},
		{"204", nil, []string{"desk"}},
		{"2101234567", directory.ErrAmbiguous, []string{"shared1", "shared2"}},
	}
	for _, test := range tests {
		answer, err := people.ByNumber(t.Context(), plan.Parse("", test.number))
		var who []string
		for _, c := range answer.Candidates {
			who = append(who, c.Person.Username)
		}
		if err == nil {
			who = []string{answer.Person.Username}
		}
		slices.Sort(who)
		if !errors.Is(err, test.want) || !slices.Equal(who, test.who) {
			t.Errorf("%s: %v, %v; want %v, %v", test.number, who, err, test.who, test.want)
		}
	}
}

func TestInjection(t *testing.T) {
	const literal = `*)(uid=*`
	odd := fmt.Sprintf("dn: cn=odd,%s\nobjectClass: inetOrgPerson\nsn: x\nuid: %s\n\n", slapd.DefaultSuffix, literal)
	server := slapd.Start(t, slapd.Config{LDIF: school(person("papadaki"), odd)})
	source := open(t, config(server))
	for _, username := range []string{
		"*", "papa*", "*)(uid=papadaki", "x)(|(uid=*)", "papadaki)(objectClass=*", `\2a`, "papadaki\x00", "(", ")", "\\", "\xff\xfe",
		strings.Repeat("*", 200),
	} {
		if found, err := source.ByUsername(t.Context(), username); err != nil || len(found) != 0 {
			t.Errorf("%q finds %v, %v; want nobody", username, found, err)
		}
	}
	found, err := source.ByUsername(t.Context(), literal)
	if err != nil || len(found) != 1 || found[0].Username != literal {
		t.Errorf("%q finds %v, %v; want the one with that name", literal, found, err)
	}
	for _, text := range []string{"*", "2*", "*)(uid=*", "#*#"} {
		if found, err := source.ByNumber(t.Context(), plan.Parse("", text)); err != nil || len(found) != 0 {
			t.Errorf("the number %q finds %v, %v; want nobody", text, found, err)
		}
	}
}

func TestLooseNumbers(t *testing.T) {
	server := slapd.Start(t, slapd.Config{LDIF: school(person("dotted", "telephoneNumber", "210.123.(45)67"))})
	cfg := config(server)
	for _, loose := range []bool{false, true} {
		cfg.LooseNumbers = loose
		answer, err := chain(open(t, cfg)).ByNumber(t.Context(), plan.Parse("", "+302101234567"))
		if found := err == nil && answer.Person.Username == "dotted"; found != loose {
			t.Errorf("LooseNumbers %v: %v, %v", loose, answer, err)
		}
	}
}

// thousand are 1,000 people behind one number.
func thousand() string {
	var entries []string
	for i := range 1000 {
		entries = append(entries, person(fmt.Sprintf("user%d", i), "telephoneNumber", "+302101234567"))
	}
	return school(entries...)
}

func TestThousandMatches(t *testing.T) {
	server := slapd.Start(t, slapd.Config{LDIF: thousand()})
	source := open(t, config(server))
	number := plan.Parse("", "2101234567")
	found, err := source.ByNumber(t.Context(), number)
	if !errors.Is(err, directory.ErrTooMany) || len(found) != ldapdir.DefaultMaxResults {
		t.Errorf("%d people, %v; want %d and ErrTooMany", len(found), err, ldapdir.DefaultMaxResults)
	}
	answer, err := chain(source).ByNumber(t.Context(), number)
	if !errors.Is(err, directory.ErrAmbiguous) || len(answer.Candidates) != directory.MaxCandidates {
		t.Errorf("%d candidates, %v; want %d and ErrAmbiguous", len(answer.Candidates), err, directory.MaxCandidates)
	}
	if found, err := source.ByUsername(t.Context(), "user7"); err != nil || len(found) != 1 {
		t.Errorf("the source is not well afterwards: %v, %v", found, err)
	}
}

func TestPeopleByPages(t *testing.T) {
	server := slapd.Start(t, slapd.Config{LDIF: thousand(), SizeLimit: 2000, Global: "sizelimit size.pr=100 size.prtotal=2000"})
	cfg := config(server)
	cfg.PageSize = 100
	source := open(t, cfg)
	seen := map[string]bool{}
	for p, err := range source.People(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		seen[p.Username] = true
	}
	if len(seen) != 1000 {
		t.Errorf("%d people, want 1000", len(seen))
	}
	for _, err := range source.People(t.Context()) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	told := 0
	var last error
	for _, err := range source.People(ctx) {
		if told++; told == 150 {
			cancel()
		}
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("a cancelled list ends with %v after %d", last, told)
	}
}

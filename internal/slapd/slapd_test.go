package slapd_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/nyaruka/phonenumbers"
	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/internal/slapd"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dial connects and logs in as the service user.
func dial(t *testing.T, s *slapd.Server) *ldap.Conn {
	t.Helper()
	conn, err := ldap.DialURL(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.Bind(slapd.ServiceDN, slapd.Password); err != nil {
		t.Fatal(err)
	}
	return conn
}

func search(t *testing.T, conn *ldap.Conn, filter string) []*ldap.Entry {
	t.Helper()
	result, err := conn.Search(ldap.NewSearchRequest(slapd.DefaultSuffix, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases,
		0, 0, false, filter, nil, nil))
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	return result.Entries
}

func TestSchool(t *testing.T) {
	school := slapd.School{Users: 120}
	s := slapd.Start(t, slapd.Config{LDIF: school.LDIF()})
	conn := dial(t, s)
	if n := len(search(t, conn, "(objectClass=inetOrgPerson)")); n != school.Users {
		t.Errorf("there are %d users, want %d", n, school.Users)
	}
	if n := len(search(t, conn, "(&(objectClass=groupOfNames)(member="+school.DN(school.User(7))+"))")); n != 1 {
		t.Errorf("user 7 is in %d groups, want 1", n)
	}
	u := school.User(37)
	for _, filter := range []string{"(uid=" + u.UID + ")", "(telephoneNumber=*" + u.Phone[5:] + ")"} {
		found := search(t, conn, filter)
		if len(found) != 1 || found[0].GetAttributeValue("cn") != u.GivenName+" "+u.FamilyName || found[0].GetAttributeValue("ou") != u.Unit {
			t.Errorf("%s finds %v, want %+v", filter, found, u)
		}
	}
	if err := conn.Bind(school.DN(u), u.UID); err != nil {
		t.Errorf("the user cannot log in: %v", err)
	}
}

func TestSchoolNumbers(t *testing.T) {
	school := slapd.School{Users: slapd.MaxUsers}
	seen := map[string]int{}
	for _, i := range append([]int{slapd.MaxUsers - 1}, ints(997)...) {
		u := school.User(i)
		for _, e164 := range []string{u.Phone, u.Mobile} {
			number, err := phonenumbers.Parse(e164, "GR")
			if err != nil || !phonenumbers.IsValidNumber(number) {
				t.Errorf("user %d has %s, which is no number: %v", i, e164, err)
			}
			if other, taken := seen[e164]; taken {
				t.Errorf("users %d and %d have %s", i, other, e164)
			}
			seen[e164] = i
		}
	}
}

// ints are the numbers below, and some far above.
func ints(below int) []int {
	var all []int
	for i := range below {
		all = append(all, i, slapd.MaxUsers/2+i)
	}
	return all
}

func TestLDIFIsTheSame(t *testing.T) {
	a, b := slapd.School{Users: 50}.LDIF(), slapd.School{Users: 50}.LDIF()
	if a != b {
		t.Error("the same school gives two directories")
	}
	if !strings.HasPrefix(a, "dn: dc=school,dc=example\n") {
		t.Errorf("it begins with %.60q", a)
	}
}

func TestWriteLDIFError(t *testing.T) {
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := (slapd.School{Users: 1}).WriteLDIF(file); err == nil {
		t.Error("a file that cannot be written took it all")
	}
}

func TestBadLDIF(t *testing.T) {
	_, err := slapd.Run(t.Context(), slapd.Config{LDIF: "dn: dc=elsewhere\nobjectClass: dcObject\n\n"})
	if err == nil || !strings.Contains(err.Error(), "slapadd") {
		t.Errorf("error is %v, want slapadd's", err)
	}
}

func TestBadConfig(t *testing.T) {
	_, err := slapd.Run(t.Context(), slapd.Config{Global: "nonsense yes"})
	if err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("error is %v, want one that names the directive", err)
	}
}

func TestStopRemovesAll(t *testing.T) {
	s, err := slapd.Run(t.Context(), slapd.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(s.Dir); !os.IsNotExist(err) {
		t.Errorf("the directory is still there: %v", err)
	}
	if _, err := ldap.DialURL(s.URL()); err == nil {
		t.Error("it still listens")
	}
}

func TestSamePortAgain(t *testing.T) {
	first := slapd.Start(t, slapd.Config{})
	first.Kill()
	second := slapd.Start(t, slapd.Config{Port: first.Addr.Port(), Suffix: "o=again"})
	if second.Addr != first.Addr {
		t.Errorf("the second is at %v, want %v", second.Addr, first.Addr)
	}
	conn, err := ldap.DialURL(second.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Bind(second.AdminDN, slapd.Password); err != nil {
		t.Error(err)
	}
}

func ExampleSchool() {
	user := slapd.School{Users: 10_000}.User(4242)
	fmt.Println(user.UID, user.Unit, user.Phone)
	// Output: makri4242 larissa +302410004242
}

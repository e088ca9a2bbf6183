package ldapdir_test

import (
	"testing"

	"github.com/go-ldap/ldap/v3"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/internal/slapd"
)

// BenchmarkCold looks for numbers that were not looked for before among 10,000 people: with the library alone, and with the
// source in a chain in a cache, in one run.
func BenchmarkCold(b *testing.B) {
	school := slapd.School{Users: 10_000}
	server := slapd.Start(b, slapd.Config{LDIF: school.LDIF()})
	number := func(i int) string { return school.User(i % school.Users).Phone }
	b.Run("library", func(b *testing.B) {
		conn, err := ldap.DialURL(server.URL())
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close()
		if err := conn.Bind(slapd.ServiceDN, slapd.Password); err != nil {
			b.Fatal(err)
		}
		for i := 0; b.Loop(); i++ {
			n := plan.Parse("", number(i))
			result, err := conn.Search(ldap.NewSearchRequest(slapd.DefaultSuffix, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 50, 0, false,
				"(&(objectClass=person)(|(telephoneNumber="+n.E164+")(telephoneNumber=*"+n.Last(8)+")(mobile="+n.E164+")(mobile=*"+n.Last(8)+")))",
				[]string{"*", "memberOf"}, nil))
			if err != nil || len(result.Entries) == 0 {
				b.Fatal(len(result.Entries), err)
			}
		}
	})
	for name, groups := range map[string]string{"chain": "", "chain+groups": "ou=groups," + slapd.DefaultSuffix} {
		b.Run(name, func(b *testing.B) {
			cfg := config(server)
			cfg.GroupBaseDN = groups
			people := &directory.Cache{Directory: chain(open(b, cfg)), Size: 2}
			for i := 0; b.Loop(); i++ {
				answer, err := people.ByNumber(b.Context(), plan.Parse("", number(i)))
				if err != nil || answer.Cached {
					b.Fatal(answer, err)
				}
			}
		})
	}
}

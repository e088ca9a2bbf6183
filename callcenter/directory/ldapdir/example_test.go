package ldapdir_test

import (
	"context"
	"fmt"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/ldapdir"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
	"github.com/asterism-go/asterism/internal/slapd"
)

// A school network's directory: a slapd with 240 users, each in the unit of a support centre.
func Example() {
	ctx := context.Background()
	server, err := slapd.Run(ctx, slapd.Config{LDIF: slapd.School{Users: 240}.LDIF()})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = server.Stop() }()

	source, err := ldapdir.New(ldapdir.Config{
		URLs:        []string{server.URL()},
		BindDN:      slapd.ServiceDN,
		Password:    slapd.Password,
		BaseDN:      "ou=people," + slapd.DefaultSuffix,
		GroupBaseDN: "ou=groups," + slapd.DefaultSuffix,
		Timeout:     10 * time.Second,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer source.Close()

	plan := numbers.Must(numbers.Config{Region: "GR"})
	chain := &directory.Chain{Plan: plan, Budget: 10 * time.Second, Links: []directory.Link{{Source: source, Deadline: 10 * time.Second}}}
	answer, err := chain.ByNumber(ctx, plan.Parse("", "2310000087"))
	p := answer.Person
	fmt.Println(p.Username, p.Unit, p.Groups, p.Attribute("employeeType"), err)
	// Output: ioannou87 thessaloniki [thessaloniki] [teacher] <nil>
}

// The same for Active Directory, which compares numbers as plain text.
func ExampleActiveDirectory() {
	source, err := ldapdir.New(ldapdir.Config{
		URLs:         []string{"ldaps://dc1.example.org", "ldaps://dc2.example.org"},
		BindDN:       "CN=callcenter,OU=Services,DC=example,DC=org",
		Password:     "from a file or the environment",
		BaseDN:       "DC=example,DC=org",
		Filter:       "(&(objectCategory=person)(objectClass=user))",
		Mapping:      ldapdir.ActiveDirectory(),
		LooseNumbers: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer source.Close()
	fmt.Println(source.Name())
	// Output: ldap
}

// Package ldapdir is a source of people that asks LDAP servers.
//
//	source, err := ldapdir.New(ldapdir.Config{
//		URLs:     []string{"ldaps://ldap1.example.org", "ldaps://ldap2.example.org"},
//		BindDN:   "uid=callcenter,ou=services,dc=example,dc=org",
//		Password: directory.Secret(os.Getenv("LDAP_PASSWORD")),
//		BaseDN:   "ou=people,dc=example,dc=org",
//	})
//	...
//	defer source.Close()
//	chain := &directory.Chain{Plan: plan, Links: []directory.Link{{Source: source}}}
//
// The servers are copies of each other: each question goes to the first that answers, in the order of the configuration.
// One that has failed is tried last for a while. Connections are kept and used again, up to a limit; one that has been
// closed by its server is replaced without a word.
//
// # Numbers
//
// A question for a number asks for the equal E.164 number and for the same last digits, and leaves it to the
// [directory.Chain] to compare. OpenLDAP ignores spaces and hyphens in numbers (RFC 4517, telephoneNumberMatch) and answers
// from an index; Active Directory does not ignore them, see [Config].LooseNumbers.
//
// # Safety
//
// Whatever a caller has typed goes into a filter escaped (RFC 4515). TLS verifies the server. A password is not sent in the
// clear to another machine unless AllowPlaintext says so, and is in no error. Referrals are not followed, because they could
// lead anywhere.
package ldapdir

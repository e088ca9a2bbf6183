package ldapdir

import (
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

func filterConfig() Config {
	cfg := Config{URLs: []string{"ldap://localhost"}, BaseDN: "dc=x"}
	cfg.setDefaults()
	return cfg
}

func TestNumberFilter(t *testing.T) {
	plan := numbers.Must(numbers.Config{Region: "GR", Extensions: []string{"2XX", "*X"}})
	cfg := filterConfig()
	cfg.Mapping.Numbers = []string{"telephoneNumber"}
	loose := cfg
	loose.LooseNumbers = true
	tests := []struct {
		cfg          Config
		number, want string
	}{
		{cfg, "210 123 4567", "(&(objectClass=person)(|(telephoneNumber=+302101234567)(telephoneNumber=*01234567)))"},
		{loose, "210 123 4567", "(&(objectClass=person)(|(telephoneNumber=+302101234567)(telephoneNumber=*0*1*2*3*4*5*6*7)))"},
		{cfg, "204", "(&(objectClass=person)(|(telephoneNumber=204)))"},
		{cfg, "*8", `(&(objectClass=person)(|(telephoneNumber=\2a8)))`},
		{cfg, "112", "(&(objectClass=person)(|(telephoneNumber=112)))"},
		{cfg, "123456789012", "(&(objectClass=person)(|(telephoneNumber=123456789012)(telephoneNumber=*56789012)))"},
		{cfg, "+2917123456", "(&(objectClass=person)(|(telephoneNumber=+2917123456)(telephoneNumber=7123456)(telephoneNumber=07123456)(telephoneNumber=*17123456)))"},
		{cfg, "anonymous", ""},
		{cfg, "papadaki", ""},
	}
	for _, test := range tests {
		if got := test.cfg.numberFilter(plan.Parse("", test.number)); got != test.want {
			t.Errorf("%s is looked for by %s\nwant %s", test.number, got, test.want)
		}
	}
}

// FuzzFilters looks for a text: whatever it is, the filter keeps its form and asks for this very text.
func FuzzFilters(f *testing.F) {
	for _, seed := range []string{"papadaki", "*)(uid=*", "*", "\\2a", "\x00", "(", "\xff\xfe", "#*31#210", "αβγ"} {
		f.Add(seed)
	}
	cfg := filterConfig()
	plan := numbers.Must(numbers.Config{Region: "GR"})
	f.Fuzz(func(t *testing.T, text string) {
		packet, err := ldap.CompileFilter(cfg.usernameFilter(text))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		// (&(objectClass=person)(uid=text)): two conditions, the second an equality
		if len(packet.Children) != 2 || packet.Children[1].Tag != ldap.FilterEqualityMatch {
			t.Fatalf("%q makes the filter %s", text, cfg.usernameFilter(text))
		}
		if got := packet.Children[1].Children[1].Data.String(); got != text {
			t.Errorf("%q is looked for as %q", text, got)
		}
		filter := cfg.numberFilter(plan.Parse("", text))
		if filter == "" {
			return
		}
		if packet, err = ldap.CompileFilter(filter); err != nil || len(packet.Children) != 2 {
			t.Errorf("%q makes the filter %s: %v", text, filter, err)
		}
		if strings.Count(filter, "(uid") != 0 {
			t.Errorf("%q makes the filter %s", text, filter)
		}
	})
}

package directory_test

import (
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/asterism-go/asterism/callcenter/directory/csvdir"
	"github.com/asterism-go/asterism/callcenter/directory/httpdir"
	"github.com/asterism-go/asterism/callcenter/directory/ldapdir"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
	"github.com/asterism-go/asterism/callcenter/directory/sqldir"
)

// TestYAML has a configuration file's directory.
func TestYAML(t *testing.T) {
	const text = `
numbers:
  region: GR
  extensions: ["2XX"]
  withheld: ["0000000000"]
  trunks:
    tehran: {region: IR, area_code: "21", prefixes: ["9"], junk: ["^#31#"]}
ldap:
  urls: [ldaps://ldap1.example.org, ldaps://ldap2.example.org]
  bind_dn: uid=callcenter,dc=example,dc=org
  password: hunter2
  base_dn: dc=example,dc=org
  group_base_dn: ou=groups,dc=example,dc=org
  mapping: {username: uid, unit: [departmentNumber, ou], numbers: [telephoneNumber]}
  timeout: 250ms
csv: {file: people.csv, comma: ";", check_every: 5s, mapping: {tel: number}}
http:
  by_number: https://crm.example.org/contacts?phone={e164}
  header: {Authorization: Bearer hunter2}
  items: data.contacts
sql:
  placeholder: $1
  by_number: SELECT login FROM staff WHERE phone = {e164}
`
	var cfg struct {
		Numbers numbers.Config `yaml:"numbers"`
		LDAP    ldapdir.Config `yaml:"ldap"`
		CSV     csvdir.Config  `yaml:"csv"`
		HTTP    httpdir.Config `yaml:"http"`
		SQL     sqldir.Config  `yaml:"sql"`
	}
	if err := yaml.UnmarshalWithOptions([]byte(text), &cfg, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if _, err := numbers.New(cfg.Numbers); err != nil || cfg.Numbers.Trunks["tehran"].AreaCode != "21" {
		t.Errorf("%+v, %v", cfg.Numbers, err)
	}
	if _, err := ldapdir.New(cfg.LDAP); err != nil || cfg.LDAP.Password != "hunter2" || cfg.LDAP.Timeout != 250*time.Millisecond ||
		len(cfg.LDAP.Mapping.Unit) != 2 {
		t.Errorf("%+v, %v", cfg.LDAP, err)
	}
	if _, err := httpdir.New(cfg.HTTP); err != nil || cfg.HTTP.Header["Authorization"] != "Bearer hunter2" {
		t.Errorf("%+v, %v", cfg.HTTP, err)
	}
	if cfg.CSV.Comma != ";" || cfg.CSV.CheckEvery != 5*time.Second || cfg.CSV.Mapping["tel"] != "number" {
		t.Errorf("%+v", cfg.CSV)
	}
	if cfg.SQL.Placeholder != sqldir.Dollar {
		t.Errorf("%+v", cfg.SQL)
	}
	if err := yaml.Unmarshal([]byte("placeholder: '%s'"), &cfg.SQL); err == nil {
		t.Error("a placeholder that no driver has was taken")
	}
}

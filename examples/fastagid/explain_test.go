package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/agi/agitest"
	"github.com/asterism-go/asterism/callcenter/routing"
	"github.com/asterism-go/asterism/internal/slapd"
)

const someRules = `
numbers: {region: GR}
desks: {patra: {queue: patra, prompt: desks/patra}, national: {queue: national}}
questions: {username: {keypad: t9, prompt: desks/username}}
rules:
  - {name: people of Patra, person: {unit: patra}, desk: patra}
  - {name: who are you, person: {known: false}, ask: username}
default: national
`

const someCallers = "number,username,name,unit\n2101234567,papadaki,Maria Papadaki,patra\n"

// writeConfig writes a configuration with a helpdesk route.
func writeConfig(t *testing.T, rules, sources string) string {
	t.Helper()
	return write(t, "fastagid.yaml", fmt.Sprintf(`listen: 127.0.0.1:0
http: 127.0.0.1:0
directory: {budget: 30s, sources: [%s]}
routes:
  - {path: echo, echo: {}}
  - {path: helpdesk, helpdesk: {rules: %q}}
`, sources, rules), 0o600)
}

// explained runs fastagid explain.
func explained(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs strings.Builder
	code = run(context.Background(), append([]string{"explain"}, args...), &out, &errs)
	return out.String(), errs.String(), code
}

func TestExplain(t *testing.T) {
	callers := write(t, "callers.csv", someCallers, 0o600)
	cfg := writeConfig(t, write(t, "rules.yaml", someRules, 0o600), fmt.Sprintf("{csv: {file: %q}, deadline: 20s}", callers))
	for _, test := range []struct {
		args []string
		says []string
	}{
		{[]string{"-number", "+302101234567", "-at", "2026-11-25T10:00:00+02:00"}, []string{
			"210 123 4567 (+302101234567) is a fixed number in GR, at Wed 2026-11-25 10:00 ",
			"The directory knows +302101234567: Maria Papadaki (papadaki, patra) by csv, exact; csv: found in ",
			`Rule "people of Patra" is about this call.`,
			`So the call goes to patra, queue patra, because of "people of Patra".`,
			"Before that the caller hears desks/patra.",
		}},
		{[]string{"-number", "2310555555"}, []string{"The directory does not know +302310555555", `But first the caller is asked "username"`}},
		{[]string{"-number", "2310555555", "-username", "PAPADAKI"}, []string{"The directory knows PAPADAKI: Maria Papadaki", "queue patra"}},
		{nil, []string{"The caller withholds the number", "national, queue national, the default"}},
	} {
		out, errs, code := explained(t, append(test.args, "-config", cfg)...)
		for _, want := range test.says {
			if !strings.Contains(out, want) || code != exitOK || errs != "" {
				t.Errorf("%q: exit code %d, %s\n%s\nlacks %s", test.args, code, errs, out, want)
			}
		}
	}
	out, _, _ := explained(t, "-config", cfg, "-json", "-number", "2101234567")
	var d struct{ Desk, Reason string }
	if err := json.Unmarshal([]byte(out), &d); err != nil || d.Desk != "patra" || d.Reason != "Maria Papadaki of patra; people of Patra; desk patra" {
		t.Errorf("%v: %s", err, out)
	}
}

func TestExplainAsksLDAP(t *testing.T) {
	school := slapd.School{Users: 60}
	server := slapd.Start(t, slapd.Config{LDIF: school.LDIF()})
	password := write(t, "password", slapd.Password+"\n", 0o600)
	cfg := writeConfig(t, write(t, "rules.yaml", someRules, 0o600), fmt.Sprintf(
		"{ldap: {urls: [%q], bind_dn: %q, password_file: %q, base_dn: %q}, deadline: 20s}", server.URL(), slapd.ServiceDN, password, slapd.DefaultSuffix))
	patra := school.User(4)
	if out, errs, _ := explained(t, "-config", cfg, "-number", patra.Phone); !strings.Contains(out, "queue patra, because") {
		t.Errorf("%s\n%s", out, errs)
	}
	server.Kill()
	if out, errs, _ := explained(t, "-config", cfg, "-number", patra.Phone); !strings.Contains(out, "the default, because the directory did not answer") ||
		strings.Contains(out+errs, slapd.Password) {
		t.Errorf("%s\n%s", out, errs)
	}
}

func TestExplainRefuses(t *testing.T) {
	rules := write(t, "rules.yaml", "desks:\n  a: {queue: a, fallback: [b]}\n  b: {queue: b, fallback: [a]}\nrules:\n  - desk: c\ndefault: a\n", 0o600)
	loop := filepath.Base(rules) + ":3:28: a loop of fallbacks: a -> b -> a"
	for name, test := range map[string]struct {
		args []string
		want string
		code int
	}{
		"an argument":     {[]string{"+302101234567"}, `what is "+302101234567" for?`, exitUsage},
		"no time":         {[]string{"-at", "noon"}, `-at "noon": want a time`, exitUsage},
		"no file":         {[]string{"-config", "/nonexistent.yaml"}, "fastagid: open /nonexistent.yaml", exitFail},
		"wrong rules":     {[]string{"-config", writeConfig(t, rules, "")}, loop, exitFail},
		"no such route":   {[]string{"-config", writeConfig(t, write(t, "r.yaml", someRules, 0o600), ""), "-route", "x"}, "has no helpdesk route x with rules", exitFail},
		"a source of two": {[]string{"-config", writeConfig(t, write(t, "r.yaml", someRules, 0o600), "{trunk: x}")}, ":3:37: want exactly one of ldap, sql, csv and http", exitFail},
	} {
		out, errs, code := explained(t, test.args...)
		if code != test.code || out != "" || !strings.Contains(errs, test.want) {
			t.Errorf("%s: exit code %d, %s%s", name, code, out, errs)
		}
	}
}

// TestRuledRoute serves calls by rules, and reloads them.
func TestRuledRoute(t *testing.T) {
	callers := write(t, "callers.csv", someCallers, 0o600)
	rules := write(t, "rules.yaml", someRules, 0o600)
	d := startDaemon(t, "  - {path: old, helpdesk: {variable: DESK, default: old}}\n")
	routes := fmt.Sprintf("  - {path: desk, helpdesk: {rules: %q}}\n", rules)
	configure := func() {
		d.configure(routes + fmt.Sprintf("directory: {budget: 30s, sources: [{csv: {file: %q}, deadline: 20s}]}\n", callers))
	}
	configure()
	if status, body := d.post(http.MethodPost, "/reload"); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	rewrite := func(text string) {
		t.Helper()
		if err := os.WriteFile(rules, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	desk := func(caller string) agitest.Outcome {
		c := channel("desk", caller)
		c.Environment.Type = "Local"
		return d.call(c)
	}
	if got := desk("2101234567").Variables; got["ROUTE_DESK"] != "patra" || got["CALLER_NAME"] != "Maria Papadaki" {
		t.Errorf("%q", got)
	}
	rewrite(strings.Replace(someRules, "desk: patra}", "desk: nowhere}", 1))
	if status, body := d.post(http.MethodPost, "/reload"); status != http.StatusUnprocessableEntity || !strings.Contains(body, `rules.yaml:6:58: there is no desk "nowhere"`) {
		t.Errorf("a reload of wrong rules: %d %s", status, body)
	}
	if got := desk("2101234567").Variables["ROUTE_DESK"]; got != "patra" {
		t.Errorf("after a reload that was refused: %q", got)
	}
	rewrite(strings.Replace(someRules, "desk: patra}", "desk: national}", 1))
	if status, body := d.post(http.MethodPost, "/reload"); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	if got := desk("2101234567").Variables["ROUTE_DESK"]; got != "national" {
		t.Errorf("after a reload: %q", got)
	}
	text := get(t, d.http+"/metrics")
	for _, want := range []string{
		`asterisk_routing_decisions_total{cause="rule",desk="patra",pbx="main"} 2`,
		`asterisk_routing_decisions_total{cause="rule",desk="national",pbx="main"} 1`,
		`asterisk_directory_cache_requests_total{pbx="main",result="hit"} 2`, // what was known before the reloads
	} {
		if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(want) + `$`).MatchString(text) {
			t.Errorf("the metrics lack %s", want)
		}
	}
}

// TestTypedNames: the usernames that callers may type come from the LDAP server.
func TestTypedNames(t *testing.T) {
	school := slapd.School{Users: 60}
	server := slapd.Start(t, slapd.Config{LDIF: school.LDIF()})
	rules := write(t, "rules.yaml", someRules, 0o600)
	password := write(t, "password", slapd.Password+"\n", 0o600)
	d := startDaemon(t, fmt.Sprintf(`  - {path: desk, helpdesk: {rules: %q, names: 1h}}
directory:
  budget: 30s
  sources: [{ldap: {urls: [%q], bind_dn: %q, password_file: %q, base_dn: %q}, deadline: 20s}]
`, rules, server.URL(), slapd.ServiceDN, password, "ou=people,"+slapd.DefaultSuffix))
	d.waitSaid(regexp.MustCompile(`"msg":"usernames that callers may type","count":60`))
	c := channel("desk", "2310555555")
	c.Environment.Type = "Local"
	c.Replies["GET DATA"] = []string{"200 result=" + routing.Keys(school.User(16).UID)}
	if got := d.call(c).Variables; got["ROUTE_DESK"] != "patra" || got["CALLER_USERNAME"] != school.User(16).UID {
		t.Errorf("%q", got)
	}
	if strings.Contains(d.said.String(), slapd.Password) {
		t.Error("the log holds the password")
	}
}

// TestRulesOfDist: the rules that come with fastagid are right, and have every key there is.
func TestRulesOfDist(t *testing.T) {
	text, err := os.ReadFile("dist/helpdesk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := routing.Parse("dist/helpdesk.yaml", text); err != nil {
		t.Error(err)
	}
	var lacks func(kind reflect.Type)
	lacks = func(kind reflect.Type) {
		switch kind.Kind() {
		case reflect.Pointer, reflect.Map:
			lacks(kind.Elem())
		case reflect.Slice:
			lacks(kind.Elem())
		case reflect.Struct:
			for i := range kind.NumField() {
				field := kind.Field(i)
				if key := field.Tag.Get("yaml"); !strings.Contains(string(text), key+":") {
					t.Errorf("it lacks %s.%s", kind.Name(), key)
				}
				lacks(field.Type)
			}
		default:
		}
	}
	lacks(reflect.TypeFor[routing.Rules]())
}

package ldapdir_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/ldapdir"
	"github.com/asterism-go/asterism/internal/slapd"
)

// knows asks for a user who is there.
func knows(ctx context.Context, s *ldapdir.Source) error {
	found, err := s.ByUsername(ctx, "papadaki")
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("%d people", len(found))
	}
	return err
}

func TestWrongPassword(t *testing.T) {
	const wrong = "hunter2-not-the-password"
	a := slapd.Start(t, slapd.Config{LDIF: school(person("papadaki"))})
	cfg := config(a)
	cfg.Password = wrong
	cfg.URLs = append(cfg.URLs, "ldap://127.0.0.1:1") // is not to be tried: it would say the same
	err := knows(t.Context(), open(t, cfg))
	if err == nil || !strings.Contains(err.Error(), "Invalid Credentials") || !strings.Contains(err.Error(), a.Addr.String()) {
		t.Errorf("error is %v, want one that names the server and says that the login was refused", err)
	}
	if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, cfg), wrong) {
		t.Errorf("the password is told: %v", err)
	}
	if strings.Contains(err.Error(), "127.0.0.1:1:") {
		t.Errorf("the password was tried elsewhere: %v", err)
	}
}

func TestServerDown(t *testing.T) {
	ldif := school(person("papadaki"))
	first, second := slapd.Start(t, slapd.Config{LDIF: ldif}), slapd.Start(t, slapd.Config{LDIF: ldif})
	cfg := config(first)
	cfg.URLs = append(cfg.URLs, second.URL())
	cfg.DownFor = time.Nanosecond
	source := open(t, cfg)
	steps := []struct {
		what string
		do   func()
		well bool
	}{
		{"both up", func() {}, true},
		{"first down", first.Kill, true},
		{"both down", second.Kill, false},
		{"first up again", func() { slapd.Start(t, slapd.Config{LDIF: ldif, Port: first.Addr.Port()}) }, true},
	}
	for _, step := range steps {
		step.do()
		err := knows(t.Context(), source)
		if well := err == nil; well != step.well {
			t.Fatalf("%s: %v", step.what, err)
		}
		if err != nil && (!strings.Contains(err.Error(), first.Addr.String()) || !strings.Contains(err.Error(), second.Addr.String())) {
			t.Errorf("%s: the error names not both servers: %v", step.what, err)
		}
	}
}

func TestServerRestarted(t *testing.T) {
	ldif := school(person("papadaki"))
	server := slapd.Start(t, slapd.Config{LDIF: ldif})
	source := open(t, config(server))
	if err := knows(t.Context(), source); err != nil {
		t.Fatal(err)
	}
	server.Kill()
	slapd.Start(t, slapd.Config{LDIF: ldif, Port: server.Addr.Port()})
	if err := knows(t.Context(), source); err != nil {
		t.Errorf("the kept connection was not replaced: %v", err)
	}
}

// TestBlackHole has a server that takes connections and says nothing: with a kept connection, and with a new one.
func TestBlackHole(t *testing.T) {
	server := slapd.Start(t, slapd.Config{LDIF: school(person("papadaki"))})
	source := open(t, config(server))
	if err := knows(t.Context(), source); err != nil {
		t.Fatal(err)
	}
	server.Freeze()
	for _, what := range []string{"kept", "new"} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		if err := knows(ctx, source); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("on a %s connection: %v, want the deadline's error", what, err)
		}
		cancel()
	}
	server.Thaw()
	if err := knows(t.Context(), source); err != nil {
		t.Errorf("when it answers again: %v", err)
	}
}

// TestBlackHoleThenSecond has a first server that says nothing: the second answers within the same deadline.
func TestBlackHoleThenSecond(t *testing.T) {
	ldif := school(person("papadaki"))
	first, second := slapd.Start(t, slapd.Config{LDIF: ldif}), slapd.Start(t, slapd.Config{LDIF: ldif})
	cfg := config(first)
	cfg.URLs = append(cfg.URLs, second.URL())
	cfg.Timeout = 3 * time.Second
	cfg.DownFor = time.Hour
	source := open(t, cfg)
	first.Freeze()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := knows(ctx, source); err != nil {
		t.Error(err)
	}
	second.Kill()
	first.Thaw()
	if err := knows(ctx, source); err != nil {
		t.Errorf("a server that was down is not tried when there is no other: %v", err)
	}
}

// TestChainOverBlackHole has a whole directory over a server that stops to answer: a caller who was known before still is,
// for another the directory is not available, the metrics say so, and it comes back by itself.
func TestChainOverBlackHole(t *testing.T) {
	server := slapd.Start(t, slapd.Config{LDIF: school(person("papadaki"), person("nikolaou"))})
	metrics := directory.NewMetrics("pbx")
	people := chain(open(t, config(server)))
	people.Metrics = metrics
	people.Links[0].Deadline, people.Links[0].Rest = 100*time.Millisecond, 10*time.Millisecond
	cache := &directory.Cache{Directory: people, TTL: time.Nanosecond, Metrics: metrics}
	await := func(username string) { // a slow machine may miss a deadline at first
		t.Helper()
		deadline := time.After(time.Minute)
		for {
			answer, err := cache.ByUsername(t.Context(), username)
			if err == nil && !answer.Stale && value(t, metrics, "asterisk_directory_source_up") == 1 {
				return
			}
			select {
			case <-deadline:
				t.Fatalf("%s is not found: %v, %v", username, answer, err)
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
	await("papadaki")
	server.Freeze()
	for range 2 * directory.RestAfter {
		answer, err := cache.ByUsername(t.Context(), "papadaki")
		if err != nil || !answer.Stale || answer.Person.Username != "papadaki" {
			t.Errorf("a known caller: %v, %v", answer, err)
		}
		if answer, err = cache.ByUsername(t.Context(), "nikolaou"); !errors.Is(err, directory.ErrUnavailable) {
			t.Errorf("an unknown caller: %v, %v", answer, err)
		}
	}
	if value(t, metrics, "asterisk_directory_source_up") != 0 {
		t.Error("the metrics do not say that it is down")
	}
	server.Thaw()
	await("nikolaou")
}

// value is the value of the only series of a gauge.
func value(t *testing.T, m *directory.Metrics, name string) float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(m)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == name {
			return family.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("there is no %s", name)
	return 0
}

func TestTLS(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	tomorrow, yesterday := time.Now().Add(24*time.Hour), time.Now().Add(-time.Hour)
	tests := []struct {
		name    string
		signer  *authority
		address string
		until   time.Time
		want    string // in the error; empty: it works
	}{
		{"good", ours, "127.0.0.1", tomorrow, ""},
		{"expired", ours, "127.0.0.1", yesterday, "expired"},
		{"of another host", ours, "10.1.2.3", tomorrow, "10.1.2.3"},
		{"of an unknown authority", theirs, "127.0.0.1", tomorrow, "unknown authority"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cert, key := test.signer.issue(test.address, test.until)
			server := slapd.Start(t, slapd.Config{LDIF: school(person("papadaki")), Certificate: cert, Key: key})
			for _, url := range []string{server.URL(), server.TLSURL()} {
				cfg := config(server)
				cfg.URLs, cfg.StartTLS, cfg.TLS = []string{url}, true, ours.trust()
				err := knows(t.Context(), open(t, cfg))
				if test.want == "" && err != nil {
					t.Errorf("%s: %v", url, err)
				}
				if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
					t.Errorf("%s: error is %v, want one with %q", url, err, test.want)
				}
			}
		})
	}
}

func TestStartTLSRefused(t *testing.T) {
	server := slapd.Start(t, slapd.Config{LDIF: school(person("papadaki"))}) // without a certificate
	cfg := config(server)
	cfg.StartTLS = true
	if err := knows(t.Context(), open(t, cfg)); err == nil || !strings.Contains(err.Error(), "StartTLS") {
		t.Errorf("error is %v: without StartTLS nothing may be said", err)
	}
}

func TestReferral(t *testing.T) {
	elsewhere := "dn: ou=elsewhere," + slapd.DefaultSuffix +
		"\nobjectClass: referral\nobjectClass: extensibleObject\nou: elsewhere\nref: ldap://127.0.0.1:1/\n\n"
	server := slapd.Start(t, slapd.Config{LDIF: school(person("papadaki"), elsewhere), Global: "referral ldap://127.0.0.1:1/"})
	if err := knows(t.Context(), open(t, config(server))); err != nil {
		t.Errorf("a reference among the results: %v", err)
	}
	for _, base := range []string{"ou=elsewhere," + slapd.DefaultSuffix, "dc=other"} {
		cfg := config(server)
		cfg.BaseDN = base
		if err := knows(t.Context(), open(t, cfg)); err == nil || !strings.Contains(err.Error(), "Referral") {
			t.Errorf("below %s: %v, want the referral as an error", base, err)
		}
	}
}

func TestNoSuchBase(t *testing.T) {
	server := slapd.Start(t, slapd.Config{LDIF: school(person("papadaki"))})
	cfg := config(server)
	cfg.BaseDN = "ou=nowhere," + slapd.DefaultSuffix
	if err := knows(t.Context(), open(t, cfg)); err == nil || !strings.Contains(err.Error(), "No Such Object") {
		t.Errorf("error is %v, want one that says that the base is not there", err)
	}
}

func TestConcurrent(t *testing.T) {
	server := slapd.Start(t, slapd.Config{LDIF: school(person("papadaki"))})
	cfg := config(server)
	cfg.MaxConns = 2
	source := open(t, cfg)
	done := make(chan error)
	for range 16 {
		go func() {
			var err error
			for range 10 {
				err = errors.Join(err, knows(t.Context(), source))
			}
			done <- err
		}()
	}
	for range 16 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestConfigErrors(t *testing.T) {
	good := ldapdir.Config{URLs: []string{"ldap://localhost"}, BaseDN: "dc=x"}
	tests := []struct {
		name   string
		change func(*ldapdir.Config)
		want   string
	}{
		{"no URLs", func(c *ldapdir.Config) { c.URLs = nil }, "no URLs"},
		{"scheme", func(c *ldapdir.Config) { c.URLs = []string{"http://x"} }, `scheme "http"`},
		{"no host", func(c *ldapdir.Config) { c.URLs = []string{"ldap.example.org"} }, "URLs[0]: want ldap://"},
		{"password in URL", func(c *ldapdir.Config) { c.URLs = []string{"ldap://u:hunter2@x"} }, "URLs[0]: want ldap://"},
		{"clear", func(c *ldapdir.Config) {
			c.URLs, c.BindDN, c.Password = []string{"ldaps://a", "ldap://b.example"}, "cn=x", "hunter2"
		}, "URLs[1]: b.example:389: the password would be sent in the clear"},
		{"empty password", func(c *ldapdir.Config) { c.BindDN = "cn=x" }, "without a password"},
		{"base", func(c *ldapdir.Config) { c.BaseDN = "people" }, `BaseDN "people"`},
		{"filter", func(c *ldapdir.Config) { c.Filter = "(uid=" }, `filter "(uid="`},
		{"attribute", func(c *ldapdir.Config) { c.Mapping.Numbers = []string{"tel)(uid=*"} }, `"tel)(uid=*" is no name of an attribute`},
		{"limit", func(c *ldapdir.Config) { c.MaxConns = -1 }, "below zero"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cfg := good
			test.change(&cfg)
			_, err := ldapdir.New(cfg)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error is %v, want one with %q", err, test.want)
			}
		})
	}
	plain := good
	plain.URLs, plain.BindDN, plain.Password, plain.AllowPlaintext = []string{"ldap://b.example"}, "cn=x", "p", true
	if _, err := ldapdir.New(plain); err != nil {
		t.Errorf("AllowPlaintext: %v", err)
	}
}

var _ directory.Source = (*ldapdir.Source)(nil)

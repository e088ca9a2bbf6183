package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/csvdir"
	"github.com/asterism-go/asterism/callcenter/directory/ldapdir"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
	"github.com/asterism-go/asterism/callcenter/routing"
	"github.com/asterism-go/asterism/internal/yamlfile"
)

type connectConfig struct {
	// External is what Dial() calls for external numbers, with %s for the number.
	External string `yaml:"external"`
	// Ring and Wait are how long a desk may ring, and a caller wait in a queue.
	Ring yamlfile.Duration `yaml:"ring"`
	Wait yamlfile.Duration `yaml:"wait"`
}

// directoryConfig is where callers are looked up.
type directoryConfig struct {
	// Budget is how long a caller waits for it at most.
	Budget yamlfile.Duration `yaml:"budget"`
	// TTL and NegativeTTL are how long answers are remembered; StaleFor is how much longer they serve while no source
	// answers.
	TTL         yamlfile.Duration `yaml:"ttl"`
	NegativeTTL yamlfile.Duration `yaml:"negative_ttl"`
	StaleFor    yamlfile.Duration `yaml:"stale_for"`
	// Sources are asked in order.
	Sources []sourceConfig `yaml:"sources"`
}

// sourceConfig is one source: exactly one of LDAP and CSV.
type sourceConfig struct {
	// Name is its name in answers and metrics. Default: ldap or csv.
	Name string `yaml:"name"`
	// Deadline bounds one question to it.
	Deadline yamlfile.Duration `yaml:"deadline"`
	// Trunk is the trunk in the rules' numbers whose way of writing numbers is its own.
	Trunk string `yaml:"trunk"`

	LDAP *ldapConfig `yaml:"ldap"`
	CSV  *csvConfig  `yaml:"csv"`
}

type ldapConfig struct {
	URLs     []string `yaml:"urls"`
	StartTLS bool     `yaml:"start_tls"`
	// CAFile holds the authorities that the servers' certificates are of, in PEM; empty: those of the system.
	CAFile string `yaml:"ca_file"`
	BindDN string `yaml:"bind_dn"`
	// PasswordFile holds the password, and nothing else but white space around it.
	PasswordFile string `yaml:"password_file"`
	BaseDN       string `yaml:"base_dn"`
	Filter       string `yaml:"filter"`
	GroupBaseDN  string `yaml:"group_base_dn"`
	LooseNumbers bool   `yaml:"loose_numbers"`
}

type csvConfig struct {
	File string `yaml:"file"`
	// Mapping says what columns are whose names do not: from the column to username, name, unit, number and so on.
	Mapping map[string]string `yaml:"mapping"`
}

func (h *helpdeskRoute) checkRuled(wrong checker) {
	if h.Variable != "" || h.Default != "" || h.Desks != nil {
		wrong("", "want either rules, or variable, default and desks")
	}
	if h.Connect != nil && h.Connect.External != "" && !strings.Contains(h.Connect.External, "%s") {
		wrong(".connect.external", "%q: want %%s where the number stands", h.Connect.External)
	}
}

// checkRules reads the files of rules. What is wrong with them is told with their own names.
func (c *config) checkRules() []error {
	var errs []error
	for _, r := range c.Routes {
		if r.Helpdesk == nil || r.Helpdesk.Rules == "" {
			continue
		}
		if _, err := routing.Read(r.Helpdesk.Rules); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

func (d *directoryConfig) check(wrong checker) {
	for i := range d.Sources {
		at := fmt.Sprintf("$.directory.sources[%d]", i)
		s := &d.Sources[i]
		if (s.LDAP == nil) == (s.CSV == nil) {
			wrong(at, "want exactly one of ldap and csv")
			continue
		}
		source, err := s.open(nil)
		if err != nil {
			wrong(at, "%v", err)
			continue
		}
		source.Close()
	}
}

// closableSource is a source that holds something.
type closableSource interface {
	directory.Source
	Close() error
}

// open makes the source. It does not connect.
func (s *sourceConfig) open(plan *numbers.Plan) (closableSource, error) {
	if s.CSV != nil {
		return csvdir.New(csvdir.Config{Name: s.Name, File: s.CSV.File, Mapping: s.CSV.Mapping, Plan: plan.As(s.Trunk)})
	}
	l := s.LDAP
	cfg := ldapdir.Config{
		Name: s.Name, URLs: l.URLs, StartTLS: l.StartTLS, BindDN: l.BindDN, BaseDN: l.BaseDN, Filter: l.Filter,
		GroupBaseDN: l.GroupBaseDN, LooseNumbers: l.LooseNumbers, Timeout: time.Duration(s.Deadline),
	}
	if l.PasswordFile != "" {
		text, err := os.ReadFile(l.PasswordFile)
		if err != nil {
			return nil, err
		}
		cfg.Password = directory.Secret(strings.TrimSpace(string(text)))
	}
	if l.CAFile != "" {
		text, err := os.ReadFile(l.CAFile)
		if err != nil {
			return nil, err
		}
		cfg.TLS = &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
		if !cfg.TLS.RootCAs.AppendCertsFromPEM(text) {
			return nil, errors.New(l.CAFile + " holds no certificate in PEM")
		}
	}
	return ldapdir.New(cfg)
}

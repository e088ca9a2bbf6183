package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/csvdir"
	"github.com/asterism-go/asterism/callcenter/directory/httpdir"
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

// sourceConfig is one source: exactly one of LDAP, SQL, CSV and HTTP.
type sourceConfig struct {
	// Deadline bounds one question to it.
	Deadline yamlfile.Duration `yaml:"deadline"`
	// Trunk is the trunk in the rules' numbers whose way of writing numbers is its own.
	Trunk string `yaml:"trunk"`

	LDAP *ldapConfig     `yaml:"ldap"`
	SQL  *sqlConfig      `yaml:"sql"`
	CSV  *csvdir.Config  `yaml:"csv"`
	HTTP *httpdir.Config `yaml:"http"`
}

// ldapConfig is ldapdir's own.
type ldapConfig struct {
	ldapdir.Config `yaml:",inline"`
	// PasswordFile holds the password, and nothing else but white space around it.
	PasswordFile string `yaml:"password_file"`
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
		given := 0
		for _, is := range []bool{s.LDAP != nil, s.SQL != nil, s.CSV != nil, s.HTTP != nil} {
			if is {
				given++
			}
		}
		if given != 1 {
			wrong(at, "want exactly one of ldap, sql, csv and http")
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
	switch {
	case s.CSV != nil:
		cfg := *s.CSV
		cfg.Plan = plan.As(s.Trunk)
		return csvdir.New(cfg)
	case s.HTTP != nil:
		return httpdir.New(*s.HTTP)
	case s.SQL != nil:
		return s.SQL.open()
	}
	cfg := s.LDAP.Config
	if s.LDAP.PasswordFile != "" {
		text, err := readSecretText(s.LDAP.PasswordFile)
		if err != nil {
			return nil, err
		}
		cfg.Password = directory.Secret(text)
	}
	return ldapdir.New(cfg)
}

// readSecretText reads a file that holds a secret, and nothing else but white space around it.
func readSecretText(file string) (string, error) {
	text, err := os.ReadFile(file)
	return strings.TrimSpace(string(text)), err
}

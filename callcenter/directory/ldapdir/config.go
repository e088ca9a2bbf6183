package ldapdir

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/internal/trust"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// The defaults of a Config.
const (
	DefaultFilter     = "(objectClass=person)"
	DefaultTimeout    = time.Second
	DefaultMaxConns   = 8
	DefaultMaxIdle    = 4 * time.Minute
	DefaultDownFor    = 30 * time.Second
	DefaultMaxResults = 50
	DefaultPageSize   = 500
)

// Config says which servers to ask and what for.
type Config struct {
	// Name is the source's name. Default: "ldap".
	Name string `yaml:"name"`
	// URLs are the servers, the preferred one first: ldap://host:389 or ldaps://host:636.
	URLs []string `yaml:"urls"`
	// StartTLS makes connections to ldap:// URLs change to TLS before anything else is said.
	StartTLS bool `yaml:"start_tls"`
	// TLS is for ldaps:// and StartTLS, e.g. with RootCAs. Default: the system's authorities. The server's name is the
	// URL's host if the ServerName is empty; the version is at least 1.2.
	TLS *tls.Config `yaml:"-"`
	// CAFile, if not empty, is a file of authorities in PEM, which are trusted in place of the system's.
	CAFile string `yaml:"ca_file"`
	// AllowPlaintext lets the password go to another machine without TLS.
	AllowPlaintext bool `yaml:"allow_plaintext"`
	// BindDN and Password log in. Without them questions are asked anonymously.
	BindDN   string           `yaml:"bind_dn"`
	Password directory.Secret `yaml:"password"`
	// BaseDN is the entry below which people are looked for.
	BaseDN string `yaml:"base_dn"`
	// Filter is a condition (RFC 4515) that people meet. Default: DefaultFilter.
	Filter string `yaml:"filter"`
	// Mapping says which attributes hold what. Its zero value is that of inetOrgPerson.
	Mapping Mapping `yaml:"mapping"`
	// GroupBaseDN, if not empty, is where the groups are, for servers whose people have no memberOf. The names of groups
	// of which the person's entry is a GroupMember are added to the person's Groups.
	GroupBaseDN string `yaml:"group_base_dn"`
	// GroupMember is the attribute of a group that holds the names of its members' entries. Default: "member".
	GroupMember string `yaml:"group_member"`
	// LooseNumbers finds numbers whatever stands between their digits, for servers that compare them as plain text. Such
	// a question uses no index: it costs the server a look at each entry.
	LooseNumbers bool `yaml:"loose_numbers"`
	// LastDigits is how many last digits of a number are asked for. Default: 8. Not more than the Chain's.
	LastDigits int `yaml:"last_digits"`
	// MaxResults bounds the people that a question returns; more are [directory.ErrTooMany]. Default: DefaultMaxResults.
	MaxResults int `yaml:"max_results"`
	// PageSize is how many entries [Source.People] asks for at a time. Default: DefaultPageSize.
	PageSize int `yaml:"page_size"`
	// Timeout bounds the attempt at one server, connecting included. The caller's deadline is divided among the servers
	// that are left to try. Default: DefaultTimeout.
	Timeout time.Duration `yaml:"timeout"`
	// MaxConns bounds the connections to each server. Default: DefaultMaxConns.
	MaxConns int `yaml:"max_conns"`
	// MaxIdle is how long a connection is kept that is not used. Default: DefaultMaxIdle.
	MaxIdle time.Duration `yaml:"max_idle"`
	// DownFor is how long a server that has failed is tried last. Default: DefaultDownFor.
	DownFor time.Duration `yaml:"down_for"`
}

// attributeName is the name of an attribute, perhaps with options (RFC 4512, 2.5).
var attributeName = regexp.MustCompile(`^[A-Za-z0-9.]+[A-Za-z0-9.;-]*$`)

func (cfg *Config) setDefaults() {
	cfg.Name = cmp.Or(cfg.Name, "ldap")
	cfg.Filter = cmp.Or(cfg.Filter, DefaultFilter)
	cfg.GroupMember = cmp.Or(cfg.GroupMember, "member")
	cfg.LastDigits = max(cmp.Or(cfg.LastDigits, numbers.DefaultLastDigits), numbers.MinLastDigits)
	cfg.MaxResults = cmp.Or(cfg.MaxResults, DefaultMaxResults)
	cfg.PageSize = cmp.Or(cfg.PageSize, DefaultPageSize)
	cfg.Timeout = cmp.Or(cfg.Timeout, DefaultTimeout)
	cfg.MaxConns = cmp.Or(cfg.MaxConns, DefaultMaxConns)
	cfg.MaxIdle = cmp.Or(cfg.MaxIdle, DefaultMaxIdle)
	cfg.DownFor = cmp.Or(cfg.DownFor, DefaultDownFor)
	cfg.Mapping.setDefaults()
}

// check finds what is wrong with the configuration apart from the URLs.
func (cfg *Config) check() error {
	if len(cfg.URLs) == 0 {
		return errors.New("no URLs")
	}
	if cfg.BindDN != "" && cfg.Password == "" {
		return errors.New("a BindDN without a password: the server would take it for anonymous (RFC 4513, 5.1.2)")
	}
	for what, dn := range map[string]string{"BindDN": cfg.BindDN, "BaseDN": cfg.BaseDN, "GroupBaseDN": cfg.GroupBaseDN} {
		if _, err := ldap.ParseDN(dn); err != nil {
			return fmt.Errorf("%s %q is no name of an entry", what, dn)
		}
	}
	if _, err := ldap.CompileFilter(cfg.Filter); err != nil {
		return fmt.Errorf("filter %q: %w", cfg.Filter, err)
	}
	for _, attribute := range append([]string{cfg.Mapping.Username, cfg.GroupMember}, cfg.Mapping.Numbers...) {
		if !attributeName.MatchString(attribute) {
			return fmt.Errorf("%q is no name of an attribute", attribute)
		}
	}
	for _, limit := range []int{cfg.MaxResults, cfg.PageSize, cfg.MaxConns, int(cfg.Timeout), int(cfg.MaxIdle), int(cfg.DownFor)} {
		if limit < 0 {
			return errors.New("a limit is below zero")
		}
	}
	return nil
}

// endpoint reads a URL. Its errors do not repeat the URL, which may hold a password.
func (cfg *Config) endpoint(text string) (*endpoint, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || (u.Path != "" && u.Path != "/") {
		return nil, errors.New("want ldap://host:port or ldaps://host:port and nothing more")
	}
	e := &endpoint{startTLS: cfg.StartTLS}
	port := ldap.DefaultLdapPort
	switch u.Scheme {
	case "ldap":
	case "ldaps":
		e.tls, e.startTLS, port = true, false, ldap.DefaultLdapsPort
	default:
		return nil, fmt.Errorf("scheme %q: want ldap or ldaps", u.Scheme)
	}
	e.address = net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port))
	if !e.tls && !e.startTLS && cfg.BindDN != "" && !cfg.AllowPlaintext && !isLoopback(u.Hostname()) {
		return nil, fmt.Errorf("%s: the password would be sent in the clear: use ldaps:// or StartTLS, or set AllowPlaintext", e.address)
	}
	if e.config, err = trust.Config(cfg.TLS, cfg.CAFile); err != nil {
		return nil, err
	}
	e.config.ServerName = cmp.Or(e.config.ServerName, u.Hostname())
	return e, nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

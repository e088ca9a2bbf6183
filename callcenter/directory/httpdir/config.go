package httpdir

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/internal/record"
)

// The defaults of a Config.
const (
	DefaultTimeout   = 2 * time.Second
	DefaultMaxBody   = 1 << 20
	DefaultMaxPeople = 200
	DefaultMaxConns  = 16
)

// Config says what to ask.
type Config struct {
	// Name is the source's name. Default: "http".
	Name string `yaml:"name"`
	// ByNumber is the URL that finds people by a number. What is in braces is replaced by a form of the number, escaped:
	// {e164}, {national}, {digits} (what was dialled), {number} ({e164}, else {digits}), {last} (LastDigits of them),
	// {region}. A number that does not have a form that the URL wants is not asked for. Empty: nobody is found by number.
	ByNumber string `yaml:"by_number"`
	// ByUsername is the URL that finds people by {username}. Empty: nobody is found by username.
	ByUsername string `yaml:"by_username"`
	// Header are headers of the requests, such as a token in Authorization.
	Header map[string]directory.Secret `yaml:"header"`
	// AllowPlaintext lets Header go to another machine without TLS.
	AllowPlaintext bool `yaml:"allow_plaintext"`
	// TLS is for https, e.g. with RootCAs. Default: the system's authorities.
	TLS *tls.Config `yaml:"-"`
	// CAFile, if not empty, is a file of authorities in PEM, which are trusted in place of the system's.
	CAFile string `yaml:"ca_file"`
	// Items is where the people are in the answer: names of fields, joined by dots. Default: the answer itself.
	Items string `yaml:"items"`
	// Mapping says what the fields are whose names do not: from the field's name (of a field of a field: a.b) to one of
	// username, name, given_name, family_name, organisation, unit, number, email, group, or to "" for none of them. All
	// fields are the person's Attributes too. To somebody without numbers the source's word is taken, but not if the URL
	// has {last}: then who has none is left out.
	Mapping map[string]string `yaml:"mapping"`
	// LastDigits is how many digits {last} has. Default: 8.
	LastDigits int `yaml:"last_digits"`
	// Timeout bounds a request. Default: DefaultTimeout.
	Timeout time.Duration `yaml:"timeout"`
	// MaxBody bounds an answer in bytes. Default: DefaultMaxBody.
	MaxBody int64 `yaml:"max_body"`
	// MaxPeople bounds the people of an answer; more are [directory.ErrTooMany]. Default: DefaultMaxPeople.
	MaxPeople int `yaml:"max_people"`
	// MaxConns bounds the connections. Default: DefaultMaxConns.
	MaxConns int `yaml:"max_conns"`
}

// template takes a URL apart. Its errors do not repeat it, because it may hold a key.
func (cfg *Config) template(text string, names []string) ([]record.Piece, error) {
	pieces, err := record.Split(text, names)
	if err != nil || text == "" {
		return nil, err
	}
	if len(pieces) < 2 {
		return nil, fmt.Errorf("it has no placeholder: want one of {%s}", strings.Join(names, "}, {"))
	}
	// up to the first placeholder it must be clear which server is asked
	u, err := url.Parse(pieces[0].Text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Path == "" && u.RawQuery == "" {
		return nil, errors.New("want http:// or https://, a host and a path before the first placeholder")
	}
	if u.User != nil {
		return nil, errors.New("a URL with a password is not taken: use Header")
	}
	if u.Scheme == "http" && len(cfg.Header) > 0 && !cfg.AllowPlaintext && !isLoopback(u.Hostname()) {
		return nil, fmt.Errorf("the headers would be sent to %s in the clear: use https, or set AllowPlaintext", u.Host)
	}
	return pieces, nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

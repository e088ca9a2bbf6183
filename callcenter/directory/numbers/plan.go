package numbers

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/asterism-go/asterism/callcenter/directory/internal/recent"
)

// Config says how numbers are written where they come from. The zero value knows international numbers only.
type Config struct {
	// Region is the country (ISO 3166-1, e.g. "GR") whose way of writing numbers is meant where a trunk says nothing else.
	Region string `yaml:"region"`
	// Extensions are the PBX's own numbers, as patterns of Asterisk's dialplan without the underscore: X is 0-9, Z 1-9,
	// N 2-9, [1-5] one of a set, "." at the end is one or more of anything, "!" none or more. E.g. "2XX".
	Extensions []string `yaml:"extensions"`
	// Withheld are numbers and names by which carriers say that there is none, besides those known anyway ("anonymous",
	// "private", "unavailable" and so on), in small letters. E.g. "0000000000".
	Withheld []string `yaml:"withheld"`
	// Trunks are the trunks whose numbers are written in another way, by the names that are given to [Plan.Parse].
	Trunks map[string]Trunk `yaml:"trunks"`
	// CacheSize bounds how many numbers are remembered. Default: 16384, of about 500 bytes each.
	CacheSize int `yaml:"cache_size"`
}

// Trunk says how one trunk writes the numbers of callers.
type Trunk struct {
	// Region is the country whose numbers come without a country code. Default: that of the Config.
	Region string `yaml:"region"`
	// AreaCode is put before a local number that comes without one, in the national form without a prefix: "210", or "21"
	// for Tehran. Default: none.
	AreaCode string `yaml:"area_code"`
	// Prefixes are digits that come before numbers and are not part of them, e.g. "9" or "0" of an outside line. One is
	// removed only from what is no valid number with it.
	Prefixes []string `yaml:"prefixes"`
	// Outside says that no extension calls over the trunk: a number that looks like one is not taken for it, because a
	// caller from outside may show any number.
	Outside bool `yaml:"outside"`
	// Junk are regular expressions of what the carrier adds; whatever matches is removed before all else.
	// E.g. `^\*31\*`.
	Junk []string `yaml:"junk"`
}

// MaxLength is the longest number in bytes; what is longer is Unknown.
const MaxLength = 128

// Plan reads numbers. It may be used by several goroutines at once. A nil *Plan reads international numbers only.
type Plan struct {
	extensions []pattern
	withheld   map[string]bool
	trunks     map[string]*trunk
	standard   trunk
	known      *recent.Map[key, Number]
}

type key struct{ trunk, text string }

// trunk is a Trunk made ready.
type trunk struct {
	name     string
	region   string
	country  string // the region's country code, in digits
	areaCode string
	prefixes []string
	outside  bool
	junk     []*regexp.Regexp
}

// bare is the plan that a nil *Plan stands for.
var bare = &Plan{known: recent.New[key, Number](1 << 10)}

// New makes a plan. An error names the field at fault.
func New(cfg Config) (*Plan, error) {
	p := &Plan{
		withheld: map[string]bool{},
		trunks:   map[string]*trunk{},
		known:    recent.New[key, Number](cmp.Or(cfg.CacheSize, 1<<14)),
	}
	for _, text := range cfg.Extensions {
		pat, err := parsePattern(text)
		if err != nil {
			return nil, fmt.Errorf("numbers: extensions: %w", err)
		}
		p.extensions = append(p.extensions, pat)
	}
	for _, name := range cfg.Withheld {
		p.withheld[strings.ToLower(name)] = true
	}
	standard, err := prepare("", Trunk{Region: cfg.Region})
	if err != nil {
		return nil, fmt.Errorf("numbers: %w", err)
	}
	p.standard = standard
	for name, t := range cfg.Trunks {
		t.Region = cmp.Or(t.Region, cfg.Region)
		ready, err := prepare(name, t)
		if err != nil {
			return nil, fmt.Errorf("numbers: trunk %q: %w", name, err)
		}
		p.trunks[name] = &ready
	}
	return p, nil
}

// Must is like [New], for plans written in the program: it panics where New returns an error.
func Must(cfg Config) *Plan {
	p, err := New(cfg)
	if err != nil {
		panic(err)
	}
	return p
}

func prepare(name string, t Trunk) (trunk, error) {
	ready := trunk{name: name, region: strings.ToUpper(t.Region), areaCode: t.AreaCode, prefixes: t.Prefixes, outside: t.Outside}
	if ready.region != "" {
		code := phonenumbers.GetCountryCodeForRegion(ready.region)
		if code == 0 {
			return trunk{}, fmt.Errorf("region %q is no country's code in ISO 3166-1", t.Region)
		}
		ready.country = strconv.Itoa(code)
	}
	for _, digits := range append([]string{t.AreaCode}, t.Prefixes...) {
		if strings.Trim(digits, "0123456789*#") != "" {
			return trunk{}, fmt.Errorf("%q holds more than digits", digits)
		}
	}
	for _, text := range t.Junk {
		re, err := regexp.Compile(text)
		if err != nil {
			return trunk{}, fmt.Errorf("junk: %w", err)
		}
		ready.junk = append(ready.junk, re)
	}
	return ready, nil
}

// Parse reads a number as the named trunk writes it; a name that the Config does not hold, such as "", stands for its
// Region. Whatever the text is, Parse gives a Number: what is no number is of the kind Unknown. In this order, the text is
// a withheld caller, an extension, a short code, a public number, or Unknown. A text that was read before costs a look into
// a map.
func (p *Plan) Parse(trunk, text string) Number {
	if p == nil {
		p = bare
	}
	if len(text) > MaxLength {
		return Number{Raw: text[:MaxLength], Display: text[:MaxLength]}
	}
	t, ok := p.trunks[trunk]
	if !ok {
		t = &p.standard
	}
	if n, ok := p.known.Get(key{t.name, text}); ok {
		return n
	}
	text = strings.Clone(text) // it may be a part of something large
	n := p.parse(t, text)
	p.known.Put(key{t.name, text}, n)
	return n
}

// As returns the plan for whom everything is written as the named trunk writes it, where no other trunk is named: e.g. for a table of
// another country's people. They share what they remember.
func (p *Plan) As(trunk string) *Plan {
	if p == nil || p.trunks[trunk] == nil {
		return p
	}
	as := *p
	as.standard = *p.trunks[trunk]
	return &as
}

package menu

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/asterism-go/asterism/internal/hours"
	"github.com/asterism-go/asterism/ivr/names"
)

// kind is one of the kinds of nodes, such as [Menu].
type kind interface {
	// name is that of the kind, as in a file.
	name() string
	// ready tells what is wrong and returns the node with its defaults filled in. It does not change it.
	ready(c *checker) kind
	// edges are all that can lead on from a node that is ready.
	edges() []edge
	// run does what the node is for.
	run(ctx context.Context, r *Session) (step, error)
}

// edge is a way on from a node.
type edge struct {
	key    string // where it stands, below the node
	to     string // a target
	label  string
	silent bool // a caller who presses nothing can take it
}

// problem is something that is wrong with menus, and where.
type problem struct{ path, text string }

// maxProblems bounds how much is told to be wrong at once.
const maxProblems = 50

// checker makes a Set of Menus and gathers what is wrong with them.
type checker struct {
	in       Menus
	set      *Set
	problems []problem

	node    string // the one that is looked at
	path    string // its path
	values  map[string]bool
	secrets map[string]bool
	used    []use
	// switches are values that are compared, which may be secret.
	switches []use
}

// use is a value that a text wants to have filled in.
type use struct{ path, value string }

func newChecker(menus Menus) *checker {
	c := &checker{in: menus, values: map[string]bool{}, secrets: map[string]bool{}, set: &Set{
		start: menus.Start, operator: menus.Operator, keys: menus.Keys, languages: menus.Languages, zone: time.UTC,
		calendars: map[string]*hours.Calendar{}, servers: menus.Webhooks, directories: map[string]*names.Index{}, nodes: map[string]kind{},
	}}
	for _, name := range builtin {
		c.values[name] = true
	}
	return c
}

// wrong notes a problem, once. What follows the first maxProblems is not told.
func (c *checker) wrong(path, format string, args ...any) {
	p := problem{path, fmt.Sprintf(format, args...)}
	if len(c.problems) < maxProblems && !slices.Contains(c.problems, p) {
		c.problems = append(c.problems, p)
	}
}

// bad is wrong for a field of the node that is looked at.
func (c *checker) bad(key, format string, args ...any) { c.wrong(c.path+key, format, args...) }

// all checks everything. Later steps build on earlier ones, so they are left out if those found something.
func (c *checker) all() {
	if len(c.in.Nodes) > MaxNodes {
		c.wrong("nodes", "%d nodes: at most %d are taken", len(c.in.Nodes), MaxNodes)
		return
	}
	c.general()
	c.calendars()
	c.servers()
	c.directories()
	for _, name := range sorted(c, "nodes", c.in.Nodes) {
		c.oneNode(name)
	}
	c.filledIn()
	c.targets()
	if len(c.problems) == 0 {
		c.unreachable()
		c.loops()
	}
}

// nameShape is the shape of names: what can stand in a path and in a label.
var nameShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// sorted returns the names of a section in order, and complains of those that are none.
func sorted[V any](c *checker, section string, values map[string]V) []string {
	list := slices.Sorted(maps.Keys(values))
	for _, name := range list {
		if !nameShape.MatchString(name) {
			c.wrong(section, "%q is no name: want up to 64 letters, digits, - and _", name)
		}
	}
	return list
}

// quoted is the path of a value by a key that callers of package yamlfile must quote.
func quoted(section, name string) string { return section + ".'" + name + "'" }

func (c *checker) general() {
	if c.in.Start == "" {
		c.wrong("start", "no start: want the name of the node where calls begin")
	}
	if c.in.Zone != "" {
		zone, err := time.LoadLocation(c.in.Zone)
		if err != nil || c.in.Zone == "Local" {
			c.wrong("zone", "%q is no time zone: want an IANA name such as Europe/Athens", c.in.Zone)
		} else {
			c.set.zone = zone
		}
	}
	for key, value := range map[string]Text{"operator": c.in.Keys.Operator, "back": c.in.Keys.Back, "again": c.in.Keys.Again} {
		if value != "" && (len(value) != 1 || !isDigits(string(value))) {
			c.wrong("keys."+key, "%q is no key: want one of 0-9, * and #", value)
		}
	}
	if c.in.Keys.Operator != "" && c.in.Operator == "" {
		c.wrong("keys.operator", "there is a key for the operator, but no operator")
	}
	c.languages()
}

var languageShape = regexp.MustCompile(`^[A-Za-z]{2,8}([_-][A-Za-z0-9]{1,8})*$`)

func (c *checker) languages() {
	known := map[string]bool{}
	for i, l := range c.in.Languages {
		path := fmt.Sprintf("languages[%d]", i)
		if !languageShape.MatchString(l.Name) {
			c.wrong(path+".name", "%q is no language: want a name such as el or en_GB", l.Name)
		}
		if known[l.Name] {
			c.wrong(path+".name", "the language %q is there twice", l.Name)
		}
		known[l.Name] = true
	}
	for i, l := range c.in.Languages {
		for k, f := range l.Fallback {
			if !known[f] || f == l.Name {
				c.wrong(fmt.Sprintf("languages[%d].fallback[%d]", i, k), "%q is no other of the languages", f)
			}
		}
	}
}

func (c *checker) calendars() {
	for _, name := range sorted(c, "calendars", c.in.Calendars) {
		in := c.in.Calendars[name]
		wrong := func(key, format string, args ...any) { c.wrong(quoted("calendars", name)+key, format, args...) }
		c.set.calendars[name] = hours.New(hours.Config{Zone: or(in.Zone, c.in.Zone), Hours: in.Hours, Holidays: in.Holidays, Open: in.Open}, wrong)
	}
}

var envShape = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (c *checker) servers() {
	for _, name := range sorted(c, "webhooks", c.in.Webhooks) {
		in, path := c.in.Webhooks[name], quoted("webhooks", name)
		if u, err := url.Parse(in.URL); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
			c.wrong(path+".url", "want a URL with http or https, a host and no password")
		}
		if !envShape.MatchString(in.SecretEnv) {
			c.wrong(path+".secret_env", "want the name of the environment variable with the key that signs requests")
		}
	}
}

func (c *checker) directories() {
	for _, name := range sorted(c, "directories", c.in.Directories) {
		var people []names.Person
		for i, p := range c.in.Directories[name] {
			path := fmt.Sprintf("%s[%d]", quoted("directories", name), i)
			person := names.Person{Name: p.Name, Spellings: p.Spellings, Extension: string(p.Extension), Sound: p.Sound}
			if !dialable(string(p.Extension)) {
				c.wrong(path+".extension", "%q is no extension", p.Extension)
			}
			if !names.Typeable(person) {
				c.wrong(path+".name", "%q cannot be typed: it has letters that are on no key", p.Name)
			}
			if p.Sound != "" {
				c.sound(path+".sound", Segment{Sound: p.Sound})
			}
			people = append(people, person)
		}
		c.set.directories[name] = names.New(people)
	}
}

// reserved are the targets that are no nodes.
var reserved = []string{"back", "again", "operator", "hangup"}

func (c *checker) oneNode(name string) {
	c.node, c.path = name, quoted("nodes", name)
	if slices.Contains(reserved, name) {
		c.bad("", "%q is a target by itself: a node cannot have that name", name)
	}
	node := c.in.Nodes[name]
	kinds := node.kinds()
	if len(kinds) != 1 {
		c.bad("", "node %q: want exactly one of %s", name, strings.Join(kindNames, ", "))
		return
	}
	c.path += "." + kinds[0].name()
	c.set.nodes[name] = kinds[0].ready(c)
}

// isDigits tells whether a text is keys of a telephone, and not empty.
func isDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789*#") == "" }

// dialable tells whether a text can be an extension in the dialplan, or a context: it means nothing else to it.
func dialable(text string) bool { return dialShape.MatchString(text) }

var dialShape = regexp.MustCompile(`^[A-Za-z0-9_+*#.-]{1,80}$`)

// patience tells what is wrong with it, and fills the defaults in.
func (c *checker) patience(p Patience) Patience {
	d := c.in.Defaults
	p.FirstDigit, p.InterDigit, p.Terminator = or(p.FirstDigit, d.FirstDigit), or(p.InterDigit, d.InterDigit), or(p.Terminator, d.Terminator)
	p.MaxNoInput, p.MaxNoMatch = or(p.MaxNoInput, d.MaxNoInput, DefaultAttempts), or(p.MaxNoMatch, d.MaxNoMatch, DefaultAttempts)
	p.Default = or(p.Default, d.Default, "hangup")
	p.OnNoInput, p.OnNoMatch = or(p.OnNoInput, d.OnNoInput, p.Default), or(p.OnNoMatch, d.OnNoMatch, p.Default)
	c.attempts(".max_no_input", p.MaxNoInput)
	c.attempts(".max_no_match", p.MaxNoMatch)
	c.prompts(".no_input", p.NoInput)
	c.prompts(".no_match", p.NoMatch)
	if p.NoInput == nil {
		p.NoInput = d.NoInput
	}
	if p.NoMatch == nil {
		p.NoMatch = d.NoMatch
	}
	return p
}

// maxAttempts bounds how often a caller can be asked the same.
const maxAttempts = 20

func (c *checker) attempts(key string, n int) {
	if n < 0 || n > maxAttempts {
		c.bad(key, "%d: want 1 to %d", n, maxAttempts)
	}
}

// edges are what giving up leads to.
func (p *Patience) edges() []edge {
	return []edge{
		{key: p.key(p.OnNoInput, ".on_no_input"), to: p.OnNoInput, label: "no input", silent: true},
		{key: p.key(p.OnNoMatch, ".on_no_match"), to: p.OnNoMatch, label: "no match"},
	}
}

// key is where a target stands, in a field of its own or in the default.
func (p *Patience) key(to, own string) string {
	if to == p.Default {
		return ".default"
	}
	return own
}

func or[V comparable](values ...V) V {
	var zero V
	for _, v := range values {
		if v != zero {
			return v
		}
	}
	return zero
}

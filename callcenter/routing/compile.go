package routing

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"

	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// compiler makes a Set of Rules and gathers what is wrong with them.
type compiler struct {
	in       Rules
	set      *Set
	problems []problem
}

// wrong notes a problem. What follows the first maxProblems is not told.
func (c *compiler) wrong(path, format string, args ...any) {
	if len(c.problems) < maxProblems {
		c.problems = append(c.problems, problem{path, fmt.Sprintf(format, args...)})
	}
}

// at returns a wrong for what is below a path.
func (c *compiler) at(path string) func(key, format string, args ...any) {
	return func(key, format string, args ...any) { c.wrong(path+key, format, args...) }
}

func compile(rules Rules) (*Set, []problem) {
	c := build(rules)
	if len(c.problems) == 0 { // what cannot be reached is told of rules that are right
		c.unreachable()
	}
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	return c.set, nil
}

// build makes the set, without a look at whether all its rules can be reached.
func build(rules Rules) *compiler {
	c := &compiler{in: rules, set: &Set{
		calendars: map[string]*calendar{}, byName: map[string]int32{}, questions: map[string]*question{}, index: newIndex(),
	}}
	switch {
	case len(rules.Rules) > MaxRules:
		c.wrong("rules", "%d rules: at most %d are taken", len(rules.Rules), MaxRules)
	case len(rules.Desks) > MaxDesks:
		c.wrong("desks", "%d desks: at most %d are taken", len(rules.Desks), MaxDesks)
	default:
		c.numbers()
		c.calendars()
		c.desks()
		c.questions()
		c.rules()
	}
	return c
}

func (c *compiler) numbers() {
	in := c.in.Numbers
	cfg := numbers.Config{
		Region: in.Region, Extensions: in.Extensions, Withheld: in.Withheld, Trunks: map[string]numbers.Trunk{},
	}
	for name, t := range in.Trunks {
		cfg.Trunks[name] = numbers.Trunk{Region: t.Region, AreaCode: string(t.AreaCode), Prefixes: t.Prefixes, Outside: t.Outside, Junk: t.Junk}
	}
	plan, err := numbers.New(cfg)
	if err != nil {
		c.wrong("numbers", "%v", err)
	}
	c.set.plan, c.set.numbers = plan, in
	if code := phonenumbers.GetCountryCodeForRegion(strings.ToUpper(in.Region)); code != 0 {
		c.set.country = "+" + strconv.Itoa(code)
		c.set.national = phonenumbers.GetNddPrefixForRegion(strings.ToUpper(in.Region), true)
	}
	switch c.in.Identify {
	case "", "always":
		c.set.always = true
	case "needed":
	default:
		c.wrong("identify", "%q: want always or needed", c.in.Identify)
	}
}

// nameShape is the shape of the names of desks, calendars and questions: what can stand in a path, a label and a dialplan.
var nameShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// named returns the names of a section in order, and complains of those that are none.
func named[V any](c *compiler, section string, values map[string]V) []string {
	names := slices.Sorted(maps.Keys(values))
	for _, name := range names {
		if !nameShape.MatchString(name) {
			c.wrong(section, "%q is no name: want up to 64 letters, digits, - and _", name)
		}
	}
	return names
}

func (c *compiler) calendars() {
	for _, name := range named(c, "calendars", c.in.Calendars) {
		c.set.calendars[name] = newCalendar(name, c.in.Calendars[name], c.at(path("calendars", name)))
	}
}

// path is the path of a value in a section, quoted as package yamlfile wants it.
func path(section, name string) string { return section + ".'" + name + "'" }

func (c *compiler) calendar(path, name string) *calendar {
	found := c.set.calendars[name]
	if found == nil && name != "" {
		c.wrong(path, "there is no calendar %q", name)
	}
	return found
}

// desk returns the number of a desk, or -1 if there is none.
func (c *compiler) desk(path, name string) int32 {
	i, ok := c.set.byName[name]
	if !ok {
		c.wrong(path, "there is no desk %q", name)
		return -1
	}
	return i
}

func (c *compiler) rules() {
	for i := range c.in.Rules {
		in := &c.in.Rules[i]
		at := fmt.Sprintf("rules[%d]", i)
		r := rule{
			name: cmp.Or(in.Name, fmt.Sprintf("rule %d", i+1)), desk: noDesk, ask: in.Ask,
			caller: c.match(at+".caller", in.Caller), dialled: c.match(at+".dialled", in.Dialled),
			person: c.person(at+".person", in.Person),
			open:   c.calendar(at+".open", in.Open), closed: c.calendar(at+".closed", in.Closed),
			language: in.Language, previous: c.previous(at+".previous", in.Previous), load: c.load(at+".load", in.Load),
		}
		if len(r.name) > maxName {
			c.wrong(at+".name", "longer than %d bytes", maxName)
		}
		c.action(at, in, &r)
		c.set.rules = append(c.set.rules, r)
		c.set.index.add(int32(i), &c.set.rules[i])
	}
}

// maxName is the longest name of a rule in bytes.
const maxName = 100

// action reads what a rule does.
func (c *compiler) action(at string, in *Rule, r *rule) {
	switch {
	case (in.Desk == "") == (in.Ask == ""):
		c.wrong(at, "%s: want exactly one of desk and ask", r.name)
	case in.Ask != "":
		if c.set.questions[in.Ask] == nil {
			c.wrong(at+".ask", "there is no question %q", in.Ask)
		}
	case in.Desk == previousDesk && in.Previous != nil:
		r.toPrevious = true
	case in.Desk == previousDesk:
		c.wrong(at+".desk", "the desk that served the caller last is known only to a rule with a condition previous")
	default:
		r.desk = c.desk(at+".desk", in.Desk)
	}
}

func (c *compiler) previous(at string, in *Previous) *previousMatch {
	if in == nil {
		return nil
	}
	if in.Within <= 0 {
		c.wrong(at+".within", "want a duration such as 4h: how long a caller goes back to the same desk")
	}
	p := &previousMatch{within: time.Duration(in.Within)}
	for i, name := range in.Desk {
		if d := c.desk(fmt.Sprintf("%s.desk[%d]", at, i), name); d >= 0 {
			p.desks = append(p.desks, d)
		}
	}
	return p
}

func (c *compiler) load(at string, in *LoadMatch) *LoadMatch {
	if in == nil {
		return nil
	}
	c.desk(at+".desk", in.Desk)
	if in.WaitingMin == nil && in.WaitingMax == nil && in.AgentsMin == nil && in.AgentsMax == nil {
		c.wrong(at, "want waiting_min, waiting_max, agents_min or agents_max")
	}
	return in
}

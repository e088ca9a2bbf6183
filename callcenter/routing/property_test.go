package routing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// dice makes rules and calls at random, of few values, so that they often meet.
type dice struct{ *rand.Rand }

func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

func (d dice) digits(n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(byte('1' + d.IntN(3)))
	}
	return b.String()
}

func (d dice) list(one func() string) List {
	var list List
	for range 1 + d.IntN(3) {
		list = append(list, one())
	}
	return list
}

func (d dice) match() *Match {
	m := &Match{}
	switch d.IntN(7) {
	case 0:
		m.Number = d.list(func() string { return "+30210" + d.digits(7) })
	case 1:
		m.Prefix = d.list(func() string { return []string{"+30", "", "210"}[d.IntN(3)] + d.digits(1+d.IntN(3)) })
	case 2:
		m.Range = d.list(func() string {
			n := 2 + d.IntN(2)
			from, to := d.digits(n), d.digits(n)
			return min(from, to) + "-" + max(from, to)
		})
	case 3:
		m.Last = d.list(func() string { return d.digits(1 + d.IntN(2)) })
	case 4:
		m.Region = d.list(func() string { return []string{"GR", "DE"}[d.IntN(2)] })
	case 5:
		m.Kind = d.list(func() string { return []string{"public", "extension", "withheld", "unknown"}[d.IntN(4)] })
	case 6:
		m.Match = d.list(func() string { return d.digits(2) + "$" })
	}
	return m
}

func (d dice) person() *PersonMatch {
	value := func() string { return []string{"a", "B", "c", "Σας"}[d.IntN(4)] }
	switch d.IntN(6) {
	case 0:
		known := d.chance(50)
		return &PersonMatch{Known: &known}
	case 1:
		return &PersonMatch{Username: d.list(value)}
	case 2:
		return &PersonMatch{Group: d.list(value), Unit: d.list(value)}
	case 3:
		return &PersonMatch{Attributes: map[string]List{[]string{"Role", "role", "grade"}[d.IntN(3)]: d.list(value)}}
	case 4:
		return &PersonMatch{Organisation: d.list(value)}
	}
	return &PersonMatch{Unit: d.list(value)}
}

func (d dice) rules() Rules {
	rules := Rules{
		Numbers: Numbers{Region: "GR", Extensions: List{"XX", "XXX"}}, Default: "n", Identify: []string{"always", "needed"}[d.IntN(2)],
		Desks:     map[string]Desk{"n": {Queue: "n"}, "a": {Queue: "a"}},
		Questions: map[string]Question{"q": {Header: "x"}},
		Calendars: map[string]Calendar{"even": {Zone: "UTC", Hours: List{"Mon,Wed,Fri"}}},
	}
	for range 1 + d.IntN(30) {
		r := Rule{Desk: "a"}
		if d.chance(70) {
			r.Caller = d.match()
		}
		if d.chance(20) {
			r.Dialled = d.match()
		}
		if d.chance(50) || r.Caller == nil && r.Dialled == nil {
			r.Person = d.person()
		}
		if d.chance(10) {
			r.Open = "even"
		}
		if d.chance(10) {
			r.Language = d.list(func() string { return []string{"el", "en", "en_GB"}[d.IntN(3)] })
		}
		if d.chance(10) {
			r.Desk, r.Ask = "", "q"
		}
		rules.Rules = append(rules.Rules, r)
	}
	return rules
}

// everybody is a directory that finds the same person by any number, or nobody.
type everybody struct {
	person directory.Person
	other  directory.Person // with whom the number is shared, if that is the error
	err    error
}

func (e everybody) ByNumber(context.Context, numbers.Number) (directory.Answer, error) {
	if errors.Is(e.err, directory.ErrAmbiguous) {
		return directory.Answer{Candidates: []directory.Candidate{{Person: e.person, Match: numbers.Exact}, {Person: e.other, Match: numbers.National}}}, e.err
	}
	return directory.Answer{Person: e.person}, e.err
}

func (e everybody) ByUsername(ctx context.Context, _ string) (directory.Answer, error) {
	return e.ByNumber(ctx, numbers.Number{})
}

func (d dice) directory() directory.Directory {
	value := func() string { return []string{"A", "b", "C", "ΣΑΣ", ""}[d.IntN(5)] }
	person := func() directory.Person {
		return directory.Person{
			Username: value(), Unit: value(), Organisation: value(), Groups: d.list(value), Source: "x",
			Attributes: map[string][]string{"role": d.list(value), "Grade": d.list(value)},
		}
	}
	errs := []error{nil, nil, nil, directory.ErrAmbiguous, directory.ErrNotFound, directory.ErrUnavailable}
	return everybody{person(), person(), errs[d.IntN(len(errs))]}
}

func (d dice) number() string {
	return []string{"+30210" + d.digits(7), "210" + d.digits(7), d.digits(2), d.digits(3), "+4930" + d.digits(7), "anonymous", d.digits(1) + "#", "bob"}[d.IntN(8)]
}

// TestAsByScanning compares decisions with those of trying rule by rule, and shows that a rule which is refused because it
// cannot be reached decides about no call.
func TestAsByScanning(t *testing.T) {
	d := dice{rand.New(rand.NewPCG(1, 2))}
	decided, refused := 0, 0
	for i := range 600 {
		rules := d.rules()
		c := build(rules)
		if len(c.problems) > 0 {
			t.Fatalf("%d: %v", i, c.problems)
		}
		set := c.set
		dead := unreachableRules(c)
		refused += len(dead)
		for range 20 {
			cfg := Config{Directory: d.directory(), Budget: time.Minute}
			req := Request{From: d.number(), Dialled: d.number(), Language: []string{"", "el_GR", "en", "en_GB"}[d.IntN(4)], At: time.Unix(int64(d.IntN(1e9)), 0)}
			got := New(set, cfg).Route(t.Context(), req)
			want := byScanning(set, cfg, req)
			if got.Rule != want {
				t.Fatalf("%d: %q by the index, %q by scanning\n%s\n%s", i, got.Rule, want, got.Explain(), tell(rules, want))
			}
			if dead[want] {
				t.Fatalf("%d: %s is said to be out of reach, and decides\n%s", i, want, got.Explain())
			}
			if want != "" {
				decided++
			}
		}
	}
	if decided < 2000 || refused < 200 {
		t.Errorf("%d calls met a rule, %d rules were refused: too few to show anything", decided, refused)
	}
}

func unreachableRules(c *compiler) map[string]bool {
	c.unreachable()
	dead := map[string]bool{}
	for _, p := range c.problems {
		i := ruleNumber(p.path)
		dead[fmt.Sprintf("rule %d", i+1)] = true
	}
	return dead
}

// byScanning is the name of the first rule with a desk that the call meets.
func byScanning(set *Set, cfg Config, req Request) string {
	f := facts{
		caller: set.plan.Parse("", req.From), dialled: set.plan.Parse("", req.Dialled), language: req.Language, at: req.At, previous: noDesk,
	}
	f.told = true
	if f.dialled.Kind == numbers.Withheld {
		f.dialled = numbers.Number{}
	}
	if f.caller.Key() != "" {
		answer, err := cfg.Directory.ByNumber(context.Background(), f.caller)
		f.known, f.person, f.told = err == nil, answer.Person, resultOf(err) != Unavailable
		if !f.known {
			f.person, f.shared = common(&answer)
		}
	}
	for i := range set.rules {
		if r := &set.rules[i]; r.ask == "" && r.fails(&f) == "" {
			return r.name
		}
	}
	return ""
}

// tell shows a rule.
func tell(rules Rules, name string) string {
	text, err := json.Marshal(rules.Rules[max(ruleNumber(name)-1, 0)])
	return fmt.Sprint(string(text), err)
}

// ruleNumber is the number in "rules[7]" and "rule 7".
func ruleNumber(text string) int {
	n, err := strconv.Atoi(strings.Trim(text, "rules[] "))
	if err != nil {
		panic(err)
	}
	return n
}

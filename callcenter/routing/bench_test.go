package routing_test

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/routing"
)

// manyRules is a rule set of 10,000 rules: by prefix, by number, by unit, by ending and by dialled number.
func manyRules() routing.Rules {
	rules := routing.Rules{
		Numbers: routing.Numbers{Region: "GR"}, Desks: map[string]routing.Desk{"national": {Queue: "national"}}, Default: "national",
	}
	for i := range 100 {
		rules.Desks[fmt.Sprintf("desk%d", i)] = routing.Desk{Queue: routing.Text(fmt.Sprintf("queue%d", i)), Fallback: routing.List{"national"}}
	}
	for i := range 2000 {
		desk := fmt.Sprintf("desk%d", i%100)
		number := fmt.Sprintf("%04d", i)
		rules.Rules = append(rules.Rules,
			routing.Rule{Name: "vip " + number, Caller: &routing.Match{Number: routing.List{"697555" + number}}, Desk: desk},
			routing.Rule{Name: "dialled " + number, Dialled: &routing.Match{Number: routing.List{"210666" + number}}, Desk: desk},
			routing.Rule{Name: "unit " + number, Person: &routing.PersonMatch{Unit: routing.List{"unit" + number}}, Desk: desk},
			routing.Rule{Name: "area " + number, Caller: &routing.Match{Prefix: routing.List{"+3026" + number}}, Desk: desk},
			routing.Rule{Name: "ending " + number, Caller: &routing.Match{Last: routing.List{"99" + number}}, Desk: desk},
		)
	}
	return rules
}

// BenchmarkRoute decides about calls of known people with 10,000 rules and a directory that remembers: by the rule of a
// number, by the rule of a unit, by the default.
func BenchmarkRoute(b *testing.B) {
	set, err := routing.Compile(manyRules())
	if err != nil {
		b.Fatal(err)
	}
	plan := set.Plan()
	var people []directory.Person
	for i := range 2000 {
		people = append(people, directory.Person{
			Username: fmt.Sprintf("user%d", i), Unit: fmt.Sprintf("unit%04d", i), Numbers: []string{fmt.Sprintf("281%07d", i)},
		})
	}
	cache := &directory.Cache{Directory: chain(plan, people)}
	r := newRouter(set, routing.Config{Directory: cache, Metrics: routing.NewMetrics("pbx")})
	ctx := context.Background()
	var requests []routing.Request
	for i := range 500 {
		for _, from := range []string{"+30697555%04d", "+30281000%04d", "+3026%04d999", "+302109%06d"} {
			requests = append(requests, routing.Request{From: fmt.Sprintf(from, i), Dialled: "2100001000"})
		}
	}
	for _, req := range requests {
		r.Route(ctx, req)
	}
	b.ReportAllocs()
	began := cpuTime(b)
	for i := 0; b.Loop(); i++ {
		if d := r.Route(ctx, requests[i%len(requests)]); d.Desk == "" {
			b.Fatal("no desk")
		}
	}
	b.ReportMetric(float64(b.N)/(cpuTime(b)-began).Seconds(), "decisions/s-of-cpu")
}

// cpuTime is how long the process has run: other than the time on the wall it does not count who else uses the machine.
func cpuTime(t testing.TB) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkParse reads a file of 10,000 rules, as at a reload.
func BenchmarkParse(b *testing.B) {
	var text strings.Builder
	text.WriteString("numbers: {region: GR}\ndesks: {a: {queue: a}, n: {queue: n}}\ndefault: n\nrules:\n")
	for i := range 10_000 {
		fmt.Fprintf(&text, "  - {name: area %d, caller: {prefix: \"+3021%05d\"}, desk: a}\n", i, i)
	}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		if _, err := routing.Parse("rules.yaml", []byte(text.String())); err != nil {
			b.Fatal(err)
		}
	}
}

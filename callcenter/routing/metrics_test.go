package routing_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/asterism-go/asterism/callcenter/routing"
)

func TestMetrics(t *testing.T) {
	set := helpdesk(t)
	m := routing.NewMetrics("pbx")
	r := newRouter(set, routing.Config{Directory: known(set.Plan()), Metrics: m, Names: routing.NewNames([]string{"papadaki5"})})
	r.Route(t.Context(), routing.Request{From: "2610123456", At: morning})
	r.Route(t.Context(), routing.Request{From: "anonymous", At: morning})
	if _, err := r.Converse(t.Context(), routing.Request{From: "2310555555", At: morning}, &voice{typed: []string{"1", "727232545"}}); err != nil {
		t.Fatal(err)
	}
	if err := testutil.CollectAndCompare(m, strings.NewReader(`
# HELP asterisk_routing_decisions_total Decisions where calls go, by desk and cause.
# TYPE asterisk_routing_decisions_total counter
asterisk_routing_decisions_total{cause="default",desk="national",pbx="pbx"} 1
asterisk_routing_decisions_total{cause="rule",desk="patra",pbx="pbx"} 2
# HELP asterisk_routing_identifications_total Questions to the directory who a caller is, by result.
# TYPE asterisk_routing_identifications_total counter
asterisk_routing_identifications_total{pbx="pbx",result="found"} 2
asterisk_routing_identifications_total{pbx="pbx",result="not_found"} 1
asterisk_routing_identifications_total{pbx="pbx",result="withheld"} 1
# HELP asterisk_routing_questions_total Questions to callers who they are, by result.
# TYPE asterisk_routing_questions_total counter
asterisk_routing_questions_total{pbx="pbx",question="username",result="found"} 1
asterisk_routing_questions_total{pbx="pbx",question="username",result="not_found"} 1
# HELP asterisk_routing_rules Rules in use.
# TYPE asterisk_routing_rules gauge
asterisk_routing_rules{pbx="pbx"} 12
`), "asterisk_routing_decisions_total", "asterisk_routing_identifications_total", "asterisk_routing_questions_total", "asterisk_routing_rules"); err != nil {
		t.Error(err)
	}
	problems, err := testutil.CollectAndLint(m)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", err, problems)
	}
}

// TestAllocations: a decision takes the same little memory whatever the number of rules.
func TestAllocations(t *testing.T) {
	set, err := routing.Compile(manyRules())
	if err != nil {
		t.Fatal(err)
	}
	r := newRouter(set, routing.Config{Directory: known(set.Plan()), Metrics: routing.NewMetrics("pbx")})
	req := routing.Request{From: "2610123456", Dialled: "2106660001"}
	if n := testing.AllocsPerRun(200, func() { r.Route(t.Context(), req) }); n > 5 {
		t.Errorf("%v allocations for a decision", n)
	}
}

// TestUse replaces the rules while decisions are made: each is made by one set.
func TestUse(t *testing.T) {
	sets := []*routing.Set{
		parse(t, "desks: {a: {queue: a}}\ndefault: a\n"), parse(t, "desks: {b: {queue: b}, c: {queue: c}}\nrules: [{desk: c}]\ndefault: b\n"),
	}
	r := routing.New(sets[0], routing.Config{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 200 {
			r.Use(sets[i%2])
		}
	}()
	for range 200 {
		if d := r.Route(t.Context(), routing.Request{}); d.Target.Data != d.Desk || d.Desk != "a" && d.Desk != "c" {
			t.Errorf("desk %s, target %s", d.Desk, d.Target)
		}
	}
	<-done
}

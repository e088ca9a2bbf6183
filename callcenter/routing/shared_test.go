package routing_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
	"github.com/asterism-go/asterism/callcenter/routing"
)

// TestSharedNumber: a school has one line and several people in the directory with it.
func TestSharedNumber(t *testing.T) {
	set := helpdesk(t)
	person := func(username, unit, role string) directory.Person {
		return directory.Person{
			Username: username, Unit: unit, Numbers: []string{"2610 555555"}, Groups: []string{"teachers", username},
			Attributes: map[string][]string{"employeeType": {role}, "uid": {username}},
		}
	}
	for name, test := range map[string]struct {
		people []directory.Person
		desk   string
		ask    string
		says   string
	}{
		"of one unit":  {[]directory.Person{person("a", "patra", "teacher"), person("b", "PATRA", "head")}, "patra", "", "2610 555555 of patra; patra people; desk patra"},
		"of two":       {[]directory.Person{person("a", "patra", "teacher"), person("b", "larissa", "teacher")}, "national", "username", "2610 555555; no rule is about this call; default national"},
		"all heads":    {[]directory.Person{person("a", "patra", "head"), person("b", "larissa", "head")}, "heads", "", "2610 555555; heads; desk heads"},
		"last digits":  {[]directory.Person{{Username: "a", Unit: "patra", Numbers: []string{"+4930610555555"}}}, "national", "username", "2610 555555; no rule is about this call; default national"},
		"one of group": {[]directory.Person{person("athens-west", "x", "teacher"), person("b", "x", "teacher")}, "national", "username", "2610 555555 of x; no rule is about this call; default national"},
		"too many":     {[]directory.Person{person("a", "patra", ""), person("b", "patra", ""), person("c", "patra", ""), person("d", "patra", ""), person("e", "patra", ""), person("f", "patra", ""), person("g", "patra", ""), person("h", "patra", ""), person("i", "patra", "")}, "national", "username", "2610 555555; no rule is about this call; default national"},
	} {
		d := newRouter(set, routing.Config{Directory: chain(set.Plan(), test.people)}).Route(t.Context(), routing.Request{From: "2610555555", At: morning})
		if d.Desk != test.desk || d.Ask != test.ask || d.Reason() != test.says || d.Known || d.Person.Username != "" {
			t.Errorf("%s: %s, ask %q, %+v\n%s", name, d.Reason(), d.Ask, d.Person, d.Explain())
		}
	}
}

// deaf is a directory that heeds no context; some questions panic.
type deaf struct{ release chan struct{} }

func (d deaf) ByNumber(_ context.Context, n numbers.Number) (directory.Answer, error) {
	if n.Kind == numbers.Extension {
		panic("no extensions")
	}
	<-d.release
	return directory.Answer{}, directory.ErrNotFound
}

func (d deaf) ByUsername(ctx context.Context, _ string) (directory.Answer, error) {
	return d.ByNumber(ctx, numbers.Number{})
}

// TestDeafDirectory: whatever a directory does, a caller waits no longer than the budget.
func TestDeafDirectory(t *testing.T) {
	set := helpdesk(t)
	d := deaf{make(chan struct{})}
	defer close(d.release)
	r := routing.New(set, routing.Config{Directory: d, Budget: time.Millisecond})
	for i := range 300 {
		if got := r.Route(t.Context(), routing.Request{From: "2310555555", At: morning}); got.Cause != routing.ByUnavailable {
			t.Fatalf("%d: %s", i, got.Reason())
		}
	}
	if got := r.Route(t.Context(), routing.Request{From: "2310555555", At: morning}); !strings.Contains(got.Reason(), "256 questions to it are open") {
		t.Errorf("it is asked again and again: %s", got.Reason())
	}
	other := routing.New(set, routing.Config{Directory: d, Budget: time.Minute})
	if got := other.Route(t.Context(), routing.Request{From: "204", At: morning}); !strings.Contains(got.Explain(), "panic: no extensions") {
		t.Errorf("a panic: %s", got.Explain())
	}
}

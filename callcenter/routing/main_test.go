package routing_test

import (
	"cmp"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
	"github.com/asterism-go/asterism/callcenter/routing"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func parse(t testing.TB, text string) *routing.Set {
	t.Helper()
	set, err := routing.Parse("rules.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func helpdesk(t testing.TB) *routing.Set {
	t.Helper()
	text, err := os.ReadFile("testdata/helpdesk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(text))
}

// people are those whom the directory of the tests knows.
var people = []directory.Person{
	{Username: "papadaki5", Name: "Maria Papadaki", Unit: "patra", Numbers: []string{"2610123456"}, Groups: []string{"patra"}},
	{Username: "dimou7", Name: "Nikos Dimou", Unit: "athens-west", Numbers: []string{"6971234567"}, Groups: []string{"teachers", "Athens-West"}},
	{
		Username: "riga9", Name: "Sofia Riga", Unit: "patra", Numbers: []string{"2610999999"},
		Attributes: map[string][]string{"employeetype": {"Head"}}, Emails: []string{"riga9@school.example"},
	},
	{Username: "1912345", Name: "School 12", Unit: "PATRA"},
}

func known(plan *numbers.Plan) *directory.Cache {
	return &directory.Cache{Directory: chain(plan, people)}
}

// chain is a directory of people. Its limits are wide: machines that test are slow.
func chain(plan *numbers.Plan, people []directory.Person) *directory.Chain {
	return &directory.Chain{
		Plan: plan, Budget: time.Minute, Links: []directory.Link{{Source: directory.NewTable("table", plan, people), Deadline: time.Minute}},
	}
}

func newRouter(set *routing.Set, cfg routing.Config) *routing.Router {
	cfg.Budget = cmp.Or(cfg.Budget, time.Minute)
	return routing.New(set, cfg)
}

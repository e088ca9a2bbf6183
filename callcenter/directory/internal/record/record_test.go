package record_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/internal/record"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

func TestPerson(t *testing.T) {
	m, err := record.NewMapping(map[string]string{"Tel": "number", "mail": ""})
	if err != nil {
		t.Fatal(err)
	}
	got := m.Person([]record.Field{
		{"UID", " maria "},
		{"username", "second"},
		{"tel", "1;2; ;1"},
		{"mobile", "3"},
		{"mail", "m@x"},
		{"empty", " "},
		{"role", "head"},
		{"first_name", "Maria"},
		{"surname", "P"},
		{"company", "School"},
		{"department", "patra"},
		{"groups", "a"},
		{"group", "b;a"},
	})
	want := directory.Person{
		Username: "maria", GivenName: "Maria", FamilyName: "P", Organisation: "School", Unit: "patra",
		Numbers: []string{"1", "2", "3"}, Groups: []string{"a", "b"},
		Attributes: map[string][]string{
			"UID": {"maria"}, "username": {"second"}, "tel": {"1;2; ;1"}, "mobile": {"3"}, "mail": {"m@x"}, "role": {"head"},
			"first_name": {"Maria"}, "surname": {"P"}, "company": {"School"}, "department": {"patra"}, "groups": {"a"}, "group": {"b;a"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestMerge(t *testing.T) {
	got := record.Merge([]directory.Person{
		{Username: "a", Groups: []string{"x"}, Attributes: map[string][]string{"team": {"x"}}},
		{Numbers: []string{"1"}},
		{Numbers: []string{"2"}},
		{Username: "A", Groups: []string{"y"}, Attributes: map[string][]string{"team": {"y"}}},
	})
	want := []directory.Person{
		{Username: "a", Groups: []string{"x", "y"}, Attributes: map[string][]string{"team": {"x", "y"}}},
		{Numbers: []string{"1"}},
		{Numbers: []string{"2"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestValues(t *testing.T) {
	plan := numbers.Must(numbers.Config{Region: "GR"})
	want := map[string]string{
		"number": "+302101234567", "e164": "+302101234567", "national": "2101234567", "digits": "2101234567", "region": "GR",
		"last": "01234567", "ending": "%01234567",
	}
	if diff := cmp.Diff(want, record.Values(plan.Parse("", "210 123 4567"), 8)); diff != "" {
		t.Error(diff)
	}
	for name := range want {
		if !strings.Contains(strings.Join(record.NumberNames, " "), name) {
			t.Errorf("%s is not a name", name)
		}
	}
	if got := record.Values(plan.Parse("", "112"), 8); got["ending"] != "" || got["e164"] != "" || got["number"] != "112" {
		t.Errorf("of a short code: %v", got)
	}
}

func TestSplit(t *testing.T) {
	got, err := record.Split("a={x}{y} b", []string{"x", "y"})
	want := []record.Piece{{Text: "a="}, {Name: "x"}, {Name: "y"}, {Text: " b"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for _, bad := range []string{"{", "{x", "{z}", "a{}", "{x}{"} {
		if pieces, err := record.Split(bad, []string{"x", "y"}); err == nil {
			t.Errorf("%q gives %v", bad, pieces)
		}
	}
}

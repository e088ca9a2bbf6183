package directory_test

import (
	"errors"
	"testing"

	"github.com/asterism-go/asterism/callcenter/directory"
)

func TestTable(t *testing.T) {
	desk := directory.Person{Username: "desk", Numbers: []string{"204"}}
	short := directory.Person{Username: "short", Numbers: []string{"12345"}}
	twice := directory.Person{Username: "twice", Numbers: []string{"2310 555555", "+302310555555"}}
	table := directory.NewTable("people", plan, []directory.Person{maria, abroad, desk, short, twice, silent, {}})
	c := chainOf(table)
	for number, want := range map[string]string{
		"+302101234567": "maria", "6971234567": "maria", "204": "desk", "12345": "short", "+30 2310 555555": "twice",
		"+4930101234567": "abroad",
	} {
		if answer, err := c.ByNumber(t.Context(), plan.Parse("", number)); err != nil || answer.Person.Username != want {
			t.Errorf("%s: %v, %v; want %s", number, answer, err, want)
		}
	}
	for _, number := range []string{"205", "12346", "2310555556", "anonymous", "x"} {
		if answer, err := c.ByNumber(t.Context(), plan.Parse("", number)); !errors.Is(err, directory.ErrNotFound) {
			t.Errorf("%s: %v, %v", number, answer, err)
		}
	}
	if answer, err := c.ByNumber(t.Context(), plan.Parse("", "+390101234567")); !errors.Is(err, directory.ErrAmbiguous) || len(answer.Candidates) != 2 {
		t.Errorf("last digits: %v, %v", answer, err)
	}
	if answer, err := c.ByUsername(t.Context(), "SILENT"); err != nil || answer.Person.Username != "silent" || answer.Person.Source != "people" {
		t.Errorf("%v, %v", answer, err)
	}
	table.Replace([]directory.Person{nikos})
	if answer, err := c.ByNumber(t.Context(), plan.Parse("", "2101234567")); err != nil || answer.Person.Username != "nikos" || table.Len() != 1 {
		t.Errorf("when replaced: %v, %v", answer, err)
	}
}

func TestPerson(t *testing.T) {
	for want, p := range map[string]directory.Person{
		"Maria P.":       {Username: "maria", Name: "Maria P.", GivenName: "M"},
		"Maria Papadaki": {Username: "maria", GivenName: "Maria", FamilyName: "Papadaki"},
		"Papadaki":       {FamilyName: "Papadaki"},
		"maria":          {Username: "maria"},
		"":               {},
	} {
		if got := p.DisplayName(); got != want {
			t.Errorf("%+v is shown as %q, want %q", p, got, want)
		}
	}
	p := directory.Person{Groups: []string{"Staff"}, Attributes: map[string][]string{"employeeType": {"head"}}}
	if !p.InGroup("staff") || p.InGroup("staf") {
		t.Error("InGroup")
	}
	if p.Attribute("employeetype") == nil || p.Attribute("employeeType") == nil || p.Attribute("x") != nil {
		t.Error("Attribute")
	}
}

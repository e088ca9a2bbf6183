package routing_test

import (
	"context"
	"fmt"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/routing"
)

// Rules in a file, people in a directory: a call goes to the desk of the caller's unit.
func Example() {
	set, err := routing.Parse("helpdesk.yaml", []byte(`
numbers: {region: GR}
desks:
  patra: {queue: patra}
  national: {queue: national}
rules:
  - {name: people of Patra, person: {unit: patra}, desk: patra}
default: national
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	people := directory.NewTable("table", set.Plan(), []directory.Person{
		{Username: "papadaki", Name: "Maria Papadaki", Unit: "patra", Numbers: []string{"2610 123456"}},
	})
	router := routing.New(set, routing.Config{
		Directory: &directory.Chain{Plan: set.Plan(), Links: []directory.Link{{Source: people}}},
	})
	d := router.Route(context.Background(), routing.Request{From: "00302610123456"})
	fmt.Println(d.Target)
	fmt.Println(d.Reason())
	d = router.Route(context.Background(), routing.Request{From: "anonymous"})
	fmt.Println(d.Target)
	fmt.Println(d.Reason())
	// Output:
	// queue:patra
	// Maria Papadaki of patra; people of Patra; desk patra
	// queue:national
	// a withheld number; no rule is about this call; default national
}

// What cannot be meant is refused, with its place in the file.
func ExampleParse() {
	_, err := routing.Parse("helpdesk.yaml", []byte(`
desks:
  patra: {queue: patra, fallback: [athens]}
  athens: {queue: athens, fallback: [patra]}
  national: {queue: national}
rules:
  - {name: all, desk: national}
  - {name: mobiles, caller: {line: mobile}, desk: larissa}
default: national
`))
	fmt.Println(err)
	// Output:
	// helpdesk.yaml:3:36: a loop of fallbacks: athens -> patra -> athens
	// helpdesk.yaml:8:51: there is no desk "larissa"
}

// A rule set can be written in a program, too.
func ExampleCompile() {
	set, err := routing.Compile(routing.Rules{
		Calendars: map[string]routing.Calendar{
			"office": {Zone: "Europe/Athens", Hours: routing.List{"Mon-Fri 08:00-15:00"}, Holidays: routing.List{"orthodox-easter+1"}},
		},
		Desks: map[string]routing.Desk{
			"crete":    {Title: "Desk of Crete", Queue: "crete", Hours: "office", Fallback: routing.List{"national"}},
			"national": {Extension: "100@desks"},
		},
		Rules: []routing.Rule{
			{Name: "Crete", Caller: &routing.Match{Prefix: routing.List{"+3028"}}, Desk: "crete"},
		},
		Default: "national",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	router := routing.New(set, routing.Config{})
	easterMonday := time.Date(2026, 4, 13, 10, 0, 0, 0, time.FixedZone("EEST", 3*3600))
	d := router.Route(context.Background(), routing.Request{From: "+302810123456", At: easterMonday})
	fmt.Println(d.Target, "by", d.Cause)
	fmt.Println(d.Reason())
	// Output:
	// extension:100@desks by fallback
	// +302810123456; Crete; not crete: it is closed (office: Mon-Fri 08:00-15:00); fallback national
}

// A desk that does not answer has fallbacks.
func ExampleDecision_Next() {
	set, err := routing.Parse("helpdesk.yaml", []byte("desks: {a: {queue: a, fallback: [b]}, b: {external: +302101234567}, n: {queue: n}}\nrules: [{desk: a}]\ndefault: n\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	d := routing.New(set, routing.Config{}).Route(context.Background(), routing.Request{From: "204"})
	for ok := true; ok; d, ok = d.Next("no answer") {
		fmt.Println(d.Target)
	}
	// Output:
	// queue:a
	// external:+302101234567
	// queue:n
}

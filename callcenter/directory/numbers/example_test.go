package numbers_test

import (
	"fmt"

	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

func Example() {
	plan := numbers.Must(numbers.Config{
		Region:     "GR",
		Extensions: []string{"2XX"},
		Trunks:     map[string]numbers.Trunk{"tehran": {Region: "IR", AreaCode: "21", Prefixes: []string{"9"}}},
	})
	for _, call := range []struct{ trunk, caller string }{
		{"", "210 123 4567"},
		{"", "0306971234567"},
		{"tehran", "۰۹۱۲۱۲۳۴۵۶۷"},
		{"tehran", "902188776655"},
		{"", "204"},
		{"", "112"},
		{"", "anonymous"},
	} {
		n := plan.Parse(call.trunk, call.caller)
		fmt.Printf("%s: %s number, region %q, line %q\n", n, n.Kind, n.Region, n.Line)
	}
	// Output:
	// +302101234567: public number, region "GR", line "fixed"
	// +306971234567: public number, region "GR", line "mobile"
	// +989121234567: public number, region "IR", line "mobile"
	// +982188776655: public number, region "IR", line "fixed"
	// 204: extension number, region "", line ""
	// 112: short number, region "GR", line ""
	// withheld: withheld number, region "", line ""
}

func ExampleCompare() {
	plan := numbers.Must(numbers.Config{Region: "GR"})
	caller := plan.Parse("", "+302101234567")
	for _, stored := range []string{"(210) 123-4567", "+49 30 101234567", "2310 555 555"} {
		match := numbers.Compare(caller, plan.Parse("", stored), numbers.DefaultLastDigits)
		fmt.Println(stored, "->", match, match.Sure())
	}
	// Output:
	// (210) 123-4567 -> exact true
	// +49 30 101234567 -> last digits false
	// 2310 555 555 -> none false
}

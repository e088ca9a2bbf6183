package names_test

import (
	"fmt"

	"github.com/asterism-go/asterism/ivr/names"
)

// A Greek name on Greek keys, and a Persian one in Latin letters: mohammad.
func ExampleIndex_Find() {
	index := names.New([]names.Person{
		{Name: "Μαρία Παπαδοπούλου", Extension: "201"},
		{Name: "محمد رضایی", Extension: "203"},
	})
	for _, typed := range []string{"7272", "66426623"} {
		for _, p := range index.Find(typed) {
			fmt.Println(typed, p.Extension)
		}
	}
	// Output:
	// 7272 201
	// 66426623 203
}

package sayconf_test

import (
	"fmt"

	"github.com/asterism-go/asterism/ivr/sayconf"
)

func Example() {
	rules, err := sayconf.Parse("say.conf", []byte(`
[de]
_[n]um:X => digits/${SAY}
_[n]um:[2-9]0 => digits/${SAY}
_[n]um:[2-9][1-9] => digits/${SAY:1}-and, digits/${SAY:0:1}0
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rules.Say("de", "num:42"))
	// Output: [digits/2-and digits/40] true <nil>
}

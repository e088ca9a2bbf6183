package ivrtest_test

import (
	"context"
	"fmt"
	"time"

	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/ivr/ivrtest"
)

// A caller who types ahead: he hears the beginning of the welcome, and the goodbye. In a bubble of testing/synctest this takes no
// time.
func Example() {
	program := func(ctx context.Context, c *ivr.Call) error {
		got, err := c.Collect(ctx, ivr.Digits{Prompt: ivr.Say(ivr.Sound("welcome"), ivr.Sound("enter-number")), Max: 4, End: "#"})
		if err != nil {
			return err
		}
		return c.Say(ctx, ivr.Sound("thank-you"), ivr.SayDigits(got.Digits))
	}
	caller := &ivrtest.Channel{Durations: map[string]time.Duration{"thank-you": 0, "digits/0": 0, "digits/7": 0}}
	script := ivrtest.Script{ivrtest.Hear("welcome"), ivrtest.Press("007#"), ivrtest.Ended()}
	if err := ivrtest.Run(context.Background(), caller, program, script); err != nil {
		fmt.Println(err)
	}
	for _, note := range caller.Notes() {
		fmt.Println(note)
	}
	// Output:
	// play welcome
	// press 0
	// press 0
	// press 7
	// press #
	// play thank-you
	// play digits/0
	// play digits/0
	// play digits/7
	// hangup
}

package agitest_test

import (
	"context"
	"fmt"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
)

type console struct{}

func (console) Helper() {}

func (console) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }

func (console) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// A test of a handler: what the call has on its channel, what Asterisk says to the commands, and what has become of it. In
// a test, t takes the place of console{}.
func ExampleCall() {
	handler := agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		vip, err := s.GetVariable(ctx, "VIP")
		if err != nil {
			return err
		}
		digit, err := s.StreamFile(ctx, "welcome", "*")
		if err != nil || digit.Digit == "*" {
			return err
		}
		return s.SetVariable(ctx, "PRIORITY", vip)
	})
	outcome := agitest.Call(console{}, handler, agitest.Channel{
		Variables: map[string]string{"VIP": "gold"},
		Replies:   map[string][]string{"STREAM FILE": {"200 result=42 endpos=1600"}}, // the caller presses *
	})
	fmt.Println(outcome.Status, outcome.Commands[1:], outcome.Variables)
	// Output: SUCCESS [STREAM FILE welcome *] map[VIP:gold]
}

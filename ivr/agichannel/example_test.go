package agichannel_test

import (
	"context"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/ivr/agichannel"
)

// A server of AGI whose one program greets, for exten => 100,1,AGI(agi://127.0.0.1/greet).
func ExampleHandler() {
	mux := agi.NewMux()
	mux.Handle("greet", agichannel.Handler(func(ctx context.Context, c *ivr.Call) error {
		if err := c.Answer(ctx); err != nil {
			return err
		}
		return c.Say(ctx, ivr.Sound("hello-world"), ivr.SayDigits(c.Info().Caller))
	}))
	server := &agi.Server{Handler: mux}
	server.ListenAndServe() //nolint:errcheck // it ends with the program
}

package arichannel_test

import (
	"context"
	"os"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/ivr/arichannel"
)

// A Stasis application whose one program greets, for exten => 100,1,Stasis(greet).
func ExampleHandler() {
	app := &ari.App{
		Client: &ari.Client{URL: "http://127.0.0.1:8088/ari", Username: "ivr", Password: os.Getenv("ARI_PASSWORD")},
		Name:   "greet",
	}
	defer app.Close()
	err := ari.Serve(context.Background(), app, arichannel.Handler(func(ctx context.Context, c *ivr.Call) error {
		if err := c.Answer(ctx); err != nil {
			return err
		}
		return c.Say(ctx, ivr.Sound("hello-world"), ivr.SayDigits(c.Info().Caller))
	}))
	if err != nil {
		panic(err)
	}
}

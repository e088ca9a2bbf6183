package cycore_test

import (
	"context"
	"log"
	"os"

	v5 "github.com/CyCoreSystems/ari/v5"
	"github.com/CyCoreSystems/ari/v5/ext/play"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ari/cycore"
)

// A program of v5 over our transport: only how the client is made differs.
func ExampleWrap() {
	ctx := context.Background()
	app := &ari.App{
		Client: &ari.Client{URL: "http://pbx.example.com:8088/ari", Username: "ivr", Password: os.Getenv("ARI_PASSWORD")},
		Name:   "ivr",
	}
	client, err := cycore.Wrap(ctx, app)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	calls := client.Bus().Subscribe(nil, v5.Events.StasisStart)
	for e := range calls.Events() {
		call := client.Channel().Get(e.(*v5.StasisStart).Key(v5.ChannelKey, e.(*v5.StasisStart).Channel.ID))
		go func() {
			if _, err := play.Play(ctx, call, play.URI("sound:welcome")).Result(); err != nil {
				log.Print(err)
			}
		}()
	}
}

// A handler of ours over a client of v5.
func ExampleFrom() {
	var client v5.Client // as the program has it
	app := cycore.From(client)
	err := ari.Serve(context.Background(), app, func(ctx context.Context, call *ari.Channel) error {
		if err := call.Answer(ctx); err != nil {
			return err
		}
		_, err := call.Collect(ctx, ari.Digits{Prompt: []string{"sound:agent-pass"}, Max: 4, End: "#"})
		return err
	})
	log.Print(err)
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/asterism-go/asterism/ari"
)

func run(ctx context.Context, args []string, out io.Writer) error {
	client := &ari.Client{Password: os.Getenv("ASTERISM_ARI_PASSWORD")}
	defer client.Close()
	app := &ari.App{Client: client}
	defer app.Close()
	flags := flag.NewFlagSet("ari-echo", flag.ContinueOnError)
	flags.StringVar(&client.URL, "url", ari.DefaultURL, "the `address` of the REST interface")
	flags.StringVar(&client.Username, "user", "", "`name` of the user in ari.conf; the password is in ASTERISM_ARI_PASSWORD")
	flags.StringVar(&app.Name, "app", "echo", "`name` of the application, as in Stasis(name)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	err := ari.Serve(ctx, app, func(ctx context.Context, call *ari.Channel) error {
		digits, err := echo(ctx, call)
		fmt.Fprintf(out, "%s: %s %v\n", call.ID(), digits, err)
		return err
	})
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// echo is one call.
func echo(ctx context.Context, call *ari.Channel) (string, error) {
	if err := call.Answer(ctx); err != nil {
		return "", err
	}
	digits, err := call.Collect(ctx, ari.Digits{Prompt: []string{"sound:beep"}, Max: 4, End: "#"})
	if err != nil || digits == "" {
		return "", err
	}
	return digits, call.Play(ctx, "digits:"+digits)
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/asterism-go/asterism/ari"
)

func run(ctx context.Context, args []string, out io.Writer) error {
	client := &ari.Client{Password: os.Getenv("ASTERISM_ARI_PASSWORD")}
	defer client.Close()
	app := &ari.App{Client: client}
	defer app.Close()
	flags := flag.NewFlagSet("ari-dial", flag.ContinueOnError)
	flags.StringVar(&client.URL, "url", ari.DefaultURL, "the `address` of the REST interface")
	flags.StringVar(&client.Username, "user", "", "`name` of the user in ari.conf; the password is in ASTERISM_ARI_PASSWORD")
	flags.StringVar(&app.Name, "app", "dial", "`name` of the application")
	timeout := flags.Duration("timeout", 30*time.Second, "how long a phone may ring")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 2 {
		return errors.New("which two endpoints? Give them as PJSIP/100 PJSIP/200")
	}
	if err := app.Connect(ctx); err != nil {
		return err
	}
	first, err := dial(ctx, app, flags.Arg(0), *timeout)
	if err != nil {
		return err
	}
	defer hangup(first)
	if err := first.Ring(ctx); err != nil {
		return err
	}
	second, err := dial(ctx, app, flags.Arg(1), *timeout)
	if err != nil {
		return err
	}
	defer hangup(second)
	fmt.Fprintf(out, "connected: %s and %s\n", first.ID(), second.ID())
	_, err = first.Connect(ctx, second)
	return err
}

// dial calls an endpoint and waits for the answer.
func dial(ctx context.Context, app *ari.App, endpoint string, timeout time.Duration) (*ari.Channel, error) {
	ch, err := app.Create(ctx, ari.ChannelCreateParams{Endpoint: endpoint})
	if err != nil {
		return nil, err
	}
	if err := ch.Dial(ctx, ari.ChannelDialParams{Timeout: timeout}); err != nil {
		hangup(ch)
		return nil, fmt.Errorf("%s: %w", endpoint, err)
	}
	return ch, nil
}

// hangup ends a call, also when the program is being ended.
func hangup(ch *ari.Channel) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := ch.Hangup(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "ari-dial:", err)
	}
}

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
	params := ari.ChannelRecordParams{Beep: true, TerminateOn: ari.TerminateOnPound}
	flags := flag.NewFlagSet("ari-record", flag.ContinueOnError)
	flags.StringVar(&client.URL, "url", ari.DefaultURL, "the `address` of the REST interface")
	flags.StringVar(&client.Username, "user", "", "`name` of the user in ari.conf; the password is in ASTERISM_ARI_PASSWORD")
	flags.StringVar(&app.Name, "app", "record", "`name` of the application")
	flags.DurationVar(&params.MaxDuration, "max", 30*time.Second, "how long it may be")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 2 {
		return errors.New("whom, and into which file? Give them as PJSIP/100 message.wav")
	}
	if err := app.Connect(ctx); err != nil {
		return err
	}
	n, err := record(ctx, app, params, flags.Args())
	if err == nil {
		fmt.Fprintf(out, "%s: %d bytes\n", flags.Arg(1), n)
	}
	return err
}

func record(ctx context.Context, app *ari.App, params ari.ChannelRecordParams, args []string) (n int64, err error) {
	ch, err := app.Originate(ctx, ari.ChannelOriginateParams{Endpoint: args[0]})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, ch.Hangup(context.WithoutCancel(ctx))) }()
	if err := ch.Wait(ctx); err != nil {
		return 0, err
	}
	rec, err := ch.Record(ctx, params)
	if err != nil {
		return 0, err
	}
	if _, err := rec.Wait(ctx); err != nil {
		return 0, err
	}
	from, err := rec.Open(ctx)
	if err != nil {
		return 0, err
	}
	defer from.Close()
	to, err := os.Create(args[1])
	if err != nil {
		return 0, err
	}
	n, err = io.Copy(to, from)
	return n, errors.Join(err, to.Close())
}

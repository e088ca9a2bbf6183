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
	var params ari.MediaParams
	flags := flag.NewFlagSet("ari-media", flag.ContinueOnError)
	flags.StringVar(&client.URL, "url", ari.DefaultURL, "the `address` of the REST interface")
	flags.StringVar(&client.Username, "user", "", "`name` of the user in ari.conf; the password is in ASTERISM_ARI_PASSWORD")
	flags.StringVar(&app.Name, "app", "media", "`name` of the application")
	flags.StringVar(&params.Listen, "listen", "127.0.0.1:0", "an `address` of ours that Asterisk can reach")
	howLong := flags.Duration("for", 10*time.Second, "how long the tone is")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("whom? Give it as PJSIP/100")
	}
	if err := app.Connect(ctx); err != nil {
		return err
	}
	ch, err := app.Originate(ctx, ari.ChannelOriginateParams{Endpoint: flags.Arg(0)})
	if err != nil {
		return err
	}
	if err := ch.Wait(ctx); err != nil {
		return err
	}
	media, err := app.ExternalMedia(ctx, params)
	if err != nil {
		return errors.Join(err, ch.Hangup(ctx))
	}
	heard := make(chan int64, 1)
	go func() {
		n, _ := io.Copy(io.Discard, media) // until it is closed
		heard <- n
	}()
	go func() {
		_, err := media.Write(tone(*howLong)) // it takes its time
		if err == nil {
			err = media.Close()
		}
		if err != nil && !errors.Is(err, io.ErrClosedPipe) {
			fmt.Fprintln(os.Stderr, "ari-media:", err)
		}
	}()
	_, err = media.Connect(ctx, ch)
	err = errors.Join(err, media.Close(), ch.Hangup(context.WithoutCancel(ctx)))
	fmt.Fprintf(out, "heard %v\n", time.Duration(<-heard)*time.Second/8000)
	return err
}

// tone is a square wave of 500 Hz in mu-law.
func tone(d time.Duration) []byte {
	b := make([]byte, int(d*8000/time.Second))
	for i := range b {
		b[i] = 0x2a | byte(i/8%2)<<7
	}
	return b
}

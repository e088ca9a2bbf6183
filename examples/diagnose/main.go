// Diagnose looks at how an Asterisk is set up for the programs that use its Manager, and prints the lines that are missing in
// manager.conf.
//
//	export ASTERISM_AMI_SECRET=...                                      # of the user in manager.conf
//	go run ./examples/diagnose -addr pbx:5038 -user board               # for what package ami itself needs
//	go run ./examples/diagnose -user board Originate QueuePause         # for a program that sends these actions
//
// What is printed is a piece of manager.conf, with the problems as comments. The program ends with 1 if there are any.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/asterism-go/asterism/ami"
)

// errFound says that something is wanting.
var errFound = errors.New("see above")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "diagnose:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	client := &ami.Client{Secret: os.Getenv("ASTERISM_AMI_SECRET"), ReconnectWait: -1}
	flags := flag.NewFlagSet("diagnose", flag.ContinueOnError)
	flags.StringVar(&client.Addr, "addr", ami.DefaultAddr, "`host:port` of the Manager")
	flags.StringVar(&client.Username, "user", "", "`name` of the user in manager.conf; the secret is in ASTERISM_AMI_SECRET")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := client.Connect(ctx); err != nil {
		return err
	}
	defer client.Close()
	found, err := client.Diagnose(ctx, flags.Args()...)
	if err != nil {
		return err
	}
	for _, advice := range found {
		if _, err := fmt.Fprintln(out, advice); err != nil {
			return err
		}
	}
	if len(found) > 0 {
		return errFound
	}
	_, err = fmt.Fprintln(out, "; nothing is wanting")
	return err
}

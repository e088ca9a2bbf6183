// Click2call rings a telephone and, when it is taken, dials a number for it, and says what came of it.
//
//	export ASTERISM_AMI_SECRET=...                                  # of the user in manager.conf
//	go run ./examples/click2call -user crm PJSIP/101 2101234567
//	go run ./examples/click2call -user crm -context from-internal -prefix 9 -line 2109999999 PJSIP/101 2101234567
//
// Interrupt it while anything rings, and the call is cancelled.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter"
	"github.com/asterism-go/asterism/callcenter/control"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "click2call:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var order control.Dial
	flags := flag.NewFlagSet("click2call", flag.ContinueOnError)
	addr := flags.String("addr", ami.DefaultAddr, "`host:port` of the Manager")
	user := flags.String("user", "", "`name` of the user in manager.conf; the secret is in ASTERISM_AMI_SECRET")
	flags.StringVar(&order.Context, "context", control.DefaultContext, "the `context` in which the number is dialled")
	flags.StringVar(&order.Prefix, "prefix", "", "the `digits` for a line, dialled before the number")
	flags.StringVar(&order.LineNumber, "line", "", "the caller id `number` with which it is dialled")
	flags.DurationVar(&order.CalleeTimeout, "timeout", 0, "how long the number may ring")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 2 {
		return errors.New("give a telephone and a number, as in PJSIP/101 2101234567")
	}
	order.Endpoint, order.Number = flags.Arg(0), flags.Arg(1)
	client := &ami.Client{Addr: *addr, Username: *user, Secret: os.Getenv("ASTERISM_AMI_SECRET")}
	if err := client.Connect(ctx); err != nil {
		return err
	}
	defer client.Close()
	center := &callcenter.Center{Client: client, Control: &control.Control{Policy: control.DefaultPolicy()}}
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { center.Run(following) }) //nolint:errcheck // Ready tells
	defer running.Wait()
	defer stop()
	if err := center.Ready(ctx); err != nil {
		return err
	}
	dialing, err := center.As(control.Actor{ID: "click2call", Role: control.Admin}).Dial(ctx, order)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { dialing.Cancel(following) }) //nolint:errcheck // Wait tells
	dialed, err := dialing.Wait(following)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, dialed.Outcome, dialed.Call.ID)
	return err
}

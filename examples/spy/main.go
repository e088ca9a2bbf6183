// Spy rings a supervisor's telephone and lets it listen to another one.
//
//	export ASTERISM_AMI_SECRET=...                                  # of the user in manager.conf
//	go run ./examples/spy -user board PJSIP/109 PJSIP/101             # listen to the call of 101
//	go run ./examples/spy -user board -mode whisper PJSIP/109 PJSIP/101
//	go run ./examples/spy -user board -goon PJSIP/109 PJSIP/101       # and to all its next calls
//
// While it runs, type listen, whisper or barge to change the mode; the keys 4, 5 and 6 of the telephone do the same. It ends with the
// call, or when it is interrupted.
package main

import (
	"bufio"
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
	"github.com/asterism-go/asterism/callcenter/calls"
	"github.com/asterism-go/asterism/callcenter/control"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "spy:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	var order control.Spy
	flags := flag.NewFlagSet("spy", flag.ContinueOnError)
	addr := flags.String("addr", ami.DefaultAddr, "`host:port` of the Manager")
	user := flags.String("user", "", "`name` of the user in manager.conf; the secret is in ASTERISM_AMI_SECRET")
	mode := flags.String("mode", string(calls.Listen), "listen, whisper or barge")
	flags.BoolVar(&order.GoOn, "goon", false, "listen to the next calls too")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 2 {
		return errors.New("give your telephone and that of whom to listen to, as in PJSIP/109 PJSIP/101")
	}
	order.Endpoint, order.Target, order.Mode = flags.Arg(0), flags.Arg(1), calls.SpyMode(*mode)
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
	spying, err := center.As(control.Actor{ID: "spy", Role: control.Admin}).Spy(ctx, order)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, order.Mode); err != nil {
		return err
	}
	go modes(following, in, out, spying)
	if err := spying.Wait(ctx); err != nil {
		return spying.Stop(following)
	}
	return nil
}

// modes changes the mode as it is told, a line each.
func modes(ctx context.Context, in io.Reader, out io.Writer, spying *control.Spying) {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		answer := lines.Text()
		if err := spying.Switch(ctx, calls.SpyMode(answer)); err != nil {
			answer = err.Error()
		}
		fmt.Fprintln(out, answer)
	}
}

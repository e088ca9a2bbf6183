// Command fastagid is the reference daemon of Asterism.
//
// See a whole help desk run, on a real Asterisk with real SIP phones:
//
//	go run ./examples/fastagid -demo
//
// The demo fetches Asterisk from Debian's packages if none is installed (once, some 30 s), starts it on free ports of
// loopback, and places calls to a help desk. The dialplan asks fastagid by AGI() which desk each call should go to, by the
// caller's area code; one of the desks never answers. Every finished call is printed on standard output as one line of JSON
// (schema call/1). What it says about itself, such as the address of its metrics, goes to standard error. It ends on Ctrl-C,
// or after -for, which counts from when the phones are ready; nothing is left behind then.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The exit codes.
const (
	exitOK    = 0
	exitFail  = 1
	exitUsage = 2
)

// options are the command line.
type options struct {
	demo     bool
	duration time.Duration
	http     string
	verbose  bool
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		return exitUsage
	}
	level := slog.LevelInfo
	if opts.verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))
	if err := runDemo(ctx, opts, stdout, log); err != nil {
		fmt.Fprintln(stderr, "fastagid:", err)
		return exitFail
	}
	return exitOK
}

// parse reads the command line, and tells stderr what is wrong with it.
func parse(args []string, stderr io.Writer) (options, error) {
	var opts options
	flags := flag.NewFlagSet("fastagid", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&opts.demo, "demo", false, "run a help desk on a real Asterisk with real phones")
	flags.DurationVar(&opts.duration, "for", 0, "end the demo after this `duration`; 0: at Ctrl-C")
	flags.StringVar(&opts.http, "http", "127.0.0.1:0", "`address` of /metrics and /healthz; port 0 takes any free one")
	flags.BoolVar(&opts.verbose, "v", false, "tell more about what happens")
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	var wrong string
	switch {
	case flags.NArg() > 0:
		wrong = fmt.Sprintf("what is %q for? All arguments are flags", flags.Arg(0))
	case !opts.demo:
		wrong = "nothing to do without -demo"
	case opts.duration < 0:
		wrong = fmt.Sprintf("-for %v: a duration cannot be negative", opts.duration)
	default:
		return opts, nil
	}
	fmt.Fprintln(stderr, "fastagid:", wrong)
	flags.Usage()
	return opts, errors.New(wrong)
}

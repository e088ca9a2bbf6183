// Command fastagid is the reference daemon of Asterism: a FastAGI server that is configured by a file.
//
//	fastagid -config FILE  serves an existing Asterisk: AGI(agi://host/ROUTE) in its dialplan
//	fastagid check FILE    says what is wrong with a configuration
//	fastagid -demo         runs a whole help desk
//	fastagid explain       tells where a call would go and why, e.g. explain -number +302101234567
//
// dist/fastagid.yaml is a configuration with every key, dist/extensions.conf how a dialplan uses it, and dist/ has units of
// systemd. Routes lead to handlers that are built in, to HTTP webhooks (package agi/webhook) and to programs written for
// Asterisk's AGI() on standard input (package agi/program). SIGHUP, or POST /reload, reads the file again: all of it, or
// none if anything is wrong with it. After SIGTERM new calls are refused, which the dialplan sees as AGISTATUS=FAILURE, and
// those that are going on may end. POST /trace/CALL shows every line of the calls with that uniqueid or caller's number in
// the log, without the digits that callers press; DELETE ends it.
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

	"github.com/asterism-go/asterism/internal/yamlfile"
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
	config   string
	check    string
	duration time.Duration
	http     string
	verbose  bool
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == "explain" {
		return runExplain(ctx, args[1:], stdout, stderr)
	}
	opts, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		return exitUsage
	}
	switch {
	case opts.check != "":
		err = checkFile(ctx, opts.check, stdout)
	case opts.config != "":
		err = serve(ctx, opts.config, stderr)
	default:
		level := slog.LevelInfo
		if opts.verbose {
			level = slog.LevelDebug
		}
		err = runDemo(ctx, opts, stdout, slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level})))
	}
	if err != nil {
		fmt.Fprintln(stderr, prefixed(err))
		return exitFail
	}
	return exitOK
}

func runExplain(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	q, err := parseExplain(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage
	}
	if err := explain(ctx, q, stdout); err != nil {
		fmt.Fprintln(stderr, prefixed(err))
		return exitFail
	}
	return exitOK
}

// prefixed is an error as the program tells it: what is wrong with a file begins with the file, as editors like it.
func prefixed(err error) string {
	var located *yamlfile.Error
	if errors.As(err, &located) {
		return err.Error()
	}
	return "fastagid: " + err.Error()
}

// parse reads the command line, and tells stderr what is wrong with it.
func parse(args []string, stderr io.Writer) (options, error) {
	var opts options
	flags := flag.NewFlagSet("fastagid", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&opts.demo, "demo", false, "run a help desk on a real Asterisk with real phones")
	flags.StringVar(&opts.config, "config", "", "serve an existing Asterisk, as this `file` says")
	flags.DurationVar(&opts.duration, "for", 0, "end the demo after this `duration`; 0: at Ctrl-C")
	flags.StringVar(&opts.http, "http", "127.0.0.1:0", "`address` of the demo's /metrics and /healthz; port 0 takes any free one")
	flags.BoolVar(&opts.verbose, "v", false, "tell more about what happens")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: fastagid -config FILE | fastagid check FILE | fastagid explain [FLAGS] | fastagid -demo [-for DURATION]")
		flags.PrintDefaults()
	}
	if len(args) == 2 && args[0] == "check" {
		opts.check = args[1]
		return opts, nil
	}
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	var wrong string
	switch {
	case flags.NArg() > 0:
		wrong = fmt.Sprintf("what is %q for? Arguments are flags, or check FILE", flags.Arg(0))
	case opts.demo == (opts.config != ""):
		wrong = "want one of -config FILE, check FILE and -demo"
	case opts.duration < 0:
		wrong = fmt.Sprintf("-for %v: a duration cannot be negative", opts.duration)
	default:
		return opts, nil
	}
	fmt.Fprintln(stderr, "fastagid:", wrong)
	flags.Usage()
	return opts, errors.New(wrong)
}

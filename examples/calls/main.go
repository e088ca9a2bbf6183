// Command calls tells the calls of an Asterisk: of a recorded stream of its manager, or live.
//
//	calls -replay DIR                    a recording: ami.txt and input.json
//	calls -replay STREAM -config FILE    what came from a manager connection, as it is or compressed with gzip
//	calls -replay ... -cel FILE -cdr FILE  with what Asterisk's channel event log and call detail records add; where
//	                                     they disagree is said on the standard error output
//	calls -replay ... -explain CALL      one call as a story, with the events behind each sentence
//	calls -anonymise STREAM              the stream with other numbers and names, to show to somebody else
//	calls -ami HOST:PORT -user NAME      live: one line per change; the secret is in the environment, AMI_SECRET
//
// A replay prints one document {"calls":[...]}, each call in the schema call/1.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "calls:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	replay, config, ami, user, explain, anonymise, cel, cdr string

	finished bool
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	flags := flag.NewFlagSet("calls", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.replay, "replay", "", "tell the calls of a recording: a `directory` with ami.txt and input.json, or a stream")
	flags.StringVar(&o.config, "config", "", "the `file` that says what trunks and extensions there are, in YAML; live, it is discovered if absent")
	flags.StringVar(&o.ami, "ami", "", "follow the Asterisk whose manager listens at this `address`")
	flags.StringVar(&o.user, "user", "", "the manager's `name` of the user; the secret is taken from the environment, AMI_SECRET")
	flags.StringVar(&o.explain, "explain", "", "tell the `call` with this ID as a story, with the events behind each sentence")
	flags.StringVar(&o.anonymise, "anonymise", "", "print this `stream` with other numbers and names")
	flags.StringVar(&o.cel, "cel", "", "replay: fill gaps from this `file` of the channel event log (cel_custom), and compare")
	flags.StringVar(&o.cdr, "cdr", "", "replay: fill gaps from this `file` of call detail records (Master.csv), and compare")
	flags.BoolVar(&o.finished, "finished", false, "live: print only calls that are finished")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case o.anonymise != "":
		return anonymiseFile(o.anonymise, stdout)
	case o.explain != "" && o.replay != "":
		return explain(o, stdout)
	case o.replay != "":
		return replay(o, stdout, stderr)
	case o.ami != "":
		return follow(ctx, o, stdout, stderr)
	}
	flags.Usage()
	return errors.New("nothing to do: give -replay, -ami or -anonymise")
}

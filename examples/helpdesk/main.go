// Helpdesk is the help desk of a country's school network, on one machine: a real LDAP server with 10,000 users, a real
// Asterisk with twelve support centres, SIP phones that call it, and rules that say who reaches whom.
//
//	go run ./examples/helpdesk                                 # callers call one after the other; each is explained
//	go run ./examples/helpdesk -explain +302610200004          # why this number would go where it goes, without a call
//	go run ./examples/helpdesk -explain 2810999999 -at now     # at this moment, instead of on a Wednesday
//	go run ./examples/helpdesk -ldif > school.ldif             # the users as LDIF, for a server of yours
//
// helpdesk.yaml are the rules. It needs Go and network access to Debian's packages, which it fetches once; nothing is left
// behind at its end but those. It ends with an error if a caller reaches a wrong desk.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"github.com/asterism-go/asterism/callcenter/routing"
	"github.com/asterism-go/asterism/internal/slapd"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "helpdesk:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

// wednesday is when the callers call if nothing else is said: the centres on islands have closed, the others not.
const wednesday = "2026-11-25T14:30:00+02:00"

// options are the command line.
type options struct {
	users   int
	ldif    bool
	explain string
	at      string
	verbose bool
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	flags := flag.NewFlagSet("helpdesk", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.users, "users", 10_000, "how many `people` the directory has")
	flags.BoolVar(&o.ldif, "ldif", false, "write the directory as LDIF, and nothing else")
	flags.StringVar(&o.explain, "explain", "", "explain where the caller with this `number` would go, and nothing else")
	flags.StringVar(&o.at, "at", wednesday, "the `time` of all calls, or now")
	flags.BoolVar(&o.verbose, "v", false, "tell more about what happens")
	if err := flags.Parse(args); err != nil {
		return err
	}
	at, err := parseTime(o.at)
	if err != nil {
		return err
	}
	school := slapd.School{Users: o.users}
	if o.ldif {
		return school.WriteLDIF(stdout)
	}
	level := slog.LevelWarn
	if o.verbose {
		level = slog.LevelDebug
	}
	n := &network{log: slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level})), school: school, at: at, out: &lines{w: stdout}}
	defer n.close()
	if err := n.openDirectory(ctx); err != nil {
		return err
	}
	if o.explain != "" {
		d := n.router.Route(ctx, routing.Request{From: o.explain, At: at})
		_, err := io.WriteString(stdout, d.Explain())
		return err
	}
	if err := n.openDesks(ctx); err != nil {
		return err
	}
	return n.story(ctx)
}

func parseTime(text string) (time.Time, error) {
	if text == "now" {
		return time.Now(), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("-at %q: want now, or a time such as %s", text, wednesday)
	}
	return at, nil
}

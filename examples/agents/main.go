// Agents is a board for a terminal: who is logged in to which queue, who is ready, rings, talks or is paused, and for how long.
//
//	export ASTERISM_AMI_SECRET=...                        # of the user in manager.conf
//	go run ./examples/agents -addr pbx:5038 -user board   # until Ctrl-C
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"os/signal"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/agents"
	"github.com/asterism-go/asterism/callcenter/calls"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "agents:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	client := &ami.Client{Secret: os.Getenv("ASTERISM_AMI_SECRET")}
	flags := flag.NewFlagSet("agents", flag.ContinueOnError)
	flags.StringVar(&client.Addr, "addr", ami.DefaultAddr, "`host:port` of the Manager")
	flags.StringVar(&client.Username, "user", "", "`name` of the user in manager.conf; the secret is in ASTERISM_AMI_SECRET")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := client.Connect(ctx); err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	problem, tracker, edits := "", calls.NewTracker(calls.Config{}), make(chan agents.Edit)
	go every(ctx, time.Second/4, edits, func(m *agents.Model) []agents.Change {
		if err := draw(out, m.Agents(), problem); err != nil {
			cancel()
		}
		return nil
	})
	for _, err := range agents.FollowWith(ctx, client, agents.NewModel(agents.Config{Calls: true}), agents.Sources{
		Calls: func(ctx context.Context) iter.Seq2[calls.Change, error] { return calls.Follow(ctx, client, tracker) },
		Edits: edits,
	}) {
		if err != nil {
			problem = err.Error()
		}
	}
	return errors.New(problem)
}

// every has something done again and again in the loop that has the Model.
func every(ctx context.Context, interval time.Duration, edits chan<- agents.Edit, do agents.Edit) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			select {
			case edits <- do:
			case <-ctx.Done():
			}
		case <-ctx.Done():
			return
		}
	}
}

// draw clears the terminal and prints the board.
func draw(out io.Writer, all []agents.Agent, problem string) error {
	var board strings.Builder
	table := tabwriter.NewWriter(&board, 0, 0, 2, ' ', 0)
	fmt.Fprint(&board, "\x1b[H\x1b[2J")
	fmt.Fprintln(table, "AGENT\tPHONE\tSTATE\tFOR\tTALKED\tCALLS\tQUEUES")
	for _, a := range all {
		var queues []string
		for _, q := range a.Queues {
			queues = append(queues, q.Queue)
		}
		stats := a.At(time.Now())
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n", plain(cmp.Or(a.Name, a.ID)), plain(a.Phone.Endpoint), plain(strings.TrimSpace(a.State.String()+" "+a.Reason)),
			time.Since(a.Since).Round(time.Second), stats.Talk.Round(time.Second), stats.Calls, plain(strings.Join(queues, " ")))
	}
	table.Flush()
	_, err := fmt.Fprintf(out, "%s%s\n", &board, plain(problem))
	return err
}

// plain is a text without what would move the cursor.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

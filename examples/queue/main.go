// Queue is a support queue with three agents: callers hear their position and the wait that is expected, in their language, may be
// called back or leave a message, and agents log in by telephone. What happens is shown on the terminal.
//
//	exten => 600,1,Stasis(queue,support)                                 ; in extensions.conf; see queue.Template
//	exten => *41,1,Stasis(queue,@agent,login)                            ; *42 logout, *43 pause, *44 unpause
//	export ASTERISM_ARI_PASSWORD=...                                     # of the user in ari.conf
//	export PIN_ANNA=... PIN_BORIS=... PIN_CLARA=...                      # which the file asks for
//	go run ./examples/queue -url http://pbx:8088/ari -user queue -config examples/queue/support.yaml
//
// With -simulate it needs no Asterisk: it lets a day of callers come in virtual time, compares the strategies, and draws the
// service level over the day:
//
//	go run ./examples/queue -simulate -plot day.svg
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
	"strings"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
	"github.com/asterism-go/asterism/queue/sqlitestore"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "queue:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("queue", flag.ContinueOnError)
	flags.SetOutput(out)
	url := flags.String("url", "http://127.0.0.1:8088/ari", "ARI of Asterisk")
	user := flags.String("user", "queue", "user of ARI; the password is in ASTERISM_ARI_PASSWORD")
	agents := flags.String("agents", "PJSIP/101,PJSIP/102,PJSIP/103", "without -config: what is dialled for the agents")
	settings := flags.String("config", "", "YAML file of the queue, such as support.yaml; empty: a plain queue")
	store := flags.String("store", "queue.db", "file (SQLite) that has callers and agents survive the program")
	virtual := flags.Bool("simulate", false, "simulate a day instead")
	plot := flags.String("plot", "", "with -simulate: the file of the plot, such as day.svg")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *virtual {
		return simulate(out, *plot)
	}
	server := &queue.Server{
		Queues: []queue.Queue{support()}, Agents: team(strings.Split(*agents, ",")), Observe: newBoard(out).tell,
		Logger: slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	if *settings != "" {
		c, err := read(*settings)
		if err != nil {
			return err
		}
		server.Queues, server.Agents, server.Phone = []queue.Queue{c.queue()}, c.team(), c.phone()
	}
	file, err := sqlitestore.Open(*store)
	if err != nil {
		return err
	}
	defer file.Close()
	client := &ari.Client{Logger: server.Logger, URL: *url, Username: *user, Password: os.Getenv("ASTERISM_ARI_PASSWORD")}
	defer client.Close()
	server.App, server.Store = &ari.App{Client: client, Name: "queue"}, file
	return server.Serve(ctx)
}

// support is the queue.
func support() queue.Queue {
	return queue.Queue{
		Queue: acd.Queue{
			Name: "support", Strategy: acd.LongestIdle, WrapUp: 10 * time.Second, RingTimeout: 15 * time.Second, MaxWait: 10 * time.Minute,
			NoAnswer: acd.NoAnswer{PauseAfter: 3, BackOff: 10 * time.Second}, Exits: map[string]string{"0": "voicemail"},
		},
		AnnounceEvery: 30 * time.Second,
	}
}

// team are the agents, who are called like their telephones.
func team(endpoints []string) []queue.Agent {
	all := make([]queue.Agent, len(endpoints))
	for i, endpoint := range endpoints {
		_, id, _ := strings.Cut(endpoint, "/")
		all[i] = queue.Agent{
			Agent:    acd.Agent{ID: id, Members: []acd.Member{{Queue: "support"}}},
			Endpoint: endpoint, LoggedIn: true,
		}
	}
	return all
}

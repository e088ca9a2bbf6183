package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/asterism-go/asterism/callcenter/routing"
)

// defaultConfig is the configuration that explain reads if none is named; systemd's unit has it too.
const defaultConfig = "/etc/fastagid.yaml"

// question is a call to explain.
type question struct {
	config, route string
	json          bool
	at            string
	request       routing.Request
	stderr        io.Writer
}

func parseExplain(args []string, stderr io.Writer) (question, error) {
	q := question{stderr: stderr}
	flags := flag.NewFlagSet("fastagid explain", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&q.request.From, "number", "", "the caller's `number`; empty: a withheld one")
	flags.StringVar(&q.request.Dialled, "dialled", "", "the `number` that was dialled")
	flags.StringVar(&q.request.Username, "username", "", "the `name` that the caller types when asked")
	flags.StringVar(&q.request.Language, "language", "", "the call's `language`")
	flags.StringVar(&q.request.Trunk, "trunk", "", "the `trunk` that the call comes from")
	flags.StringVar(&q.at, "at", "", "when it comes, as `2006-01-02T15:04:05+02:00`; default: now")
	flags.StringVar(&q.config, "config", defaultConfig, "the configuration `file`")
	flags.StringVar(&q.route, "route", "", "the `path` of the helpdesk route; default: the first that has rules")
	flags.BoolVar(&q.json, "json", false, "the decision as JSON")
	if err := flags.Parse(args); err != nil {
		return q, err
	}
	wrong := ""
	if flags.NArg() > 0 {
		wrong = fmt.Sprintf("what is %q for? All arguments are flags", flags.Arg(0))
	}
	if q.at != "" {
		at, err := time.Parse(time.RFC3339, q.at)
		if err != nil {
			wrong = fmt.Sprintf("-at %q: want a time such as 2026-11-25T10:00:00+02:00", q.at)
		}
		q.request.At = at
	}
	if wrong != "" {
		fmt.Fprintln(stderr, "fastagid explain:", wrong)
		flags.Usage()
		return q, errors.New(wrong)
	}
	return q, nil
}

// explain decides about a call without one, by the configuration's rules, directory and Manager, and tells why.
func explain(ctx context.Context, q question, stdout io.Writer) error {
	cfg, _, err := loadConfig(q.config)
	if err != nil {
		return err
	}
	for _, r := range cfg.Routes {
		if r.Helpdesk == nil || r.Helpdesk.Rules == "" || q.route != "" && r.Path != q.route {
			continue
		}
		if q.request.Trunk == "" {
			q.request.Trunk = r.Helpdesk.Trunk
		}
		d, err := q.decide(ctx, cfg, r.Helpdesk)
		if err != nil {
			return err
		}
		if q.json {
			return json.NewEncoder(stdout).Encode(d)
		}
		_, err = io.WriteString(stdout, d.Explain())
		return err
	}
	return fmt.Errorf("%s has no helpdesk route %s with rules", q.config, q.route)
}

// managerTimeout bounds how long explain waits for the Manager.
const managerTimeout = 5 * time.Second

func (q *question) decide(ctx context.Context, cfg config, h *helpdeskRoute) (routing.Decision, error) {
	set, err := routing.Read(h.Rules)
	if err != nil {
		return routing.Decision{}, err
	}
	desks := newHelpDesks(cfg.PBX, nil)
	people, err := openPeople(peopleKey{cfg: cfg.Directory, numbers: set.Numbers()}, set, desks.lookups, slog.New(slog.DiscardHandler))
	if err != nil {
		return routing.Decision{}, err
	}
	defer people.close()
	if cfg.Manager != nil {
		queues, err := q.askManager(ctx, cfg.Manager)
		if err != nil {
			return routing.Decision{}, err
		}
		defer queues.close()
		desks.queues = queues
	}
	router, _ := people.router(set, desks)
	return router.Route(ctx, q.request), nil
}

// askManager finds out how much queues have to do now. If the Manager does not tell, that is not known, and said.
func (q *question) askManager(ctx context.Context, cfg *managerConfig) (*queueWatch, error) {
	queues, err := watchQueues(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, managerTimeout, fmt.Errorf("no answer within %v", managerTimeout))
	defer cancel()
	if err := queues.Ready(ctx); err != nil {
		fmt.Fprintf(q.stderr, "fastagid explain: the Manager at %s does not tell how much queues have to do: %v\n", cfg.Address, err)
	}
	return queues, nil
}

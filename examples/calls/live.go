package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// reconnectWait is how long the program waits before it connects again.
const reconnectWait = 2 * time.Second

// follow prints what happens, until ctx ends. It connects again for as long as that takes, with the same tracker: calls
// that were lost from sight in between end, marked uncertain.
func follow(ctx context.Context, o options, stdout, stderr io.Writer) error {
	var cfg *calls.Config
	if o.config != "" {
		read, err := readConfig(o)
		if err != nil {
			return err
		}
		cfg = &read
	}
	l := live{options: o, cfg: cfg, stdout: stdout, stderr: stderr}
	for {
		err := l.session(ctx)
		if refused := (*ami.ResponseError)(nil); errors.As(err, &refused) && l.tracker == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(reconnectWait):
			fmt.Fprintln(stderr, "calls: connecting again:", err)
		}
	}
}

// live is what outlives a connection.
type live struct {
	options

	cfg            *calls.Config
	tracker        *calls.Tracker
	stdout, stderr io.Writer
}

// session is one connection, until it is lost.
func (l *live) session(ctx context.Context) error {
	client := &ami.Client{Addr: l.ami, Username: l.user, Secret: os.Getenv("AMI_SECRET")}
	defer client.Close()
	if err := client.Connect(ctx); err != nil {
		return err
	}
	if l.tracker == nil {
		if err := l.start(ctx, client); err != nil {
			return err
		}
	}
	return l.print(calls.Follow(ctx, client, l.tracker))
}

// start makes the tracker, with a configuration or with what Asterisk itself tells; what was guessed is said.
func (l *live) start(ctx context.Context, client *ami.Client) error {
	if l.cfg != nil {
		l.tracker = calls.NewTracker(*l.cfg)
		return nil
	}
	found, guesses, err := calls.Discover(ctx, client)
	if err != nil {
		return err
	}
	for _, guess := range guesses {
		fmt.Fprintln(l.stderr, "calls: guessed that", guess)
	}
	l.tracker = calls.NewTracker(found)
	return nil
}

// line is what is printed for a change.
type line struct {
	Change string     `json:"change"`
	At     float64    `json:"at"`
	Call   calls.Call `json:"call"`
}

func (l *live) print(changes iter.Seq2[calls.Change, error]) error {
	out := json.NewEncoder(l.stdout)
	var last error
	for change, err := range changes {
		switch {
		case err != nil:
			last = err
		case l.finished && change.Kind != calls.Finished:
		default:
			if err := out.Encode(line{change.Kind.String(), float64(change.At.UnixMicro()) / 1e6, change.Call}); err != nil {
				return err
			}
		}
	}
	return last
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// follower makes calls of events and prints each call that has ended.
type follower struct {
	tracker *calls.Tracker
	metrics *calls.Metrics
	out     *json.Encoder
	log     *slog.Logger
}

func newFollower(cfg calls.Config, metrics *calls.Metrics, out io.Writer, log *slog.Logger) *follower {
	return &follower{tracker: calls.NewTracker(cfg), metrics: metrics, out: json.NewEncoder(out), log: log}
}

// follow takes what happens until the client is closed, which is no error, and then tells the calls that have just ended.
func (f *follower) follow(ctx context.Context, client *ami.Client) error {
	for change, err := range calls.Follow(ctx, client, f.tracker) {
		switch {
		case errors.Is(err, ami.ErrClosed):
			return f.tell(f.tracker.Flush()...)
		case errors.Is(err, ami.ErrConnectionLost):
			return err
		case err != nil:
			f.log.Warn("calls may be incomplete", "error", err)
			continue
		}
		if err := f.tell(change); err != nil {
			return err
		}
	}
	return nil
}

func (f *follower) tell(changes ...calls.Change) error {
	for _, change := range changes {
		f.metrics.Observe(change)
		f.log.Debug("call", "id", change.Call.ID, "change", change.Kind.String())
		if change.Kind != calls.Ended {
			continue
		}
		if err := f.out.Encode(change.Call); err != nil {
			return err
		}
	}
	return nil
}

// The end of the demo waits until Asterisk has no channel any more, for at most lastCalls, and then lastEvents for the
// events about that, which other threads of Asterisk tell.
const (
	lastCalls  = 3 * time.Second
	lastEvents = 500 * time.Millisecond
	lookAgain  = 50 * time.Millisecond
)

// waitIdle returns when the calls have ended and that has been told.
func waitIdle(client *ami.Client) {
	ctx, cancel := context.WithTimeout(context.Background(), lastCalls)
	defer cancel()
	for wait(ctx, nil, lookAgain) {
		list, err := client.List(ctx, ami.Action{Name: "CoreShowChannels"})
		if err != nil || len(list.Items) == 0 {
			break
		}
	}
	wait(context.Background(), nil, lastEvents)
}

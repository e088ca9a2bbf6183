package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"log/slog"
	"sync"
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

	mu   sync.Mutex
	live int
	idle chan struct{} // closed while no call is live
}

func newFollower(cfg calls.Config, metrics *calls.Metrics, out io.Writer, log *slog.Logger) *follower {
	f := &follower{tracker: calls.NewTracker(cfg), metrics: metrics, out: json.NewEncoder(out), log: log, idle: make(chan struct{})}
	close(f.idle)
	return f
}

// follow takes events until there are no more, which is no error if the client was closed.
func (f *follower) follow(events iter.Seq2[ami.Message, error]) error {
	for event, err := range events {
		switch {
		case errors.Is(err, ami.ErrSlowConsumer):
			f.log.Warn("calls may be incomplete", "error", err)
			continue
		case errors.Is(err, ami.ErrClosed):
			return nil
		case err != nil:
			return err
		}
		for _, change := range f.tracker.Feed(event, time.Now()) {
			if err := f.tell(change); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *follower) tell(change calls.Change) error {
	f.metrics.Observe(change)
	switch change.Kind {
	case calls.Started:
		f.count(1)
	case calls.Ended:
		defer f.count(-1)
		return f.out.Encode(change.Call)
	default:
		f.log.Debug("call", "id", change.Call.ID, "change", change.Kind.String())
	}
	return nil
}

func (f *follower) count(more int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	was := f.live
	f.live += more
	switch {
	case was == 0 && f.live > 0:
		f.idle = make(chan struct{})
	case was > 0 && f.live == 0:
		close(f.idle)
	}
}

// waitIdle waits until no call is live, or ctx ends.
func (f *follower) waitIdle(ctx context.Context) {
	f.mu.Lock()
	idle := f.idle
	f.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
	}
}

package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
)

// lines is a writer of which several may make use, a line each.
type lines struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// teller is a log of decisions that is read like a story.
type teller struct{ out io.Writer }

var _ slog.Handler = (*teller)(nil)

// Enabled implements [slog.Handler].
func (*teller) Enabled(context.Context, slog.Level) bool { return true }

// Handle tells the reason of a decision.
func (t *teller) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "reason" {
			fmt.Fprintf(t.out, "   Decided: %s.\n", a.Value)
		}
		return true
	})
	return nil
}

// WithAttrs implements [slog.Handler].
func (t *teller) WithAttrs([]slog.Attr) slog.Handler { return t }

// WithGroup implements [slog.Handler].
func (t *teller) WithGroup(string) slog.Handler { return t }

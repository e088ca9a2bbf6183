package ari

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// fence is an event of our own that comes back behind everything that has happened before it.
type fence struct {
	name  string
	back  chan struct{}
	close sync.Once
}

// userEvent is the type of a fence.
const userEvent = "ChannelUserevent"

// catchUp returns when everything has come that happened before: what Asterisk has answered to a request may be ahead of
// its events. A Filter that leaves out user events makes that impossible, and so does a client of others that cannot send them
// (package cycore), or a user of ari.conf who may only read; then it does not wait.
func (a *App) catchUp(ctx context.Context) error {
	if f := a.Filter; f != nil && (slices.Contains(f.Disallowed, userEvent) || len(f.Allowed) > 0 && !slices.Contains(f.Allowed, userEvent)) {
		return nil
	}
	a.fencing.Lock() // one at a time, and not for longer than a request takes
	defer a.fencing.Unlock()
	ctx, cancel := a.Client.timeout(ctx)
	defer cancel()
	ctx, done := a.current().within(ctx)
	defer done()
	f := &fence{name: fencePrefix + newID(), back: make(chan struct{})}
	a.fence.Store(f)
	defer a.fence.CompareAndSwap(f, nil)
	err := a.Client.Events().UserEvent(ctx, f.name, UserEventParams{Application: a.Name})
	var cannot interface{ Unsupported() bool }
	var refused *Error
	if errors.As(err, &cannot) && cannot.Unsupported() || errors.As(err, &refused) && refused.Status == http.StatusForbidden {
		return nil
	}
	if err != nil {
		return err
	}
	select {
	case <-f.back:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// within ends a context when the connection is lost.
func (s *session) within(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	if s == nil {
		return ctx, func() { cancel(nil) }
	}
	go func() {
		select {
		case <-s.done:
			cancel(s.why())
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// fencePrefix begins the names of our fences.
const fencePrefix = "asterism-fence-"

// passed reports whether an event is the fence; nobody else is to see it.
func (f *fence) passed(e Event) bool {
	if e.Type != userEvent || !strings.Contains(e.text, fencePrefix) {
		return false
	}
	if f != nil && strings.Contains(e.text, f.name) {
		f.close.Do(func() { close(f.back) })
	}
	return true // also one that nobody waits for any more
}

package agents

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// watch waits for what events tell. It hears all that come after newWatch.
type watch struct {
	ctx     context.Context //nolint:containedctx // bounds one command, as the functions that have the watch do
	end     context.CancelCauseFunc
	events  iter.Seq2[ami.Message, error]
	timeout time.Duration
	waiting []expectation
}

// expectation is an event about a member that satisfies.
type expectation struct {
	queue, endpoint string
	satisfies       func(event ami.Message, is *Member) bool
}

func newWatch(ctx context.Context, client *ami.Client, timeout time.Duration) *watch {
	ctx, cancel := context.WithCancelCause(ctx)
	return &watch{ctx: ctx, end: cancel, events: client.Events(ctx), timeout: timeout}
}

func (w *watch) stop() { w.end(nil) }

func (w *watch) expect(queue, endpoint string, satisfies func(ami.Message, *Member) bool) {
	w.waiting = append(w.waiting, expectation{queue, endpoint, satisfies})
}

// wait returns when all that is expected has been told, in the order in which it was.
func (w *watch) wait() ([]Done, error) {
	var done []Done
	err := w.each(func(event ami.Message) bool {
		if !strings.HasPrefix(event.Event(), "QueueMember") {
			return true
		}
		is := memberFrom(event)
		for i, e := range w.waiting {
			// Asterisk does not mind the case
			if strings.EqualFold(is.Queue, e.queue) && strings.EqualFold(is.Interface, e.endpoint) && e.satisfies(event, &is) {
				done = append(done, Done{Member: is, Changed: true})
				w.waiting = append(w.waiting[:i], w.waiting[i+1:]...)
				break
			}
		}
		return len(w.waiting) > 0
	})
	return done, err
}

// each calls the function with the events until it returns false.
func (w *watch) each(see func(ami.Message) bool) error {
	timer := time.AfterFunc(w.timeout, func() { w.end(fmt.Errorf("%w within %v", ErrNotTold, w.timeout)) })
	defer timer.Stop()
	for event, err := range w.events {
		switch {
		case errors.Is(err, ami.ErrSlowConsumer):
			continue // what was lost is missed below if it mattered
		case err != nil:
			return err
		case event.Mark() == ami.Disconnected:
			return fmt.Errorf("%w: %w", ErrNotTold, ami.ErrConnectionLost)
		case event.Mark() == ami.Live && !see(event):
			return nil
		}
	}
	return ErrNotTold
}

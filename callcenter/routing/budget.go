package routing

import (
	"context"
	"errors"
	"sync"
	"time"
)

// errBudget is the cause of the end of a context whose budget is spent.
var errBudget = errors.New("routing: the budget of the directory is spent")

// budget is a context that ends at a time. It sets its timer only when somebody waits for that: most lookups are answered
// from memory and nobody does.
type budget struct {
	context.Context //nolint:containedctx // it is one
	end             time.Time

	mu     sync.Mutex
	timed  context.Context //nolint:containedctx // the same with a timer
	cancel context.CancelFunc
}

func (b *budget) start() context.Context {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timed == nil {
		b.timed, b.cancel = context.WithDeadlineCause(b.Context, b.end, errBudget)
	}
	return b.timed
}

// release frees what the timer holds.
func (b *budget) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timed != nil {
		b.cancel()
	}
}

func (b *budget) Deadline() (time.Time, bool) { return b.start().Deadline() }
func (b *budget) Done() <-chan struct{}       { return b.start().Done() }
func (b *budget) Err() error                  { return b.start().Err() }

// Value does not need the timer.
func (b *budget) Value(key any) any {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timed != nil {
		return b.timed.Value(key)
	}
	return b.Context.Value(key)
}

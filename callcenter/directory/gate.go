package directory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// RestAfter is after how many failures in a row a source is not asked for a while; see [Link].Rest.
const RestAfter = 3

// MaxOpen bounds the questions that a source may have open in one chain, those that nobody waits for any more among them.
const MaxOpen = 256

var (
	errBudget   = errors.New("the budget of the lookup is spent")
	errDeadline = errors.New("no answer before the deadline")
	errResting  = errors.New("not asked, because it has failed lately")
	errBusy     = errors.New("not asked, because too many questions to it are open")
)

// gate stands before a source: it waits for no answer beyond the deadline, and lets a source that fails rest.
type gate struct {
	mu       sync.Mutex
	open     int       // questions that the source has not answered
	failures int       // in a row
	closed   time.Time // until when nobody passes
}

type reply struct {
	people []Person
	err    error
}

// ask asks the source. It returns when the source has answered, or its deadline or ctx has ended; the source is then left
// alone with a context that is done.
func (g *gate) ask(ctx context.Context, link *Link, q question) ([]Person, error) {
	if err := g.enter(link); err != nil {
		return nil, err
	}
	deadline := cmp.Or(link.Deadline, DefaultDeadline)
	ctx, cancel := context.WithTimeoutCause(ctx, deadline, errDeadline)
	defer cancel()
	start := time.Now()
	answered := make(chan reply, 1)
	go func() {
		people, err := askSafely(ctx, link.Source, q)
		g.leave()
		answered <- reply{people, err}
	}()
	var r reply
	select {
	case r = <-answered:
		if r.err != nil && ctx.Err() != nil && !errors.Is(r.err, ErrTooMany) {
			r.err = context.Cause(ctx)
		}
	case <-ctx.Done():
		r.err = context.Cause(ctx)
	}
	switch {
	case r.err == nil, errors.Is(r.err, ErrTooMany):
		g.succeeded()
	case ctx.Err() == nil, errors.Is(r.err, errDeadline), time.Since(start) >= deadline/2:
		g.failed(link)
	default: // the caller has gone, or the sources before this one have spent the budget: not this one's fault
	}
	return r.people, r.err
}

// askSafely makes a panic of a source its failure.
func askSafely(ctx context.Context, s Source, q question) (people []Person, err error) {
	defer func() {
		if r := recover(); r != nil {
			people, err = nil, fmt.Errorf("panic: %v", r)
		}
	}()
	return q.ask(ctx, s)
}

func (g *gate) enter(link *Link) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := time.Now(); now.Before(g.closed) {
		return errResting
	} else if g.failures >= RestAfter && link.Rest >= 0 {
		g.closed = now.Add(cmp.Or(link.Rest, DefaultRest)) // this question is the probe, others rest on
	}
	if g.open >= MaxOpen {
		return errBusy
	}
	g.open++
	return nil
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open--
}

func (g *gate) succeeded() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failures, g.closed = 0, time.Time{}
}

func (g *gate) failed(link *Link) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failures++
	if g.failures >= RestAfter && link.Rest >= 0 {
		g.closed = time.Now().Add(cmp.Or(link.Rest, DefaultRest))
	}
}

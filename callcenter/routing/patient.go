package routing

import (
	"context"
	"fmt"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// maxOpen bounds the questions to a directory that nobody waits for any more.
const maxOpen = 256

// patient is a directory that is not waited for beyond the end of the context, whatever it does. A Chain and a Cache need
// none: they heed it.
type patient struct {
	directory.Directory
	open chan struct{}
}

func newPatient(d directory.Directory) directory.Directory {
	switch d.(type) {
	case nil, *directory.Chain, *directory.Cache:
		return d
	}
	return &patient{d, make(chan struct{}, maxOpen)}
}

// ByNumber implements [directory.Directory].
func (p *patient) ByNumber(ctx context.Context, number numbers.Number) (directory.Answer, error) {
	return p.ask(ctx, func() (directory.Answer, error) { return p.Directory.ByNumber(ctx, number) })
}

// ByUsername implements [directory.Directory].
func (p *patient) ByUsername(ctx context.Context, username string) (directory.Answer, error) {
	return p.ask(ctx, func() (directory.Answer, error) { return p.Directory.ByUsername(ctx, username) })
}

type reply struct {
	answer directory.Answer
	err    error
}

func (p *patient) ask(ctx context.Context, question func() (directory.Answer, error)) (directory.Answer, error) {
	select {
	case p.open <- struct{}{}:
	default:
		return directory.Answer{}, fmt.Errorf("%w: %d questions to it are open", directory.ErrUnavailable, maxOpen)
	}
	answered := make(chan reply, 1)
	go func() {
		r := reply{err: directory.ErrUnavailable}
		defer func() {
			if why := recover(); why != nil {
				r.err = fmt.Errorf("%w: panic: %v", directory.ErrUnavailable, why)
			}
			<-p.open
			answered <- r
		}()
		r.answer, r.err = question()
	}()
	select {
	case r := <-answered:
		return r.answer, r.err
	case <-ctx.Done():
		return directory.Answer{}, fmt.Errorf("%w: %w", directory.ErrUnavailable, context.Cause(ctx))
	}
}

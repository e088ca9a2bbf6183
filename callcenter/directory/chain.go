package directory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// The defaults of a Chain and its Links.
const (
	DefaultBudget   = 500 * time.Millisecond
	DefaultDeadline = 300 * time.Millisecond
	DefaultRest     = 5 * time.Second
)

// MaxUsername is the longest username in bytes that is looked up; a longer one is nobody's.
const MaxUsername = 256

// Chain asks sources in order until one knows for sure who it is. It may be used by several goroutines at once; its fields
// are not to be changed after the first lookup.
type Chain struct {
	// Links are the sources in the order in which they are asked.
	Links []Link
	// Plan reads the numbers of the people that sources return. Nil reads international numbers only.
	Plan *numbers.Plan
	// LastDigits is how many last digits of a number make a candidate; see [numbers.Compare]. Default: 8. Negative: none do.
	LastDigits int
	// Budget bounds a lookup altogether; what is left of it bounds each source. Default: DefaultBudget.
	Budget time.Duration
	// Metrics, if not nil, counts what sources do.
	Metrics *Metrics

	once  sync.Once
	gates []gate
}

// Link is a source in a chain.
type Link struct {
	Source Source
	// Deadline bounds one question. Default: DefaultDeadline.
	Deadline time.Duration
	// Trunk names the trunk of the Plan whose way of writing numbers is the source's. Default: none, the Plan's region.
	Trunk string
	// Rest is how long a source that has failed [RestAfter] times in a row is not asked; then one question goes to it, and
	// the others when that is answered. Default: DefaultRest. Negative: it is always asked.
	Rest time.Duration
}

// question is a lookup in the terms of a source.
type question struct {
	kind  string
	ask   func(ctx context.Context, s Source) ([]Person, error)
	judge func(link *Link) judge
}

// ByNumber looks for the person with the number.
func (c *Chain) ByNumber(ctx context.Context, number numbers.Number) (Answer, error) {
	if number.Key() == "" {
		return Answer{}, ErrNotFound
	}
	return c.lookup(ctx, question{
		kind: "number",
		ask: func(ctx context.Context, s Source) ([]Person, error) {
			return s.ByNumber(ctx, number)
		},
		judge: func(link *Link) judge { return c.byNumber(link.Trunk, number) },
	})
}

// ByUsername looks for the person with the username; case does not matter, nor does white space around it.
func (c *Chain) ByUsername(ctx context.Context, username string) (Answer, error) {
	username = strings.TrimSpace(username)
	if username == "" || len(username) > MaxUsername {
		return Answer{}, ErrNotFound
	}
	return c.lookup(ctx, question{
		kind: "username",
		ask: func(ctx context.Context, s Source) ([]Person, error) {
			return s.ByUsername(ctx, username)
		},
		judge: func(*Link) judge { return byUsername(username) },
	})
}

func (c *Chain) lookup(ctx context.Context, q question) (Answer, error) {
	c.once.Do(func() { c.gates = make([]gate, len(c.Links)) })
	ctx, cancel := context.WithTimeoutCause(ctx, cmp.Or(c.Budget, DefaultBudget), errBudget)
	defer cancel()
	start := time.Now()
	var answer Answer
	for i := range c.Links {
		step, candidates := c.step(ctx, i, q)
		answer.Steps = append(answer.Steps, step)
		c.Metrics.step(step)
		if step.Result == Found {
			answer.Person, answer.Match, answer.Candidates = candidates[0].Person, candidates[0].Match, nil
			break
		}
		answer.Candidates = append(answer.Candidates, candidates...)
	}
	answer.Took = time.Since(start)
	err := answer.conclude()
	c.Metrics.lookup(q.kind, err, answer.Took)
	return answer, err
}

// conclude says what the steps come to.
func (a *Answer) conclude() error {
	failed, ambiguous := false, false
	for _, step := range a.Steps {
		switch {
		case step.Result == Found:
			return nil
		case step.Result == Ambiguous:
			ambiguous = true
		case step.Err != nil:
			failed = true
		}
	}
	slices.SortStableFunc(a.Candidates, func(x, y Candidate) int { return int(y.Match - x.Match) })
	a.Candidates = a.Candidates[:min(len(a.Candidates), MaxCandidates)]
	switch {
	case failed:
		return unavailable(a.Steps)
	case ambiguous:
		return ErrAmbiguous
	}
	return ErrNotFound
}

// step asks one source.
func (c *Chain) step(ctx context.Context, i int, q question) (Step, []Candidate) {
	link := &c.Links[i]
	step := Step{Source: link.Source.Name()}
	if ctx.Err() != nil {
		step.Result, step.Err = Skipped, context.Cause(ctx)
		return step, nil
	}
	start := time.Now()
	people, err := c.gates[i].ask(ctx, link, q)
	step.Took = time.Since(start)
	step.People = len(people)
	step.Err = err
	tooMany := errors.Is(err, ErrTooMany)
	if err != nil && !tooMany {
		step.Result = failure(ctx, err)
		return step, nil
	}
	candidates := q.judge(link).candidates(people)
	for i := range candidates { // not in people: they may be the source's own
		candidates[i].Person.Source = cmp.Or(candidates[i].Person.Source, step.Source)
	}
	one, isSure := sure(candidates)
	switch {
	case isSure && !tooMany:
		step.Result = Found
		return step, []Candidate{one}
	case tooMany, len(candidates) > 0:
		step.Result = Ambiguous
	default:
		step.Result = NotFound
	}
	return step, candidates
}

// failure classifies the error of a source that was asked with ctx.
func failure(ctx context.Context, err error) Result {
	switch {
	case errors.Is(err, errResting), errors.Is(err, errBusy):
		return Skipped
	case errors.Is(err, errBudget), errors.Is(err, errDeadline), errors.Is(err, context.DeadlineExceeded):
		return TimedOut
	case ctx.Err() != nil:
		return Cancelled
	}
	return Failed
}

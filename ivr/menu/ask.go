package menu

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/asterism-go/asterism/internal/yamlfile"
	"github.com/asterism-go/asterism/ivr"
)

// step is what came of a node: the target that comes next, and a word for it.
type step struct {
	to      string // empty: the call is over, or elsewhere
	outcome string
}

// question is how a node asks for digits.
type question struct {
	patience *Patience
	prompt   Prompt
	digits   ivr.Digits // the prompt and the waits apart
	accept   func(digits string) (step, bool)
	choice   bool // a choice, not a number: all of the keys for everywhere work
	deaf     bool
	fresh    bool
	secret   bool
}

// ask asks until there is an answer that is accepted, or until the patience is at its end.
func (r *Session) ask(ctx context.Context, q *question) (step, error) {
	noInput, noMatch := 0, 0
	var lead Prompt
	for {
		digits, err := r.answer(ctx, q, lead)
		if err != nil {
			return step{}, err
		}
		if st, ok := r.everywhere(q, digits.Digits); ok {
			return st, nil
		}
		if digits.End == ivr.EndNothing {
			if noInput++; noInput >= q.patience.MaxNoInput {
				return step{q.patience.OnNoInput, "no input"}, nil
			}
			lead = nth(q.patience.NoInput, noInput)
			continue
		}
		if st, ok := q.accept(digits.Digits); ok {
			return st, nil
		}
		if noMatch++; noMatch >= q.patience.MaxNoMatch {
			return step{q.patience.OnNoMatch, "no match"}, nil
		}
		lead = nth(q.patience.NoMatch, noMatch)
	}
}

// nth is the prompt for the nth time.
func nth(list Prompts, n int) Prompt {
	if len(list) == 0 {
		return nil
	}
	return list[min(n, len(list))-1]
}

// answer plays the prompt and collects digits.
func (r *Session) answer(ctx context.Context, q *question, lead Prompt) (ivr.Input, error) {
	if q.fresh {
		r.call.Keys().Forget()
	}
	if err := r.play(ctx, slices.Concat(lead, q.prompt), q.deaf); err != nil {
		return ivr.Input{}, err
	}
	want := q.digits
	want.First, want.Inter = time.Duration(q.patience.FirstDigit), time.Duration(q.patience.InterDigit)
	want.Enough = func(digits string) bool {
		_, everywhere := r.everywhere(q, digits)
		return everywhere || q.digits.Enough != nil && q.digits.Enough(digits)
	}
	in, err := r.call.Collect(ctx, want)
	if err == nil && in.End == ivr.EndMax {
		err = r.terminator(ctx, want.End, q.patience.Terminator)
	}
	text := in.Digits
	if q.secret && text != "" {
		text = masked
	}
	r.visit.Inputs = append(r.visit.Inputs, text)
	return in, err
}

// terminator waits for a key that ends digits that are complete, and takes it.
func (r *Session) terminator(ctx context.Context, end string, wait yamlfile.Duration) error {
	if wait <= 0 || end == "" {
		return nil
	}
	timer := time.NewTimer(time.Duration(wait))
	defer timer.Stop()
	keys := r.call.Keys()
	for {
		changed := keys.Changed()
		if pending := keys.Pending(); pending != "" {
			if strings.IndexByte(end, pending[0]) >= 0 {
				keys.Take()
			}
			return nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// everywhere tells whether digits are one of the keys that work everywhere, and what it does.
func (r *Session) everywhere(q *question, digits string) (step, bool) {
	key := Text(digits)
	if len(key) != 1 || !q.choice && numeric(key) || q.digits.End == digits {
		return step{}, false
	}
	if q.choice {
		if m, ok := r.set.nodes[r.node].(*Menu); ok && m.begins(digits) {
			return step{}, false
		}
	}
	switch keys := r.set.keys; key {
	case keys.Operator:
		return step{"operator", "operator"}, true
	case keys.Back:
		return step{"back", "back"}, true
	case keys.Again:
		return step{"again", "again"}, true
	}
	return step{}, false
}

// begins tells whether an option begins with digits.
func (m *Menu) begins(digits string) bool {
	for key := range m.Options {
		if strings.HasPrefix(key, digits) {
			return true
		}
	}
	return false
}

package webhook

import (
	"context"
	"time"

	"github.com/asterism-go/asterism/agi"
)

// action carries a step out.
type action struct {
	name string
	run  func(context.Context, *agi.Session) (Result, error)
}

// plain is an action without a result of its own.
func plain(name string, run func(context.Context, *agi.Session) error) action {
	return action{name, func(ctx context.Context, s *agi.Session) (Result, error) { return Result{}, run(ctx, s) }}
}

// actions are what the step says: exactly one, if it is well-formed.
func (st Step) actions() []action {
	var all []action
	if st.Answer != nil {
		all = append(all, plain("answer", func(ctx context.Context, s *agi.Session) error { return s.Answer(ctx) }))
	}
	if st.Hangup != nil {
		all = append(all, plain("hangup", func(ctx context.Context, s *agi.Session) error { return s.HangupCall(ctx) }))
	}
	if st.Play != nil {
		all = append(all, action{"play", st.Play.run})
	}
	if st.Digits != nil {
		all = append(all, action{"digits", st.Digits.run})
	}
	if st.Say != nil {
		all = append(all, action{"say", st.Say.run})
	}
	if st.Set != nil {
		all = append(all, plain("set", func(ctx context.Context, s *agi.Session) error {
			return s.SetVariable(ctx, st.Set.Name, st.Set.Value)
		}))
	}
	if st.Get != nil {
		all = append(all, action{"get", st.Get.run})
	}
	if st.Goto != nil {
		all = append(all, plain("goto", st.Goto.run))
	}
	return all
}

func (p *Play) run(ctx context.Context, s *agi.Session) (Result, error) {
	played, err := s.StreamFile(ctx, p.File, p.Escape)
	return Result{Digits: played.Digit}, err
}

// defaultPause is the pause that ends digits when the server does not say.
const defaultPause = 5 * time.Second

func (d *Digits) run(ctx context.Context, s *agi.Session) (Result, error) {
	pause := time.Duration(d.Seconds * float64(time.Second))
	if pause <= 0 {
		pause = defaultPause
	}
	pressed, err := s.GetData(ctx, d.File, pause, d.Max)
	return Result{Digits: pressed.Digits, Timeout: pressed.Timeout}, err
}

func (y *Say) run(ctx context.Context, s *agi.Session) (Result, error) {
	digit, err := s.SayDigits(ctx, y.Digits, y.Escape)
	return Result{Digits: digit}, err
}

func (g *Get) run(ctx context.Context, s *agi.Session) (Result, error) {
	value, err := s.GetVariable(ctx, g.Name)
	return Result{Value: value}, err
}

func (g *Goto) run(ctx context.Context, s *agi.Session) error {
	for _, part := range []struct {
		value string
		set   func(context.Context, string) error
	}{{g.Context, s.SetContext}, {g.Extension, s.SetExtension}, {g.Priority, s.SetPriority}} {
		if part.value == "" {
			continue
		}
		if err := part.set(ctx, part.value); err != nil {
			return err
		}
	}
	return nil
}

package ivr_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/ivr/ivrtest"
)

// scripts is how many random callers a test has: ASTERISM_IVR_SCRIPTS, 24 unless it is set.
func scripts(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("ASTERISM_IVR_SCRIPTS"))
	if err != nil {
		return 24
	}
	return n
}

// wander is a program that does anything but listen, and a little of that, until the caller has pressed #. It keeps what it
// was given.
func wander(seed uint64, folder string, got *strings.Builder) ivr.Handler {
	at := func(name string) ivr.Piece { return ivr.Sound(filepath.Join(folder, name)) }
	return func(ctx context.Context, c *ivr.Call) error {
		if err := c.Answer(ctx); err != nil {
			return err
		}
		chance := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // it is a test
		acts := []func() error{
			func() error { return c.Say(ctx, at("blip")) },
			func() error { return c.Say(ctx, at("tick"), at("tick"), at("blip")) },
			func() error {
				return c.PlayPrompt(ctx, ivr.Prompt{Pieces: []ivr.Piece{at("tick"), at("blip")}, Deaf: true})
			},
			func() error { return c.SetVar(ctx, "X", "y") },
			func() error { _, err := c.Var(ctx, "X"); return err },
			func() error { return errors.Join(c.StartMusic(ctx, ""), c.StopMusic(ctx)) },
			func() error { return pause(ctx, time.Duration(chance.IntN(300))*time.Millisecond) },
			func() error { return pause(ctx, time.Duration(chance.IntN(30))*time.Millisecond) },
		}
		for {
			for range chance.IntN(5) {
				if err := acts[chance.IntN(len(acts))](); err != nil {
					return fmt.Errorf("with %q: %w", got, err)
				}
			}
			want := ivr.Digits{
				Max:   1 + chance.IntN(4),
				First: time.Duration(1+chance.IntN(400)) * time.Millisecond, Inter: time.Duration(1+chance.IntN(400)) * time.Millisecond,
			}
			if chance.IntN(2) == 0 {
				want.Prompt = ivr.Say(at("tick"), at("blip"))
			}
			input, err := c.Collect(ctx, want)
			got.WriteString(input.Digits)
			if err != nil || strings.HasSuffix(input.Digits, "#") {
				return err
			}
		}
	}
}

// presses are what a caller presses, at any moment: digits together and apart, and # at last.
func presses(seed uint64) (script ivrtest.Script, digits string) {
	chance := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // it is a test
	var all strings.Builder
	for range 3 + chance.IntN(4) {
		script = append(script, ivrtest.Wait(time.Duration(chance.IntN(600))*time.Millisecond))
		before := all.Len()
		for range 1 + chance.IntN(4) {
			all.WriteByte("0123456789*"[chance.IntN(11)])
		}
		script = append(script, ivrtest.Press(all.String()[before:]))
	}
	return append(script, ivrtest.Press("#"), ivrtest.Ended()), all.String() + "#"
}

// TestDigitsFake has 2,000 random callers in virtual time.
func TestDigitsFake(t *testing.T) {
	for seed := range uint64(2000) {
		synctest.Test(t, func(t *testing.T) {
			var got strings.Builder
			script, want := presses(seed)
			caller := &ivrtest.Channel{Durations: durations("/sounds")}
			if err := ivrtest.Run(t.Context(), caller, wander(seed, "/sounds", &got), script); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if got.String() != want {
				t.Fatalf("seed %d: got %q, pressed %q", seed, got.String(), want)
			}
		})
	}
}

// TestDigits has random callers at a real Asterisk, half of them over each transport, 20 at once: no digit is lost, and none
// comes twice.
func TestDigits(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	var callers sync.WaitGroup
	begin := make(chan struct{}, 20)
	for seed := range uint64(scripts(t)) {
		begin <- struct{}{}
		callers.Go(func() {
			defer func() { <-begin }()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			transport := transports[seed%2]
			if err := r.press(ctx, transport, seed); err != nil {
				t.Errorf("seed %d over %s: %v", seed, transport, err)
			}
		})
	}
	callers.Wait()
	r.nothingLeft(t)
}

// press is one random caller.
func (r *room) press(ctx context.Context, transport string, seed uint64) error {
	var got strings.Builder
	script, want := presses(seed)
	name := fmt.Sprintf("digits%d", seed)
	result := r.program(name, wander(seed, r.folder, &got))
	phone, err := r.call(ctx, transport+"-"+name)
	if err != nil {
		return err
	}
	err = script.Run(ctx, phone)
	phone.HangUp(ctx) //nolint:errcheck // it is over
	if end := <-result; end != nil {
		err = errors.Join(err, fmt.Errorf("the program: %w", end))
	}
	if got.String() != want {
		err = errors.Join(err, fmt.Errorf("got %q, pressed %q", got.String(), want))
	}
	return err
}

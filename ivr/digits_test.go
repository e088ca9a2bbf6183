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
	"syscall"
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
// comes twice, unless Asterisk itself says over ARI that it came twice.
func TestDigits(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.pressAll(t, scripts(t))
}

// TestDigitsLate has them at an Asterisk that stands still now and again, as on a machine that is overloaded. Over AGI each digit
// comes once all the same. Over ARI Asterisk tells of digits twice that have come too close together for it: the program gets
// exactly what it tells.
func TestDigitsLate(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	stop := r.standStill(t)
	defer stop()
	r.pressAll(t, scripts(t))
}

// standStill has Asterisk stand still for up to 250 ms at a time, until stop.
func (r *room) standStill(t *testing.T) (stop func()) {
	t.Helper()
	pid := r.pid(t)
	over := make(chan struct{})
	var stands sync.WaitGroup
	stands.Go(func() {
		chance := rand.New(rand.NewPCG(1, 3)) //nolint:gosec // it is a test
		for {
			select {
			case <-over:
				return
			case <-time.After(time.Duration(200+chance.IntN(600)) * time.Millisecond):
			}
			r.signal(t, pid, syscall.SIGSTOP)
			<-time.After(time.Duration(50+chance.IntN(200)) * time.Millisecond)
			r.signal(t, pid, syscall.SIGCONT)
		}
	})
	return func() {
		close(over)
		stands.Wait()
	}
}

func (r *room) signal(t *testing.T, pid int, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, s); err != nil {
		t.Errorf("signal %v: %v", s, err)
	}
}

// caller is a random caller, and what became of his digits.
type caller struct {
	seed      uint64
	transport string
	pressed   string // what the telephone sent
	told      string // what Asterisk says it told
	got       string // what the program got
}

// check says whether he got what he should.
func (c caller) check(t *testing.T) error {
	t.Helper()
	want := c.pressed
	if c.transport == "ari" && c.told != c.pressed {
		t.Logf("seed %d: Asterisk was late: of %q it told %q", c.seed, c.pressed, c.told)
		want = c.told
	}
	if c.got != want || !holds(c.told, c.pressed) {
		return fmt.Errorf("got %q, want %q; pressed %q, and Asterisk says it told %q", c.got, want, c.pressed, c.told)
	}
	return nil
}

// pressAll has n random callers, 20 at once.
func (r *room) pressAll(t *testing.T, n int) {
	t.Helper()
	var callers sync.WaitGroup
	begin := make(chan struct{}, 20)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	for seed := range uint64(n) {
		begin <- struct{}{}
		callers.Go(func() {
			defer func() { <-begin }()
			transport := transports[seed%2]
			c, err := r.press(ctx, transport, seed)
			if err == nil {
				err = c.check(t)
			}
			if err != nil {
				t.Errorf("seed %d over %s: %v", seed, transport, err)
			}
		})
	}
	callers.Wait()
	r.nothingLeft(t)
}

// press is one random caller. What is pressed ends with #, and so must what is told.
func (r *room) press(ctx context.Context, transport string, seed uint64) (caller, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	script, pressed := presses(seed)
	c := caller{seed: seed, transport: transport, pressed: pressed}
	var got strings.Builder
	name := fmt.Sprintf("digits%d", seed)
	result := r.program(name, wander(seed, r.folder, &got))
	phone, err := r.call(ctx, transport+"-"+name)
	if err != nil {
		return c, err
	}
	err = script.Run(ctx, phone)
	phone.HangUp(ctx) //nolint:errcheck // it is over
	if end := <-result; end != nil {
		return c, errors.Join(err, fmt.Errorf("the program: %w", end))
	}
	c.got = got.String()
	for err == nil && !strings.HasSuffix(c.told, "#") {
		c.told = r.told(name)
		err = pause(ctx, 20*time.Millisecond)
	}
	return c, err
}

// holds reports whether digits are in all, in their order, with nothing or others between them.
func holds(all, digits string) bool {
	for _, digit := range []byte(all) {
		if digits != "" && digits[0] == digit {
			digits = digits[1:]
		}
	}
	return digits == ""
}

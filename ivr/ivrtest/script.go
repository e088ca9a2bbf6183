package ivrtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ivr"
)

// Caller is who carries out a [Script]: a [Channel], or a telephone at a real Asterisk.
type Caller interface {
	// Hear waits until a sound begins that it has not heard yet.
	Hear(ctx context.Context, sound string) error
	// Press presses digits, one after the other.
	Press(ctx context.Context, digits string) error
	// HangUp hangs up.
	HangUp(ctx context.Context) error
	// Ended waits until the other side ends the call.
	Ended(ctx context.Context) error
}

// Script is what a caller does, step by step.
type Script []Step

// Step is one step of a [Script].
type Step struct {
	name string
	do   func(ctx context.Context, c Caller) error
}

func (s Step) String() string { return s.name }

// Hear waits until a sound begins.
func Hear(sound string) Step {
	return Step{"hear " + sound, func(ctx context.Context, c Caller) error { return c.Hear(ctx, sound) }}
}

// Press presses digits.
func Press(digits string) Step {
	return Step{"press " + digits, func(ctx context.Context, c Caller) error { return c.Press(ctx, digits) }}
}

// Wait does nothing for a while.
func Wait(d time.Duration) Step {
	return Step{"wait " + d.String(), func(ctx context.Context, _ Caller) error { return rest(ctx, d) }}
}

func rest(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// HangUp hangs up.
func HangUp() Step {
	return Step{"hang up", func(ctx context.Context, c Caller) error { return c.HangUp(ctx) }}
}

// Ended waits until the other side ends the call.
func Ended() Step {
	return Step{"ended", func(ctx context.Context, c Caller) error { return c.Ended(ctx) }}
}

// Run has a caller carry out the script. The error says at which step it failed.
func (s Script) Run(ctx context.Context, c Caller) error {
	for i, step := range s {
		if err := step.do(ctx, c); err != nil {
			return fmt.Errorf("ivrtest: step %d, %v: %w", i+1, step, err)
		}
	}
	return nil
}

// String lists the steps.
func (s Script) String() string {
	var names []string
	for _, step := range s {
		names = append(names, step.name)
	}
	return strings.Join(names, "; ")
}

var _ Caller = (*Channel)(nil)

// next waits until f finds what it looks for in the notes from index i on. What has ended the call without it is an error.
func (c *Channel) next(ctx context.Context, f func(notes []Note) bool) error {
	c.setup()
	for {
		c.mu.Lock()
		found, end := f(c.notes), c.end
		if c.changed == nil {
			c.changed = make(chan struct{})
		}
		changed := c.changed
		c.mu.Unlock()
		switch {
		case found:
			return nil
		case end != nil:
			return fmt.Errorf("the call is over: %w", end)
		}
		select {
		case <-changed:
		case <-c.ended:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Hear waits until a sound begins, behind those that were heard already.
func (c *Channel) Hear(ctx context.Context, sound string) error {
	return c.next(ctx, func(notes []Note) bool {
		for i := c.heard; i < len(notes); i++ {
			if notes[i].What == "play" && notes[i].Text == sound {
				c.heard = i + 1
				return true
			}
		}
		return false
	})
}

// Press presses digits, in the time that [Channel.Pace] says. The last of them may end the call.
func (c *Channel) Press(ctx context.Context, digits string) error {
	c.setup()
	for i := range len(digits) {
		if err := rest(ctx, c.Pace/2); err != nil {
			return err
		}
		if err := c.pressOne(digits[i]); err != nil {
			return err
		}
		if err := rest(ctx, c.Pace/2); err != nil {
			return err
		}
	}
	return nil
}

func (c *Channel) pressOne(digit byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end != nil {
		return c.end
	}
	c.note("press", string(digit))
	c.press(digit)
	return nil
}

// press brings a digit to who waits for it. The lock must be held.
func (c *Channel) press(digit byte) {
	if c.stops == nil {
		c.keys.Press(digit)
		return
	}
	if strings.IndexByte(c.recording, digit) < 0 {
		return
	}
	c.stops <- digit
	c.stops = nil
}

// HangUp is the caller's hangup.
func (c *Channel) HangUp(context.Context) error {
	c.setup()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.finish(ivr.ErrHangup) {
		c.note("caller-hangup", "")
	}
	return nil
}

// Ended waits until the program ends the call, or sends it on.
func (c *Channel) Ended(ctx context.Context) error {
	c.setup()
	select {
	case <-c.ended:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	for _, note := range c.Notes() {
		if note.What == "caller-hangup" {
			return errors.New("the caller has hung up himself")
		}
	}
	return nil
}

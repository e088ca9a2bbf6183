package ivrtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/asterism-go/asterism/ivr"
)

// DefaultDuration is how long a sound takes that [Channel.Durations] does not name.
const DefaultDuration = time.Second

// Channel is a caller without a telephone: an [ivr.Channel] that plays nothing, but takes the time of it, and notes what it
// was told. The fields say what its Asterisk would be like; they must not change once it is in use. The caller's side is
// Press, HangUp and the steps of a [Script].
//
// In a bubble of testing/synctest the time is virtual, and a call of many minutes takes no time.
type Channel struct {
	// About is what Info returns.
	About ivr.Info
	// Durations say how long sounds take, by their names. Default: [DefaultDuration].
	Durations map[string]time.Duration
	// Missing are the names of sounds that there are not.
	Missing []string
	// Silent says that the caller says nothing, so that the Silence of a recording ends it.
	Silent bool
	// Pace is how long it takes the caller to press a digit, which counts in the middle of that. Zero: he presses all at once.
	Pace time.Duration
	// Refused says that transfers are refused.
	Refused bool

	keys ivr.Keys
	once sync.Once

	mu        sync.Mutex
	end       error // why the program has no call any more
	cancel    context.CancelCauseFunc
	ended     chan struct{}
	answered  bool
	music     bool
	recording string // the digits that end the recording that is being made
	stops     chan byte
	variables map[string]string
	notes     []Note
	heard     int
	changed   chan struct{}
}

var _ ivr.Channel = (*Channel)(nil)

// Note is something that a [Channel] was told, or that its caller did.
type Note struct {
	// At is when.
	At time.Time
	// What is answer, play, press, record, music, silence, set, continue, transfer or hangup, or, of the caller, caller-hangup.
	What string
	// Text is which: the sound, the digit, the variable and its value, the place.
	Text string
}

func (n Note) String() string { return n.What + " " + n.Text }

func (c *Channel) setup() {
	c.once.Do(func() {
		c.ended, c.variables = make(chan struct{}), map[string]string{}
	})
}

// note adds a Note. The lock must be held.
func (c *Channel) note(what, text string) {
	c.notes = append(c.notes, Note{time.Now(), what, text})
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

// Notes returns what has happened so far.
func (c *Channel) Notes() []Note {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.notes)
}

// Variables returns the variables that were set.
func (c *Channel) Variables() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.variables)
}

// Done returns a channel that is closed when the call is not the program's any more, Err says why then.
func (c *Channel) Done() <-chan struct{} {
	c.setup()
	return c.ended
}

// Err returns nil during the call, then [ivr.ErrHangup] or [ivr.ErrContinued].
func (c *Channel) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.end
}

// finish ends the call for the program. It reports whether it did not end before. The lock must be held.
func (c *Channel) finish(why error) bool {
	if c.end != nil {
		return false
	}
	c.end = why
	if c.cancel != nil {
		c.cancel(why)
	}
	close(c.ended)
	return true
}

// do carries out what takes no time.
func (c *Channel) do(ctx context.Context, f func() error) error {
	c.setup()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end != nil {
		return c.end
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return f()
}

// Info returns About.
func (c *Channel) Info() ivr.Info { return c.About }

// Keys are the digits that were pressed.
func (c *Channel) Keys() *ivr.Keys { return &c.keys }

// Answer notes it.
func (c *Channel) Answer(ctx context.Context) error {
	return c.do(ctx, func() error {
		if !c.answered {
			c.note("answer", "")
		}
		c.answered = true
		return nil
	})
}

// Play takes the time of the sounds, or until a digit is pressed.
func (c *Channel) Play(ctx context.Context, p ivr.Playback) error {
	for _, sound := range p.Sounds {
		keys := c.keys.Changed()
		if p.Deaf {
			keys = nil
		} else if c.keys.Pending() != "" {
			return c.do(ctx, func() error { return nil })
		}
		if err := c.begin(ctx, sound, p.Language); err != nil {
			return err
		}
		if stopped, err := c.wait(ctx, c.duration(sound), keys); err != nil || stopped {
			return err
		}
	}
	return c.do(ctx, func() error { return nil })
}

// begin notes that a sound begins.
func (c *Channel) begin(ctx context.Context, sound, language string) error {
	return c.do(ctx, func() error {
		c.music = false
		if slices.Contains(c.Missing, sound) {
			return &ivr.SoundError{Sound: sound, Language: language}
		}
		c.note("play", sound)
		return nil
	})
}

func (c *Channel) duration(sound string) time.Duration {
	if d, ok := c.Durations[sound]; ok {
		return d
	}
	return DefaultDuration
}

// wait lets time go by, unless stop is closed before.
func (c *Channel) wait(ctx context.Context, d time.Duration, stop <-chan struct{}) (stopped bool, err error) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return false, nil
	case <-stop:
		return true, nil
	case <-c.ended:
		return false, c.Err()
	case <-ctx.Done():
		return false, c.ctxErr(ctx)
	}
}

// ctxErr is the error of the end of ctx: the end of the call, if that was why.
func (c *Channel) ctxErr(ctx context.Context) error {
	if err := c.Err(); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// Record takes the time until its limits, or until a digit.
func (c *Channel) Record(ctx context.Context, r ivr.Recording) (ivr.Recorded, error) {
	if err := r.Check(); err != nil {
		return ivr.Recorded{}, err
	}
	stops := make(chan byte, 1)
	err := c.do(ctx, func() error {
		c.music, c.recording, c.stops = false, r.End, stops
		c.note("record", r.Name)
		return nil
	})
	if err != nil {
		return ivr.Recorded{}, err
	}
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.stops = nil
	}()
	limit := r.Max
	if c.Silent && r.Silence > 0 {
		limit = min(limit, r.Silence)
	}
	return c.recordUntil(ctx, ivr.Recorded{Name: r.Name}, limit, stops)
}

func (c *Channel) recordUntil(ctx context.Context, made ivr.Recorded, limit time.Duration, stops <-chan byte) (ivr.Recorded, error) {
	begin := time.Now()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	var err error
	select {
	case <-timer.C:
	case made.Digit = <-stops:
		made.End = ivr.RecordDigit
	case <-c.ended:
		err = c.Err()
	case <-ctx.Done():
		err = c.ctxErr(ctx)
	}
	if errors.Is(err, ivr.ErrHangup) {
		made.End = ivr.RecordHangup
	}
	made.Duration = time.Since(begin)
	return made, err
}

// StartMusic notes it.
func (c *Channel) StartMusic(ctx context.Context, class string) error {
	return c.do(ctx, func() error {
		c.music = true
		c.note("music", class)
		return nil
	})
}

// StopMusic notes it, if there was music.
func (c *Channel) StopMusic(ctx context.Context) error {
	return c.do(ctx, func() error {
		if c.music {
			c.note("silence", "")
		}
		c.music = false
		return nil
	})
}

// SetVariable sets what Var returns, before the call begins.
func (c *Channel) SetVariable(name, value string) {
	c.setup()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.variables[name] = value
}

// Var returns what SetVar or SetVariable has set.
func (c *Channel) Var(ctx context.Context, name string) (value string, err error) {
	err = c.do(ctx, func() error { value = c.variables[name]; return nil })
	return value, err
}

// SetVar sets it, and notes it.
func (c *Channel) SetVar(ctx context.Context, name, value string) error {
	return c.do(ctx, func() error {
		c.variables[name] = value
		c.note("set", name+"="+value)
		return nil
	})
}

// Continue notes the place, as context,extension,priority.
func (c *Channel) Continue(ctx context.Context, to ivr.Place) error {
	return c.do(ctx, func() error {
		c.note("continue", fmt.Sprintf("%s,%s,%d", to.Context, to.Extension, to.Priority))
		c.finish(ivr.ErrContinued)
		return nil
	})
}

// Transfer notes it.
func (c *Channel) Transfer(ctx context.Context, to string) error {
	return c.do(ctx, func() error {
		c.note("transfer", to)
		if c.Refused {
			return &ivr.TransferError{To: to, Problem: "refused"}
		}
		c.finish(ivr.ErrContinued)
		return nil
	})
}

// Hangup notes it and ends the call.
func (c *Channel) Hangup(context.Context) error {
	c.setup()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.finish(ivr.ErrHangup) {
		c.note("hangup", "")
	}
	return nil
}

// Call runs a program with this caller, as agichannel and arichannel do: its context ends with the call, which is hung up
// when it has returned nil. It returns the error of the program, unless that is the end of the call.
func (c *Channel) Call(ctx context.Context, h ivr.Handler) error {
	c.setup()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c.mu.Lock()
	if c.cancel = cancel; c.end != nil {
		cancel(c.end)
	}
	c.mu.Unlock()
	err := ivr.Run(ctx, c, h)
	if err == nil {
		c.Hangup(ctx) //nolint:errcheck // it always succeeds
	}
	return err
}

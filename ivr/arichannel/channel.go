// Package arichannel is an [ivr.Channel] over ARI: [Handler] makes a handler of calls one of a Stasis application's channels.
//
//	err := ari.Serve(ctx, app, arichannel.Handler(menu)) // Stasis(helpdesk)
//
// # Digits that Asterisk tells twice
//
// Each event ChannelDtmfReceived is a digit here. Asterisk sends two for one digit when it comes so late to read a channel that two digits
// follow each other within 45 ms, or one follows within 145 ms another that it has had to make longer: it puts the second one back, and
// tells of it again when it takes it up (__ast_read and queue_dtmf_readq in main/channel.c). That takes a machine on which Asterisk's
// threads wait for more than the pause between two digits, 50 to 100 ms where a telephone dials and more where a person does. It does not happen
// while a sound is played, and never over AGI. The two events are as alike as those of a digit that was pressed twice, so nothing is left out
// here: a digit that was pressed is never lost. Asterisk's log has such a digit twice as well, where logger.conf writes dtmf: "DTMF end '5'
// received".
package arichannel

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ivr"
)

// Handler returns the handler of channels that gives each to h.
func Handler(h ivr.Handler) ari.Handler {
	return func(ctx context.Context, ch *ari.Channel) error {
		c := New(ctx, ch)
		defer c.Close()
		ctx, stop := c.ours(ctx)
		defer stop()
		return ivr.Run(ctx, c, h)
	}
}

// errHangup is the end of the call, as ivr and ari have it.
var errHangup = fmt.Errorf("%w: %w", ivr.ErrHangup, ari.ErrHangup)

// Channel is the caller of a channel of ARI.
type Channel struct {
	ch     *ari.Channel
	info   ivr.Info
	keys   ivr.Keys
	over   atomic.Pointer[error] // why the call is not ours any more
	cancel context.CancelCauseFunc
	// leaving says that the call is being sent on: that it leaves the application is no hangup then.
	leaving atomic.Bool
	stop    context.CancelFunc
	heard   chan struct{} // closed when nobody listens for digits any more

	language  string
	recording atomic.Pointer[ending] // the recording that is being made
}

// ending is what digits do to a recording.
type ending struct {
	digits string
	digit  chan byte
}

var _ ivr.Channel = (*Channel)(nil)

// forever is longer than any call.
const forever = 10 * 365 * 24 * time.Hour

// New returns the channel of a call, for those who have one already. Digits count from its beginning. It must be closed.
func New(ctx context.Context, ch *ari.Channel) *Channel {
	c := &Channel{ch: ch, cancel: func(error) {}, heard: make(chan struct{}), info: ivr.Info{ID: ch.ID(), Args: ch.Args()}}
	if start := ch.Start(); start != nil {
		snapshot := start.Channel
		c.info.Name, c.info.Language, c.info.Dialed = snapshot.Name, snapshot.Language, snapshot.Dialplan.Exten
		c.info.Caller, c.info.CallerName = snapshot.Caller.Number, snapshot.Caller.Name
		c.language = snapshot.Language
	}
	ctx, c.stop = context.WithCancel(ctx)
	go c.hear(ctx)
	return c
}

// Close ends the listening for digits. The call goes on.
func (c *Channel) Close() {
	c.stop()
	<-c.heard
}

// hear brings the digits to where they belong.
func (c *Channel) hear(ctx context.Context) {
	defer close(c.heard)
	for {
		digit, err := c.ch.Collect(ctx, ari.Digits{Max: 1, First: forever})
		if err != nil {
			return
		}
		if digit == "" {
			continue
		}
		r := c.recording.Load()
		switch {
		case r == nil:
			c.keys.Press(digit[0])
		case strings.Contains(r.digits, digit):
			select {
			case r.digit <- digit[0]:
			default:
			}
		}
	}
}

// ours returns a context whose cause is that of ctx, but ivr's own for the end of the call.
func (c *Channel) ours(ctx context.Context) (mine context.Context, stop func()) {
	mine, c.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	unhook := context.AfterFunc(ctx, func() {
		cause := context.Cause(ctx)
		if errors.Is(cause, ari.ErrHangup) {
			cause = c.end()
		}
		c.cancel(cause)
	})
	return mine, func() {
		unhook()
		c.cancel(nil)
	}
}

// err is the error of a request as ivr has it.
func (c *Channel) err(err error) error {
	if over := c.over.Load(); over != nil && err != nil {
		return *over
	}
	if err != nil && (ari.IsHangup(err) || errors.Is(c.ch.Err(), ari.ErrHangup)) {
		why := c.end()
		c.cancel(why)
		return why
	}
	return err
}

// end is why the channel has left the application.
func (c *Channel) end() error {
	if c.leaving.Load() {
		return ivr.ErrContinued
	}
	return errHangup
}

// ready says why nothing can be done any more.
func (c *Channel) ready(ctx context.Context) error {
	if over := c.over.Load(); over != nil {
		return *over
	}
	if err := c.ch.Err(); err != nil {
		return c.err(err)
	}
	return c.err(context.Cause(ctx))
}

// do carries something out on a call that is ours.
func (c *Channel) do(ctx context.Context, f func() error) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	return c.err(f())
}

// finish says that the call is not ours any more.
func (c *Channel) finish(why error) {
	if c.over.CompareAndSwap(nil, &why) {
		c.cancel(why)
	}
}

// Info implements [ivr.Channel].
func (c *Channel) Info() ivr.Info { return c.info }

// Keys implements [ivr.Channel].
func (c *Channel) Keys() *ivr.Keys { return &c.keys }

// Channel is that of ARI, for what it can do and an [ivr.Channel] has not. Its Collect would take the digits away.
func (c *Channel) Channel() *ari.Channel { return c.ch }

// Answer implements [ivr.Channel].
func (c *Channel) Answer(ctx context.Context) error {
	return c.do(ctx, func() error { return c.ch.Answer(ctx) })
}

// errKey ends a playback.
var errKey = errors.New("arichannel: a digit was pressed")

// Play implements [ivr.Channel].
func (c *Channel) Play(ctx context.Context, p ivr.Playback) error {
	return c.do(ctx, func() error {
		keys := c.keys.Changed()
		if !p.Deaf && c.keys.Pending() != "" || len(p.Sounds) == 0 {
			return nil
		}
		playing, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		if !p.Deaf {
			over := make(chan struct{})
			defer close(over)
			go func() {
				select {
				case <-keys:
					cancel(errKey)
				case <-over:
				}
			}()
		}
		language := p.Language
		if language == "" {
			language = c.language
		}
		err := c.ch.PlayWith(playing, ari.ChannelPlayParams{Media: media(p.Sounds), Lang: language})
		return c.played(err, context.Cause(playing), language)
	})
}

// played is the error of a playback that ended so.
func (c *Channel) played(err, cause error, language string) error {
	var failed *ari.PlaybackError
	switch {
	case cause == errKey && ctxEnded(err): //nolint:errorlint // it is this one, not a wrapped one
		return nil
	case errors.As(err, &failed) && !c.hangsUp():
		return &ivr.SoundError{Sound: strings.TrimPrefix(failed.Media, "sound:"), Language: language}
	}
	return err
}

// hangTime is how long the end of a call may take to be told, and leaveTime to come, after what was played for it has failed.
const hangTime = 200 * time.Millisecond

// hangsUp reports whether something has failed because the call is over; that comes after the failure.
func (c *Channel) hangsUp() bool {
	wait := hangTime
	if c.ch.HangupRequested() {
		wait = leaveTime
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-c.ch.Done():
		return true
	case <-timer.C:
		return c.ch.HangupRequested()
	}
}

// ctxEnded reports whether the key is what the error is of: a sound that is missing is an error all the same.
func ctxEnded(err error) bool {
	return err == nil || errors.Is(err, errKey) || errors.Is(err, context.Canceled)
}

// media are the addresses of sounds in ARI.
func media(sounds []string) []string {
	all := make([]string, len(sounds))
	for i, sound := range sounds {
		all[i] = "sound:" + sound
		if strings.HasPrefix(sound, ivr.RecordingPrefix) {
			all[i] = sound
		}
	}
	return all
}

// Record implements [ivr.Channel].
func (c *Channel) Record(ctx context.Context, r ivr.Recording) (ivr.Recorded, error) {
	if err := r.Check(); err != nil {
		return ivr.Recorded{}, err
	}
	made := ivr.Recorded{Name: r.Name}
	err := c.do(ctx, func() error {
		end := &ending{r.End, make(chan byte, 1)}
		c.recording.Store(end)
		defer c.recording.Store(nil)
		rec, err := c.ch.Record(ctx, ari.ChannelRecordParams{
			Name: r.Name, Format: r.Format, MaxDuration: r.Max, MaxSilence: r.Silence, Beep: r.Beep, IfExists: ari.IfExistsOverwrite,
		})
		if err != nil {
			return recordFailed(err, r.Name)
		}
		return c.recorded(ctx, rec, end, &made)
	})
	if errors.Is(err, ivr.ErrHangup) {
		made.End = ivr.RecordHangup
	}
	return made, err
}

// recorded waits for the end of a recording, and ends it when a digit does.
func (c *Channel) recorded(ctx context.Context, rec *ari.Recording, end *ending, made *ivr.Recorded) error {
	over, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		select {
		case made.Digit = <-end.digit:
			made.End = ivr.RecordDigit
			stopped <- rec.Stop(ctx)
		case <-over:
			stopped <- nil
		}
	}()
	live, err := rec.Wait(ctx)
	close(over)
	if stop := <-stopped; err == nil {
		err = stop
	}
	if live != nil {
		made.Duration = live.Duration
	}
	if made.End != ivr.RecordDigit && c.ch.HangupRequested() && c.hangsUp() {
		return errHangup
	}
	return recordFailed(err, made.Name)
}

func recordFailed(err error, name string) error {
	var failed *ari.RecordingError
	var refused *ari.Error
	if errors.As(err, &failed) {
		return &ivr.RecordError{Name: name, Problem: failed.Cause}
	}
	if errors.As(err, &refused) && !ari.IsNotFound(err) {
		return &ivr.RecordError{Name: name, Problem: refused.Error()}
	}
	return err
}

// StartMusic implements [ivr.Channel].
func (c *Channel) StartMusic(ctx context.Context, class string) error {
	return c.do(ctx, func() error { return c.ch.StartMusic(ctx, class) })
}

// StopMusic implements [ivr.Channel].
func (c *Channel) StopMusic(ctx context.Context) error {
	return c.do(ctx, func() error { return c.ch.StopMusic(ctx) })
}

// Var implements [ivr.Channel].
func (c *Channel) Var(ctx context.Context, name string) (value string, err error) {
	err = c.do(ctx, func() error {
		value, err = c.ch.Var(ctx, name)
		if ari.IsNotFound(err) && c.ch.Err() == nil {
			_, err = c.ch.Snapshot(ctx) // is it the variable that is not there, or the channel?
		}
		return err
	})
	return value, err
}

// SetVar implements [ivr.Channel].
func (c *Channel) SetVar(ctx context.Context, name, value string) error {
	return c.do(ctx, func() error {
		if err := c.ch.SetVar(ctx, name, value); err != nil {
			return err
		}
		if name == "CHANNEL(language)" {
			c.language = value
		}
		return c.settle(ctx, name, value)
	})
}

// settleTime and settlePoll are how long, and how often, it is looked whether a variable has its value.
const (
	settleTime = time.Second
	settlePoll = 5 * time.Millisecond
)

// settle waits until Asterisk has set a variable, which the series 16 does after it has answered. What a function returns may be
// something else than what was written, and so may the value of a variable that is written otherwise than it is read.
func (c *Channel) settle(ctx context.Context, name, value string) error {
	if strings.HasSuffix(name, ")") {
		return nil
	}
	for end := time.Now().Add(settleTime); ; {
		got, err := c.ch.Var(ctx, strings.TrimLeft(name, "_"))
		switch {
		case err != nil && (!ari.IsNotFound(err) || c.ch.Err() != nil):
			return err
		case got == value || time.Now().After(end):
			return nil
		}
		select {
		case <-time.After(settlePoll):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Hangup implements [ivr.Channel].
func (c *Channel) Hangup(ctx context.Context) error {
	err := c.ready(context.WithoutCancel(ctx))
	if err == nil {
		err = c.err(c.ch.Hangup(ctx))
	}
	if err != nil && !ivr.IsOver(err) {
		return err
	}
	c.finish(errHangup)
	return nil
}

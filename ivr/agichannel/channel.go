// Package agichannel is an [ivr.Channel] over AGI: [Handler] makes a handler of calls one of AGI sessions.
//
//	mux := agi.NewMux()
//	mux.Handle("helpdesk", agichannel.Handler(menu)) // AGI(agi://127.0.0.1/helpdesk)
//
// # What AGI costs
//
// Asterisk throws away the digits that are pressed while no AGI command runs, so one always does; see [agi.Session.HearDigits].
// Each command ends that one, which Asterisk notes with a warning in its log ("Waitfordigit returning numeric 1"), and is sent
// with blanks up to 4 KiB, which AMI's events AGIExecStart and AGIExecEnd have in them too.
//
// A digit ends it as well, and Asterisk takes the next digit only when the next command is there. Two digits are at least 125 ms
// apart, so that this program must answer within that time: near Asterisk, and on a machine that is not overloaded. Nothing closes that
// gap: a second WAIT FOR DIGIT ends the first, and GET DATA tells of digits only when all are there. asterisk_agi_late_total, of
// agi.NewCollector, counts how often this program came so late; if it grows, give it more CPU, or use ARI, which has no such limit.
// That Asterisk itself is late costs nothing: its digits wait for it, and AGI gets each of them once.
//
// # What AGI cannot do
//
// A digit that is pressed in the very moment in which a sound begins is kept, but does not stop that sound.
// A sound that plays when a context ends, other than by the hangup, plays to its end, and the next method waits for that. A
// recording in a folder needs the folder to be there. AsyncAGI cannot hear digits between commands, and is refused.
package agichannel

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/ivr"
)

// Handler returns the handler of AGI sessions that gives each to h.
func Handler(h ivr.Handler) agi.Handler {
	return agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		c, err := New(ctx, s)
		if err != nil {
			return err
		}
		ctx, stop := c.ours(ctx)
		defer stop()
		err = ivr.Run(ctx, c, h)
		if err == nil && c.over.Load() == nil {
			err = c.Hangup(context.WithoutCancel(ctx))
		}
		return err
	})
}

// errHangup is the end of the call, as ivr and agi have it.
var errHangup = fmt.Errorf("%w: %w", ivr.ErrHangup, agi.ErrHangup)

// Channel is the caller of an AGI session.
type Channel struct {
	s      *agi.Session
	info   ivr.Info
	keys   ivr.Keys
	over   atomic.Pointer[error] // why the call is not ours any more
	cancel context.CancelCauseFunc

	language string // that of the channel, and what it is set to now
	now      string
	spool    string // the folder of the recordings, once it is known
}

var _ ivr.Channel = (*Channel)(nil)

// New returns the channel of a session, for those who have a session already. Digits count from now on.
func New(ctx context.Context, s *agi.Session) (*Channel, error) {
	env := s.Env()
	c := &Channel{s: s, language: env.Language, now: env.Language, cancel: func(error) {}, info: ivr.Info{
		ID: env.Uniqueid, Name: env.Channel, Caller: env.CallerID, CallerName: env.CallerIDName, Dialed: env.Extension,
		Language: env.Language, Args: env.Args,
	}}
	if err := s.HearDigits(ctx, c.press); err != nil {
		return nil, c.err(err)
	}
	return c, nil
}

func (c *Channel) press(digit string) {
	if digit != "" {
		c.keys.Press(digit[0])
	}
}

// ours returns a context whose cause is that of ctx, but ivr's own for the end of the call.
func (c *Channel) ours(ctx context.Context) (mine context.Context, stop func()) {
	mine, c.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	unhook := context.AfterFunc(ctx, func() {
		cause := context.Cause(ctx)
		if errors.Is(cause, agi.ErrHangup) {
			cause = errHangup
		}
		c.cancel(cause)
	})
	return mine, func() {
		unhook()
		c.cancel(nil)
	}
}

// err is the error of a command as ivr has it.
func (c *Channel) err(err error) error {
	if errors.Is(err, agi.ErrHangup) || errors.Is(err, agi.ErrDead) {
		return c.hungup()
	}
	return err
}

// hungup ends the context of the call, if nobody has yet, and returns why.
func (c *Channel) hungup() error {
	c.cancel(errHangup)
	return errHangup
}

// ready says why nothing can be done any more.
func (c *Channel) ready(ctx context.Context) error {
	if over := c.over.Load(); over != nil {
		return *over
	}
	if c.s.Hungup() {
		return c.hungup()
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

// Session is that of the channel, for what AGI can do and a channel has not: digits that end a command are not in Keys then.
func (c *Channel) Session() *agi.Session { return c.s }

// Answer implements [ivr.Channel].
func (c *Channel) Answer(ctx context.Context) error {
	return c.do(ctx, func() error { return c.s.Answer(ctx) })
}

// Play implements [ivr.Channel].
func (c *Channel) Play(ctx context.Context, p ivr.Playback) error {
	return c.do(ctx, func() error {
		language := p.Language
		if language == "" {
			language = c.language
		}
		for _, sound := range p.Sounds {
			if !p.Deaf && c.keys.Pending() != "" {
				return nil
			}
			if err := c.playOne(ctx, sound, language, p.Deaf); err != nil {
				return c.failed(err, sound, language)
			}
		}
		return nil
	})
}

// failed is the error of a sound. What was cut off by the hangup has failed too.
func (c *Channel) failed(err error, sound, language string) error {
	var failed *agi.ResultError
	if errors.As(err, &failed) && failed.Command == "CONTROL STREAM FILE" {
		return &ivr.SoundError{Sound: sound, Language: language}
	}
	return err
}

// never is a digit that nobody can press: CONTROL STREAM FILE has digits to wind it, unless they are given.
const never = "x"

// playOne plays one sound, until a digit or its end. One that digits are not to stop goes on where they have stopped it.
func (c *Channel) playOne(ctx context.Context, sound, language string, deaf bool) error {
	file, err := c.file(ctx, sound)
	if err == nil {
		err = c.speak(ctx, language)
	}
	for offset := time.Duration(0); err == nil; {
		var played agi.ControlledPlayback
		played, err = c.s.ControlStreamFile(ctx, agi.ControlledFile{
			File: file, Escape: ivr.AllDigits, Forward: never, Rewind: never, Offset: offset,
		})
		c.press(played.Digit)
		if !deaf || played.Digit == "" || err != nil {
			return err
		}
		offset = max(offset, played.Position)
	}
	return err
}

// speak sets the language of the channel, if it is not set.
func (c *Channel) speak(ctx context.Context, language string) error {
	if language == c.now {
		return nil
	}
	err := c.s.SetFunction(ctx, "CHANNEL(language)", language)
	if err == nil {
		c.now = language
	}
	return err
}

// file is the name of the file of a sound, without its format.
func (c *Channel) file(ctx context.Context, sound string) (string, error) {
	name, recorded := strings.CutPrefix(sound, ivr.RecordingPrefix)
	if !recorded {
		return sound, nil
	}
	if c.spool == "" {
		spool, err := c.s.GetVariable(ctx, "ASTSPOOLDIR")
		if err != nil {
			return "", err
		}
		c.spool = spool + "/recording/"
	}
	return c.spool + name, nil
}

// Record implements [ivr.Channel].
func (c *Channel) Record(ctx context.Context, r ivr.Recording) (ivr.Recorded, error) {
	if err := r.Check(); err != nil {
		return ivr.Recorded{}, err
	}
	made := ivr.Recorded{Name: r.Name}
	err := c.do(ctx, func() error {
		file, err := c.file(ctx, ivr.RecordingPrefix+r.Name)
		if err != nil {
			return err
		}
		format := r.Format
		if format == "" {
			format = "wav"
		}
		got, err := c.s.RecordFile(ctx, agi.Recording{
			File: file, Format: format, Escape: r.End, Longest: r.Max, Silence: r.Silence, Beep: r.Beep,
		})
		made.Duration = time.Duration(max(got.Endpos, 0)) * time.Second / sampleRate
		if got.Digit != "" {
			made.End, made.Digit = ivr.RecordDigit, got.Digit[0]
		}
		return recordFailed(err, r.Name)
	})
	if errors.Is(err, ivr.ErrHangup) {
		made.End = ivr.RecordHangup
	}
	return made, err
}

// sampleRate is that of a telephone, in which AGI counts.
const sampleRate = 8000

func recordFailed(err error, name string) error {
	var failed *agi.ResultError
	if errors.As(err, &failed) {
		return &ivr.RecordError{Name: name, Problem: failed.Error()}
	}
	return err
}

// StartMusic implements [ivr.Channel].
func (c *Channel) StartMusic(ctx context.Context, class string) error {
	return c.do(ctx, func() error { return c.s.SetMusic(ctx, true, class) })
}

// StopMusic implements [ivr.Channel].
func (c *Channel) StopMusic(ctx context.Context) error {
	return c.do(ctx, func() error { return c.s.SetMusic(ctx, false, "") })
}

// Var implements [ivr.Channel].
func (c *Channel) Var(ctx context.Context, name string) (value string, err error) {
	err = c.do(ctx, func() error {
		if strings.HasSuffix(name, ")") {
			value, err = c.s.Evaluate(ctx, "${"+name+"}")
		} else {
			value, err = c.s.GetVariable(ctx, name)
		}
		return err
	})
	return value, err
}

// SetVar implements [ivr.Channel].
func (c *Channel) SetVar(ctx context.Context, name, value string) error {
	return c.do(ctx, func() error {
		if !strings.HasSuffix(name, ")") {
			return c.s.SetVariable(ctx, name, value)
		}
		err := c.s.SetFunction(ctx, name, value)
		if err == nil && name == "CHANNEL(language)" {
			c.language, c.now = value, value
		}
		return err
	})
}

// Continue implements [ivr.Channel].
func (c *Channel) Continue(ctx context.Context, to ivr.Place) error {
	return c.do(ctx, func() error {
		err := c.speak(ctx, c.language)
		if to == (ivr.Place{}) && err == nil {
			c.finish(ivr.ErrContinued)
			return nil
		}
		if to.Context != "" && err == nil {
			err = c.s.SetContext(ctx, to.Context)
		}
		if to.Extension != "" && err == nil {
			err = c.s.SetExtension(ctx, to.Extension)
		}
		if err == nil {
			err = c.s.SetPriority(ctx, strconv.Itoa(max(to.Priority, 1)))
		}
		if err == nil {
			c.finish(ivr.ErrContinued)
		}
		return err
	})
}

// Transfer implements [ivr.Channel]. A caller who is gone when Asterisk has asked his telephone was transferred.
func (c *Channel) Transfer(ctx context.Context, to string) error {
	return c.do(ctx, func() error {
		_, err := c.s.Exec(ctx, "Transfer", to)
		status := ""
		if err == nil {
			status, err = c.s.GetVariable(ctx, "TRANSFERSTATUS")
		}
		switch {
		case err != nil && !c.s.Hungup():
			return err
		case err == nil && status != "SUCCESS":
			return &ivr.TransferError{To: to, Problem: strings.ToLower(status)}
		}
		c.finish(ivr.ErrContinued)
		return nil
	})
}

// Hangup implements [ivr.Channel].
func (c *Channel) Hangup(ctx context.Context) error {
	err := c.ready(context.WithoutCancel(ctx))
	if err == nil {
		err = c.err(c.s.HangupCall(ctx))
	}
	if err != nil && !ivr.IsOver(err) {
		return err
	}
	c.finish(errHangup)
	return nil
}

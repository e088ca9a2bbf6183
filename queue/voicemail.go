package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/queue/acd"
)

// Voicemail records a message of callers who do not wait any more. It is one of Asterisk's recordings (see [ari.Recordings]), in a
// folder of its spool directory that has to be there: recording. If the program ends meanwhile, the next one asks for it again.
type Voicemail struct {
	// Key leaves the queue for it. Empty: none does.
	Key string
	// On are the ways to leave the queue, or not to be let in, after which it is offered, such as [acd.TimedOut] and [acd.JoinEmpty].
	On []acd.Outcome
	// Max is how long a message may be, in whole seconds. Default: 2 minutes.
	Max time.Duration
	// Silence ends it, in whole seconds. Default: 4 s. Negative: silence does not.
	Silence time.Duration
	// Min is how long a message must be to be kept, in whole seconds. Default: 1 s.
	Min time.Duration
	// End are the keys that end it. Default: #.
	End string
	// Format is that of the file. Default: wav.
	Format string
	// Folder is where in the recordings messages are. Default: voicemail. Its parts are letters, digits, - and _.
	Folder string
	// Taken, if not nil, is told of each message. Its context ends some seconds after the call.
	Taken func(ctx context.Context, m Message) error `json:"-"`
}

// Message is one that a caller has left.
type Message struct {
	// Recording is the name of Asterisk's recording, without its format.
	Recording string `json:"recording"`
	// Queue and Caller are those that it is about; Outcome is how the waiting had ended.
	Queue   string      `json:"queue"`
	Caller  acd.Caller  `json:"caller"`
	Outcome acd.Outcome `json:"outcome"`
	// Language is that of the caller.
	Language string `json:"language,omitempty"`
	// At is when it was over, Duration how long it is, in whole seconds.
	At       time.Time     `json:"at"`
	Duration time.Duration `json:"duration"`
}

// The defaults of [Voicemail].
const (
	defaultMessage = 2 * time.Minute
	defaultSilence = 4 * time.Second
	defaultFolder  = "voicemail"
	recordingGrace = 30 * time.Second // for the beep, and for a slow Asterisk
)

// toVoicemail is where the key of [Voicemail] leads.
const toVoicemail = "*voicemail"

func (v *Voicemail) withDefaults() (*Voicemail, error) {
	d := *v
	if d.Max <= 0 {
		d.Max = defaultMessage
	}
	switch {
	case d.Silence == 0:
		d.Silence = defaultSilence
	case d.Silence < 0:
		d.Silence = 0
	}
	d.Min = max(d.Min, time.Second)
	for _, text := range []struct {
		value     *string
		otherwise string
	}{{&d.End, "#"}, {&d.Format, "wav"}, {&d.Folder, defaultFolder}} {
		if *text.value == "" {
			*text.value = text.otherwise
		}
	}
	for part := range strings.SplitSeq(d.Folder, "/") {
		if part == "" || safeName(part) != part {
			return nil, fmt.Errorf("Voicemail: Folder %q: want parts of letters, digits, - and _", d.Folder)
		}
	}
	return &d, nil
}

// safeName is a text as a part of the name of a recording: letters, digits, - and _, whatever was in it.
func safeName(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '-', r == '_':
			return r
		}
		return '-'
	}, text)
}

// name is the name of a recording. The id of the channel has it unique.
func (v *Voicemail) name(c acd.Caller, now time.Time) string {
	return fmt.Sprintf("%s/%s/%s-%s", v.Folder, safeName(c.Queue), now.UTC().Format("20060102-150405"), safeName(c.ID))
}

// takes reports whether a caller who has left so is to leave a message.
func (v *Voicemail) takes(how acd.Transition) bool {
	if v == nil {
		return false
	}
	return how.Outcome == acd.ExitKey && how.To == toVoicemail || slices.Contains(v.On, how.Outcome)
}

// message has a caller leave a message. What was said before a hangup is kept. The call is to be hung up.
func (s *Server) message(ctx context.Context, call *ari.Channel, language string, how acd.Transition) error {
	q := s.queues[how.Queue]
	v := q.Voicemail
	if err := s.unhold(ctx, how.Queue, call); err != nil && call.Err() != nil {
		return err
	}
	how.CallerInfo.Queue = how.Queue
	m := Message{
		Recording: v.name(how.CallerInfo, time.Now()), Queue: how.Queue, Caller: how.CallerInfo, Outcome: how.Outcome, Language: language,
	}
	left := newLeft(how, language)
	left.Recording = m.Recording
	if err := s.tagLeft(ctx, call, left); err != nil {
		return err
	}
	return s.converse(ctx, call, language, func(ctx context.Context, c *ivr.Call) error {
		if err := s.tolerate(ctx, call, q.prompt(ctx, c, or(q.Sounds.Message, defaultSounds.Message))); err != nil {
			return err
		}
		// a hangup ends the recording, of which is heard later than of the hangup
		recording, cancel := context.WithTimeout(context.WithoutCancel(ctx), v.Max+recordingGrace)
		defer cancel()
		made, err := c.Record(recording, ivr.Recording{
			Name: m.Recording, Format: v.Format, Max: v.Max, Silence: v.Silence, End: v.End, Beep: true,
		})
		hungUp := errors.Is(err, ivr.ErrHangup) || ari.IsHangup(err)
		if err != nil && !hungUp {
			return err
		}
		m.Duration, m.At = made.Duration, time.Now()
		if m.Duration < v.Min {
			return s.discard(m.Recording)
		}
		s.kept(v, m)
		if hungUp {
			return nil
		}
		return s.tolerate(ctx, call, q.prompt(ctx, c, or(q.Sounds.MessageKept, defaultSounds.MessageKept)))
	})
}

// discard deletes a message that is none.
func (s *Server) discard(recording string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.life), cleanupTimeout)
	defer cancel()
	err := s.App.Client.Recordings().DeleteStored(ctx, recording)
	if ari.IsNotFound(err) {
		return nil
	}
	return err
}

// kept tells of a message.
func (s *Server) kept(v *Voicemail, m Message) {
	s.tell(func(state *acd.State) {
		state.Note(acd.Transition{
			Kind: acd.MessageLeft, Queue: m.Queue, Caller: m.Caller.ID, CallerInfo: m.Caller, Outcome: m.Outcome, Recording: m.Recording,
			For: m.Duration,
		})
	})
	if v.Taken == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.life), cleanupTimeout)
	defer cancel()
	if err := v.Taken(ctx, m); err != nil {
		s.log().Error("queue: a message was not taken", "recording", m.Recording, "error", err)
	}
}

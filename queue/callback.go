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
	"github.com/asterism-go/asterism/ivr/arichannel"
	"github.com/asterism-go/asterism/queue/acd"
)

// Callback lets callers hang up, keep their place in the line, and be called back when their turn comes; with
// [acd.Queue.CustomerFirst] before an agent is rung, else when one has answered.
//
// What a caller types are digits, nothing else is taken; what is dialled begins with one of Allow. The attempt is stored before
// it is made: after a crash a telephone that still rings is waited for, and one that does not counts as not reached, so that
// nobody is rung twice at a time, and nobody more often than Attempts.
type Callback struct {
	// Key asks for it while one waits. Empty: it is only offered before joining, by [Offer].
	Key string
	// OfferAfter is with which of the periodic announcements Sounds.Offer is told for the first time. Default: the first.
	OfferAfter int
	// Endpoint is dialled, with {number} in place of the number, such as PJSIP/{number}@trunk. It must be given.
	Endpoint string
	// Allow are the digits with which numbers that may be called begin. It must be given; an empty one allows all.
	Allow []string
	// Min and Max are how many digits a number has. Defaults: 3 and 15.
	Min, Max int
	// Plus stands for the + of the caller's own number, such as 00. Empty: the caller types such a number.
	Plus string
	// CallerID is the number that the customer sees.
	CallerID string
	// Attempts is how often the customer is dialled, with Pause after each in vain. Defaults: 3 and 5 minutes.
	Attempts int
	Pause    time.Duration
	// RingTimeout is how long it rings. Default: 30 s.
	RingTimeout time.Duration
	// Grace is how long after the caller has hung up it is not dialled, so that the telephone is free. Default: 3 s.
	Grace time.Duration
}

// numberMark is where the number is in [Callback.Endpoint].
const numberMark = "{number}"

func (c *Callback) withDefaults() (*Callback, error) {
	d := *c
	for _, n := range []struct {
		value     *int
		otherwise int
	}{{&d.OfferAfter, 1}, {&d.Min, 3}, {&d.Max, 15}, {&d.Attempts, 3}} {
		if *n.value == 0 {
			*n.value = n.otherwise
		}
		if *n.value < 0 {
			return nil, errors.New("Callback: OfferAfter, Min, Max and Attempts must not be negative")
		}
	}
	for _, n := range []struct {
		value     *time.Duration
		otherwise time.Duration
	}{{&d.Pause, 5 * time.Minute}, {&d.RingTimeout, 30 * time.Second}, {&d.Grace, 3 * time.Second}} {
		if *n.value <= 0 {
			*n.value = n.otherwise
		}
	}
	switch {
	case !strings.Contains(d.Endpoint, numberMark):
		return nil, fmt.Errorf("Callback: Endpoint %q has no %s", d.Endpoint, numberMark)
	case len(d.Allow) == 0:
		return nil, errors.New("Callback: Allow must say which numbers may be called")
	case d.Min > d.Max || d.Max > 32:
		return nil, fmt.Errorf("Callback: numbers of %d to %d digits cannot be: want 1 to 32", d.Min, d.Max)
	}
	for _, prefix := range d.Allow {
		if strings.Trim(prefix, "0123456789") != "" {
			return nil, fmt.Errorf("Callback: Allow has %q: want digits", prefix)
		}
	}
	return &d, nil
}

// number returns what may be dialled for a text: digits that are allowed.
func (c *Callback) number(text string) (number string, ok bool) {
	if rest, found := strings.CutPrefix(text, "+"); found && c.Plus != "" {
		text = c.Plus + rest
	}
	if text == "" || strings.Trim(text, "0123456789") != "" || len(text) < c.Min || len(text) > c.Max {
		return "", false
	}
	return text, slices.ContainsFunc(c.Allow, func(prefix string) bool { return strings.HasPrefix(text, prefix) })
}

// CallbackRecord is what has become of a wish to be called back.
type CallbackRecord struct {
	// Attempts is how often the customer was dialled.
	Attempts int `json:"attempts,omitempty"`
	// Channel is that of the last attempt; empty: nobody has been dialled yet, or the attempt is over.
	Channel string `json:"channel,omitempty"`
	// Reached says that the customer has answered.
	Reached bool `json:"reached,omitempty"`
}

// The keys of the dialog.
const (
	rightKey   = "1"
	otherKey   = "2"
	cancelKey  = "*"
	maxNumbers = 3 // how often a caller may type one
)

// wishCallback talks with a caller who wants to be called back. It reports whether that is agreed: the call is to be hung up.
func (s *Server) wishCallback(ctx context.Context, call *ari.Channel, here *caller) (agreed bool) {
	var q *Queue
	own := ""
	s.speak(ctx, here, speech{
		dialog: true,
		fits: func(_ *acd.State, r acd.CallerRecord) bool {
			q, own = s.queues[r.Caller.Queue], r.Caller.Number
			return q.Callback != nil && !r.Caller.Callback
		},
		say: func(ctx context.Context) error {
			return s.converse(ctx, call, here.language, func(ctx context.Context, c *ivr.Call) error {
				number, err := q.askNumber(ctx, c, own)
				if err != nil || number == "" {
					return err
				}
				err = s.do(ctx, func(state *acd.State) error { return s.agree(state, here, number) })
				if err != nil {
					return err
				}
				agreed = true
				return q.tellTaken(ctx, c)
			})
		},
	})
	return agreed
}

// agree notes the wish of a caller. The customer is dialled when the caller has hung up, not before. It fails if the caller has flown
// over meanwhile into a queue that calls nobody back.
func (s *Server) agree(state *acd.State, here *caller, number string) error {
	if r, ok := state.Caller(here.id); ok && s.queues[r.Caller.Queue].Callback == nil {
		return fmt.Errorf("queue: %q calls nobody back", r.Caller.Queue)
	}
	if err := state.AskCallback(here.id, number); err != nil {
		return err
	}
	here.callback = &CallbackRecord{}
	return state.RestCallback(here.id, time.Time{})
}

func (q *Queue) tellTaken(ctx context.Context, c *ivr.Call) error {
	return q.prompt(ctx, c, or(q.Sounds.CallbackTaken, defaultSounds.CallbackTaken))
}

// prompt plays pieces in the language of the call; digits stop it.
func (q *Queue) prompt(ctx context.Context, c *ivr.Call, pieces []ivr.Piece) error {
	spoken, _, err := q.languageOf(c.Language(), pieces)
	if err != nil {
		return err
	}
	err = c.PlayPrompt(ctx, ivr.Prompt{Pieces: pieces, Language: spoken})
	var missing *ivr.SoundError
	if errors.As(err, &missing) && spoken != q.fallback() {
		err = c.PlayPrompt(ctx, ivr.Prompt{Pieces: pieces, Language: q.fallback()})
	}
	return err
}

// converse has a function talk with a caller by ivr. Keys of before do not count.
func (s *Server) converse(ctx context.Context, call *ari.Channel, language string, talk func(context.Context, *ivr.Call) error) error {
	if _, err := call.Collect(ctx, ari.Digits{Max: 1, First: time.Nanosecond, Fresh: true}); err != nil {
		return err
	}
	channel := arichannel.New(ctx, call)
	defer channel.Close()
	return talk(ctx, spokenCall(channel, language))
}

// askNumber asks for the number to be called back. Empty: the caller does not want that any more.
func (q *Queue) askNumber(ctx context.Context, c *ivr.Call, own string) (string, error) {
	number, ok := q.Callback.number(own)
	for range maxNumbers {
		if ok {
			key, err := q.confirm(ctx, c, number)
			if err != nil || key == rightKey {
				return number, err
			}
			if key != otherKey {
				return "", nil
			}
		}
		if err := q.prompt(ctx, c, or(q.Sounds.EnterNumber, defaultSounds.EnterNumber)); err != nil {
			return "", err
		}
		typed, err := c.Collect(ctx, ivr.Digits{Max: q.Callback.Max, End: "#"})
		if err != nil || typed.Digits == "" || strings.Contains(typed.Digits, cancelKey) {
			return "", err
		}
		if number, ok = q.Callback.number(typed.Digits); !ok {
			if err := q.prompt(ctx, c, or(q.Sounds.NotAllowed, defaultSounds.NotAllowed)); err != nil {
				return "", err
			}
		}
	}
	return "", nil
}

// confirm reads a number back, and returns the key that the caller presses.
func (q *Queue) confirm(ctx context.Context, c *ivr.Call, number string) (string, error) {
	pieces := append(or(q.Sounds.MyNumber, defaultSounds.MyNumber), ivr.SayDigits(number))
	pieces = append(pieces, or(q.Sounds.Confirm, defaultSounds.Confirm)...)
	if err := q.prompt(ctx, c, pieces); err != nil {
		return "", err
	}
	got, err := c.Collect(ctx, ivr.Digits{Max: 1})
	return got.Digits, err
}

package ivr

import (
	"context"
	"strings"
	"time"
)

// Call is a caller as a program talks to him: the methods of the [Channel], and what is made of them. Like the Channel it
// belongs to one goroutine.
type Call struct {
	Channel
	language string
	sayer    Sayer
}

// NewCall returns the call of a channel; that is for those who implement a [Channel].
func NewCall(ch Channel) *Call { return &Call{Channel: ch, language: ch.Info().Language} }

// Language is that in which prompts are played and numbers said: what SetLanguage has set, or the channel's own.
func (c *Call) Language() string { return c.language }

// SetLanguage sets the language of this call and of its channel, so that the dialplan goes on in it too.
func (c *Call) SetLanguage(ctx context.Context, language string) error {
	if err := c.SetVar(ctx, "CHANNEL(language)", language); err != nil {
		return err
	}
	c.language = language
	return nil
}

// SetSayer has numbers, digits, dates and times of this call said by the rules of a sayer, such as those of a say.conf; nil ends that.
func (c *Call) SetSayer(s Sayer) { c.sayer = s }

// Prompt is what a caller hears in one go.
type Prompt struct {
	// Pieces are played one after the other.
	Pieces []Piece
	// Language is that of the pieces; empty is that of the [Call].
	Language string
	// Deaf says that digits do not stop it. They are kept all the same.
	Deaf bool
}

// Say returns the prompt of some pieces, in the language of the call, that digits stop.
func Say(pieces ...Piece) Prompt { return Prompt{Pieces: pieces} }

// PlayPrompt plays a prompt, and returns when it is over or when a digit was pressed, also before it began. See [Channel.Play].
func (c *Call) PlayPrompt(ctx context.Context, p Prompt) error {
	if len(p.Pieces) == 0 {
		return context.Cause(ctx)
	}
	language := p.Language
	if language == "" {
		language = c.language
	}
	sounds, err := SoundsBy(c.sayer, language, p.Pieces...)
	if err != nil {
		return err
	}
	if len(sounds) == 0 {
		return context.Cause(ctx)
	}
	return c.Play(ctx, Playback{Sounds: sounds, Language: language, Deaf: p.Deaf})
}

// Say plays pieces: sounds, numbers, dates. See PlayPrompt.
func (c *Call) Say(ctx context.Context, pieces ...Piece) error {
	return c.PlayPrompt(ctx, Say(pieces...))
}

// The waits of [Digits] that are not given.
const (
	DefaultFirst = 5 * time.Second
	DefaultInter = 3 * time.Second
)

// Digits says which digits [Call.Collect] waits for.
type Digits struct {
	// Prompt is played meanwhile. The first digit stops it, unless it is Deaf.
	Prompt Prompt
	// Max is after how many digits it is over. Zero: no bound.
	Max int
	// End are the digits that end it and are not part of the result, such as "#".
	End string
	// Enough, if not nil, is asked after each digit with those that there are, and says that no more are needed: for menus whose
	// options have several digits.
	Enough func(digits string) bool
	// First is how long after the Prompt the first digit may take, Inter each further one. Zero: [DefaultFirst] and
	// [DefaultInter]. Negative: no time at all, only digits that were pressed before count.
	First, Inter time.Duration
	// Fresh forgets the digits that were pressed before, so that they count for nothing.
	Fresh bool
}

// Input is what a caller has entered.
type Input struct {
	// Digits are those he pressed, as he pressed them: leading zeros, * and # included.
	Digits string
	// End is what ended it.
	End InputEnd
	// Terminator is the digit of [Digits.End] that ended it, or 0.
	Terminator byte
}

// InputEnd is what ended an [Input].
type InputEnd int

// The ends of an input.
const (
	// EndNothing is a timeout before any digit.
	EndNothing InputEnd = iota
	// EndTimeout is a pause after a digit.
	EndTimeout
	// EndTerminator is a digit of [Digits.End].
	EndTerminator
	// EndMax is that there are Max digits.
	EndMax
	// EndEnough is that Enough has said so.
	EndEnough
)

// String returns nothing, timeout, terminator, max or enough.
func (e InputEnd) String() string {
	switch e {
	case EndTimeout:
		return "timeout"
	case EndTerminator:
		return "terminator"
	case EndMax:
		return "max"
	case EndEnough:
		return "enough"
	default:
		return "nothing"
	}
}

// Collect plays a prompt and collects digits, those first that were pressed before. A timeout is no error: the Input says it.
// After an error it holds the digits that there were.
func (c *Call) Collect(ctx context.Context, want Digits) (Input, error) {
	if want.Fresh {
		c.Keys().Forget()
	}
	if err := c.PlayPrompt(ctx, want.Prompt); err != nil {
		return Input{}, err
	}
	var got []byte
	wait := orWait(want.First, DefaultFirst)
	for {
		digit, ok, err := c.Keys().Next(ctx, wait)
		switch {
		case err != nil:
			return Input{Digits: string(got)}, err
		case !ok && len(got) == 0:
			return Input{}, nil
		case !ok:
			return Input{Digits: string(got), End: EndTimeout}, nil
		case strings.IndexByte(want.End, digit) >= 0:
			return Input{Digits: string(got), End: EndTerminator, Terminator: digit}, nil
		}
		got = append(got, digit)
		if end := want.full(string(got)); end != EndNothing {
			return Input{Digits: string(got), End: end}, nil
		}
		wait = orWait(want.Inter, DefaultInter)
	}
}

// full says whether digits are all that is wanted.
func (d *Digits) full(digits string) InputEnd {
	switch {
	case d.Enough != nil && d.Enough(digits):
		return EndEnough
	case d.Max > 0 && len(digits) >= d.Max:
		return EndMax
	}
	return EndNothing
}

func orWait(wait, otherwise time.Duration) time.Duration {
	if wait == 0 {
		return otherwise
	}
	return wait
}

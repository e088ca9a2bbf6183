package ari

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// maxKeys is how many digits a channel keeps that nobody has asked for; of more the oldest are forgotten.
const maxKeys = 128

// keys are the digits that were pressed and not taken yet.
type keys struct {
	ready chan struct{} // holds a token if there are some
	*keyBuffer
}

type keyBuffer struct {
	mu     sync.Mutex
	digits []string
}

func newKeys() keys { return keys{make(chan struct{}, 1), &keyBuffer{}} }

func (k keys) press(digit string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.digits) == maxKeys {
		k.digits = k.digits[1:]
	}
	k.digits = append(k.digits, digit)
	k.wake()
}

func (k keys) wake() {
	select {
	case k.ready <- struct{}{}:
	default:
	}
}

// take returns the first digit.
func (k keys) take() (digit string, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.digits) == 0 {
		return "", false
	}
	digit, k.digits = k.digits[0], k.digits[1:]
	if len(k.digits) > 0 {
		k.wake()
	}
	return digit, true
}

// pressed waits until there is a digit, without taking it.
func (k keys) pressed(ctx context.Context) bool {
	for {
		k.mu.Lock()
		n := len(k.digits)
		k.mu.Unlock()
		if n > 0 {
			k.wake() // for who takes it
			return true
		}
		select {
		case <-k.ready:
		case <-ctx.Done():
			return false
		}
	}
}

func (k keys) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.digits = nil
}

// Digits says which digits [Channel.Collect] waits for.
type Digits struct {
	// Prompt is played meanwhile, and stopped by the first digit.
	Prompt []string
	// Language is that of the Prompt; empty is the channel's.
	Language string
	// Max is after how many digits it is over. Zero: only End or a timeout ends it.
	Max int
	// End are the digits that end it and are not part of the result, such as "#".
	End string
	// First is how long after the Prompt the first digit may take, Inter each further one. Zero: 5 s and 3 s.
	First, Inter time.Duration
	// Fresh forgets the digits that were pressed before.
	Fresh bool
}

// The waits of [Digits].
const (
	defaultFirst = 5 * time.Second
	defaultInter = 3 * time.Second
)

// Collect plays a prompt and collects digits, those included that were pressed before. A timeout is no error: then the
// digits are those that there are, or none.
func (ch *Channel) Collect(ctx context.Context, want Digits) (string, error) {
	if want.Max < 0 || want.Max == 0 && want.End == "" && want.Inter < 0 {
		return "", errors.New("ari: Collect would never end: set Max, End or Inter")
	}
	ctx, cancel := ch.within(ctx)
	defer cancel()
	ctx, end := ch.spanOn(ctx, "ari.collect")
	got, err := ch.collect(ctx, want)
	if ch.app.Client.Tracer != nil {
		trace.SpanFromContext(ctx).SetAttributes(attrDigits.Int(len(got)))
	}
	end(err)
	return got, err
}

func (ch *Channel) collect(ctx context.Context, want Digits) (string, error) {
	if want.Fresh {
		ch.keys.forget()
	}
	if len(want.Prompt) > 0 {
		if err := ch.playUntilKey(ctx, want); err != nil {
			return "", err
		}
	}
	var got strings.Builder
	wait := orDefault(want.First, defaultFirst)
	for want.Max == 0 || got.Len() < want.Max {
		digit, err := ch.key(ctx, wait)
		if err != nil {
			return got.String(), err
		}
		if digit == "" || strings.Contains(want.End, digit) {
			break
		}
		got.WriteString(digit)
		wait = orDefault(want.Inter, defaultInter)
	}
	return got.String(), nil
}

// key waits for one digit; a timeout is none.
func (ch *Channel) key(ctx context.Context, wait time.Duration) (string, error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		if digit, ok := ch.keys.take(); ok {
			return digit, nil
		}
		select {
		case <-ch.keys.ready:
		case <-timer.C:
			return "", nil
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

// playUntilKey plays the prompt until it is over or a digit is pressed.
func (ch *Channel) playUntilKey(ctx context.Context, want Digits) error {
	playing, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		if ch.keys.pressed(playing) {
			cancel(errKey)
		}
	}()
	err := ch.PlayWith(playing, ChannelPlayParams{Media: want.Prompt, Lang: want.Language})
	interrupted := context.Cause(playing) == errKey //nolint:errorlint // it is this one, not a wrapped one
	cancel(nil)
	<-watched
	if interrupted {
		return nil
	}
	return err
}

var errKey = errors.New("ari: a digit was pressed")

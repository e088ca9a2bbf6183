package ariroute

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/callcenter/routing"
)

// voice lets a channel ask its caller.
type voice struct {
	ch       *ari.Channel
	answered bool
}

var _ routing.Voice = (*voice)(nil)

// answer answers the call before the caller hears anything: phones send digits only then.
func (v *voice) answer(ctx context.Context) error {
	if v.answered {
		return nil
	}
	v.answered = true
	return v.ch.Answer(ctx)
}

// Play implements [routing.Voice]. A sound file that is missing is silence: no call is lost for want of it.
func (v *voice) Play(ctx context.Context, file string) error {
	if err := v.answer(ctx); err != nil {
		return err
	}
	return forgive(v.ch.Play(ctx, "sound:"+file))
}

// forgive is for what a call survives.
func forgive(err error) error {
	var failed *ari.PlaybackError
	if errors.As(err, &failed) {
		return nil
	}
	return err
}

// Digits implements [routing.Voice].
func (v *voice) Digits(ctx context.Context, file string, timeout time.Duration, most int) (string, error) {
	if err := v.answer(ctx); err != nil {
		return "", err
	}
	want := ari.Digits{Max: most, End: "#", First: timeout, Inter: timeout}
	if file != "" {
		want.Prompt = []string{"sound:" + file}
	}
	digits, err := v.ch.Collect(ctx, want)
	if forgive(err) == nil && err != nil { // the prompt is missing: the caller may type all the same
		want.Prompt = nil
		return v.ch.Collect(ctx, want)
	}
	return digits, err
}

// Header implements [routing.Voice]. The name is one of the rule set's; what comes back is the peer's, and is a value.
func (v *voice) Header(ctx context.Context, name string) (string, error) {
	technology, _, _ := strings.Cut(v.ch.Start().Channel.Name, "/")
	var function string
	switch technology {
	case "PJSIP":
		function = "PJSIP_HEADER(read," + name + ")"
	case "SIP":
		function = "SIP_HEADER(" + name + ")"
	default:
		return "", nil
	}
	value, err := v.ch.Var(ctx, function)
	var refused *ari.Error
	if errors.As(err, &refused) && ctx.Err() == nil { // 500, where there is no such header: the function fails
		return "", nil
	}
	return value, err
}

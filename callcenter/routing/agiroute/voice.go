package agiroute

import (
	"context"
	"errors"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/callcenter/routing"
)

// voice lets a session ask its caller.
type voice struct {
	s        *agi.Session
	answered bool
}

var _ routing.Voice = (*voice)(nil)

// answer answers the call before the caller hears anything: phones send digits only then.
func (v *voice) answer(ctx context.Context) error {
	if v.answered {
		return nil
	}
	v.answered = true
	return v.s.Answer(ctx)
}

// Play implements [routing.Voice]. A sound file that is missing is silence: no call is lost for want of it.
func (v *voice) Play(ctx context.Context, file string) error {
	if err := v.answer(ctx); err != nil {
		return err
	}
	_, err := v.s.StreamFile(ctx, file, "")
	return forgive(err)
}

// forgive is for what a call survives: Asterisk makes AGISTATUS FAILURE by itself then.
func forgive(err error) error {
	var failed *agi.ResultError
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
	typed, err := v.s.GetData(ctx, file, timeout, most)
	if err != nil {
		return "", forgive(err)
	}
	return typed.Digits, nil
}

// Header implements [routing.Voice]. The name is one of the rule set's; what comes back is the peer's, and is a value.
func (v *voice) Header(ctx context.Context, name string) (string, error) {
	switch v.s.Env().Type {
	case "PJSIP":
		return v.s.Evaluate(ctx, "${PJSIP_HEADER(read,"+name+")}")
	case "SIP":
		return v.s.Evaluate(ctx, "${SIP_HEADER("+name+")}")
	}
	return "", nil
}

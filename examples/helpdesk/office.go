package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// desks are the telephones that are there, in the order of their tones. Nobody is at the one of Kozani today.
var desks = []string{
	"athens-north", "athens-west", "piraeus", "thessaloniki", "patra", "heraklion", "larissa", "ioannina", "komotini",
	"tripoli", "mytilini", "chania", "heads", "national",
}

const absent = "kozani"

// toneOf is what a desk's telephone sounds like, in Hz.
func toneOf(desk string) float64 {
	for i, name := range desks {
		if name == desk {
			return sipphone.Frequencies()[i]
		}
	}
	return 0
}

// callerTone is what callers sound like.
const callerTone = 2000

// pjsipConf has the desks' telephones, and the outside: whatever comes from loopback and is no desk.
func pjsipConf() string {
	var text strings.Builder
	text.WriteString(sipphone.PJSIPTrunk("provider", "context = from-provider"))
	for _, desk := range append([]string{absent}, desks...) {
		text.WriteString(sipphone.PJSIPConfig(desk, desk))
	}
	return text.String()
}

// queuesConf has a queue for each desk, which nobody enters who would wait in vain.
func queuesConf() string {
	var text strings.Builder
	text.WriteString("[general]\n")
	for _, desk := range append([]string{absent}, desks...) {
		fmt.Fprintf(&text, "[%s]\nmember => PJSIP/%s\ntimeout = 30\n", desk, desk)
		text.WriteString("joinempty = unavailable,invalid,unknown\nleavewhenempty = unavailable,invalid,unknown\n")
	}
	return text.String()
}

// taken is a call that a desk has taken.
type taken struct{ desk, number, name string }

// office is the telephones of the desks. They answer at once.
type office struct {
	pbx    *asterisktest.Asterisk
	log    *slog.Logger
	phones []*sipphone.Phone
	calls  chan taken
}

func openOffice(ctx context.Context, pbx *asterisktest.Asterisk, log *slog.Logger) (*office, error) {
	o := &office{pbx: pbx, log: log, calls: make(chan taken, len(desks))}
	for _, desk := range desks {
		phone, err := sipphone.New(ctx, sipphone.Config{
			Server: pbx.SIP, User: desk, Password: desk, Tone: toneOf(desk),
			OnInvite: func(call *sipphone.Call) { o.answer(ctx, desk, call) },
		})
		if err != nil {
			return o, fmt.Errorf("the telephone of %s: %w", desk, err)
		}
		o.phones = append(o.phones, phone)
	}
	err := o.waitReady(ctx)
	return o, err
}

func (o *office) answer(ctx context.Context, desk string, call *sipphone.Call) {
	number, name := call.Remote()
	if err := call.Answer(ctx); err != nil {
		o.log.Warn("a call was not answered", "desk", desk, "error", err)
		return
	}
	select {
	case o.calls <- taken{desk, number, name}:
	case <-ctx.Done():
	}
}

const lookAgain = 50 * time.Millisecond

// waitReady waits until the queues know that the telephones are there, which Asterisk tells them a little later.
func (o *office) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("the queues do not see the telephones"))
	defer cancel()
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for {
		text, err := o.pbx.CLI(ctx, "queue show")
		if err != nil {
			return err
		}
		if strings.Count(text, "Not in use") == len(desks) {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (o *office) close() error {
	var errs []error
	for _, phone := range o.phones {
		errs = append(errs, phone.Close())
	}
	return errors.Join(errs...)
}

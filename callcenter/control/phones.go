package control

import (
	"context"
	"fmt"
	"strings"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/calls"
)

// Phones is what a telephone's own interface can do, and Asterisk cannot. [NotifyPhones] and [HTTPPhones] are two. That a method
// returns nil means that the telephone was told: [Desk] waits until the calls show that it has done it.
type Phones interface {
	// Answer takes the call that rings at the leg.
	Answer(ctx context.Context, leg calls.Leg) error
	// Hold and Resume keep the others on hold, and end that.
	Hold(ctx context.Context, leg calls.Leg) error
	Resume(ctx context.Context, leg calls.Leg) error
}

// NotifyPhones tells telephones by SIP: a NOTIFY in the dialog of the call with Event: talk, which answers or resumes, or Event:
// hold (BroadSoft's remote control of telephones). It is sent by the action PJSIPNotify, so the telephone must be one of
// chan_pjsip, the Manager's user needs the class system, and res_pjsip_notify must be loaded, which it is only if there is a
// pjsip_notify.conf, be it empty. Telephones that do it say so in the header Allow-Events of their answers: "talk, hold". What
// they need to be set up with is in the documentation of the package.
type NotifyPhones struct{ Client *ami.Client }

// Answer sends Event: talk.
func (p *NotifyPhones) Answer(ctx context.Context, leg calls.Leg) error {
	return p.notify(ctx, leg, "talk")
}

// Hold sends Event: hold.
func (p *NotifyPhones) Hold(ctx context.Context, leg calls.Leg) error {
	return p.notify(ctx, leg, "hold")
}

// Resume sends Event: talk.
func (p *NotifyPhones) Resume(ctx context.Context, leg calls.Leg) error {
	return p.notify(ctx, leg, "talk")
}

func (p *NotifyPhones) notify(ctx context.Context, leg calls.Leg, event string) error {
	if !strings.HasPrefix(leg.Channel, "PJSIP/") {
		return fmt.Errorf("%w: %s is not of chan_pjsip", ErrNoPhones, leg.Channel)
	}
	action := ami.Action{Name: "PJSIPNotify"}.With("Channel", leg.Uniqueid).With("Variable", "Event="+event)
	_, err := p.Client.Do(ctx, action)
	return goneOr(err)
}

package ami

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Originate is an order to place a call; see [Client.Originate]. Asterisk calls Channel and, when that answers, connects it
// to an extension of the dialplan or to an application.
type Originate struct {
	// Channel is who is called: "PJSIP/100", "Local/100@internal".
	Channel string
	// Exten and Context are the extension that Channel is connected to when it answers; Priority is a number or a label,
	// "1" if empty.
	Exten, Context, Priority string
	// Application and Data are what is run instead, if Exten is empty.
	Application, Data string
	// Timeout is how long Channel may ring, in whole milliseconds. Default: 30 s, which is Asterisk's own.
	Timeout time.Duration
	// CallerID is what Channel sees: `"Help desk" <100>`.
	CallerID string
	// Account is the account code of the call.
	Account string
	// EarlyMedia connects Channel before it answers, if it has something to tell.
	EarlyMedia bool
	// Variables are set on the new channel, in this order. A key may be a function of the dialplan that can be written, such
	// as CALLERID(num). A value may hold anything but CR, LF and NUL: it is escaped, because Asterisk takes a comma for the
	// end of a variable, and would set another one (astman_get_variables in main/manager.c).
	Variables []Header
	// Headers are any other headers of the action, such as Codecs or PreDialGoSub.
	Headers []Header
	// ID and OtherID become the Uniqueid of the new channel and, if that is a Local one, of its other half. If they are
	// empty, which is best, the client chooses them. Asterisk does not make a second channel with the ID of one that there
	// is: to order again what may have been ordered already, give the ID of the first order.
	ID, OtherID string
}

// Reason is why a call that was ordered has come to nothing, or not: the control frames of Asterisk (enum
// ast_control_frame_type in include/asterisk/frame.h), as far as OriginateResponse tells them.
type Reason int

const (
	// Failed is a call that could not be placed: no such endpoint or extension, an ID that another channel has, or the other
	// side hung up in a way of its own.
	Failed Reason = 0
	// HungUp is a call that was hung up before it was answered.
	HungUp Reason = 1
	// NoAnswer is a call that rang until the timeout.
	NoAnswer Reason = 3
	// Answered is a call that was answered.
	Answered Reason = 4
	// Busy is a call to somebody who is busy.
	Busy Reason = 5
	// Congestion is a call that the network refused.
	Congestion Reason = 8
)

var reasonNames = map[Reason]string{
	Failed: "failed", HungUp: "hung up", NoAnswer: "no answer", Answered: "answered", Busy: "busy", Congestion: "congestion",
}

// String returns the reason in words; "reason 7" for one without.
func (r Reason) String() string {
	if name, ok := reasonNames[r]; ok {
		return name
	}
	return "reason " + strconv.Itoa(int(r))
}

// Outcome is what has become of an order to place a call.
type Outcome struct {
	// Reason is Answered, or why not.
	Reason Reason
	// Channel is the name of the channel. If the call was not answered it may be only what was ordered.
	Channel string
	// Uniqueid is the channel's.
	Uniqueid string
	// Event is the OriginateResponse that told.
	Event Message
}

// Origination is a call that was ordered.
type Origination struct {
	// ID and OtherID are the Uniqueids of the new channel and of its other half; see [Originate].
	ID, OtherID string

	client  *Client
	session *session
	action  string // the ActionID
	told    chan struct{}
	outcome Outcome // before told is closed
}

// Originate orders a call and returns without waiting until it is answered: the action is sent with "Async: true", so
// Asterisk goes on. [Origination.Wait] tells what becomes of it. The client never orders twice by itself.
//
// The error is that of [Client.Do]. If the order was sent and its answer is missing, the Origination is returned with the
// error: the call may be under way, and its ID is what to look for. The outcome comes as an event of the class call, so the
// user must be allowed to read that, and EventMask must not leave it out.
func (c *Client) Originate(ctx context.Context, o Originate) (*Origination, error) {
	s, err := c.current("Originate")
	if err != nil {
		return nil, err
	}
	if !maskHas(c.EventMask, "call") {
		return nil, &InvalidActionError{Action: "Originate", Field: "EventMask", Problem: "leaves out call, which tells the outcome"}
	}
	id := s.inflight.newID()
	if o.ID == "" {
		o.ID = "asterism-" + id
	}
	if o.OtherID == "" {
		o.OtherID = o.ID + "-2"
	}
	call := &Origination{ID: o.ID, OtherID: o.OtherID, client: c, session: s, action: id, told: make(chan struct{})}
	s.outcomes.expect(call) // the event may be faster than the answer
	_, err = c.askOn(ctx, s, o.order(id), nil)
	if err == nil {
		return call, nil
	}
	var unanswered *ActionError
	if errors.As(err, &unanswered) && unanswered.Sent {
		return call, err
	}
	s.outcomes.forget(call)
	return nil, err
}

// order returns the action.
func (o Originate) order(id string) Action {
	a := Action{Name: "Originate", ID: id}.With("Channel", o.Channel)
	if o.Exten != "" {
		priority := o.Priority
		if priority == "" {
			priority = "1"
		}
		a = a.With("Context", o.Context).With("Exten", o.Exten).With("Priority", priority)
	} else {
		a = a.With("Application", o.Application).With("Data", o.Data)
	}
	a = a.With("Async", "true").With("ChannelId", o.ID).With("OtherChannelId", o.OtherID)
	for _, h := range []Header{
		{"Timeout", milliseconds(o.Timeout)}, {"CallerID", o.CallerID}, {"Account", o.Account},
	} {
		if h.Value != "" {
			a = a.With(h.Key, h.Value)
		}
	}
	if o.EarlyMedia {
		a = a.With("EarlyMedia", "true")
	}
	for _, v := range o.Variables {
		a = a.With("Variable", v.Key+"="+variableEscapes.Replace(v.Value))
	}
	a.Headers = append(a.Headers, o.Headers...)
	return a
}

var variableEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `,`, `\,`)

func milliseconds(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return strconv.FormatInt(d.Milliseconds(), 10)
}

// Wait returns what has become of the call as soon as Asterisk tells. That the call was not answered is no error. The error
// is an [*ActionError] if the connection was lost before: then only Asterisk knows; or the cause of ctx.
func (o *Origination) Wait(ctx context.Context) (Outcome, error) {
	select {
	case <-o.told:
		return o.outcome, nil
	case <-ctx.Done():
		return Outcome{}, context.Cause(ctx)
	case <-o.session.done:
	}
	o.session.wait() // it may have come just before the end
	select {
	case <-o.told:
		return o.outcome, nil
	default:
		return Outcome{}, &ActionError{Action: "Originate", Sent: true, Err: o.session.err}
	}
}

// Hangup ends the call, whether it is answered or still ringing.
func (o *Origination) Hangup(ctx context.Context) error {
	_, err := o.client.Do(ctx, Action{Name: "Hangup"}.With("Channel", o.ID))
	return err
}

// outcomes are the calls that were ordered over a session and whose outcome has not come yet.
type outcomes struct {
	n    atomic.Int32
	mu   sync.Mutex
	byID map[string]*Origination
}

func (w *outcomes) expect(o *Origination) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.byID == nil {
		w.byID = map[string]*Origination{}
	}
	w.byID[o.action] = o
	w.n.Store(int32(len(w.byID)))
}

func (w *outcomes) forget(o *Origination) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.byID, o.action)
	w.n.Store(int32(len(w.byID)))
}

// tell looks at an event, and is called with every one.
func (w *outcomes) tell(m Message) {
	if w.n.Load() == 0 || m.Event() != "OriginateResponse" {
		return
	}
	w.mu.Lock()
	o := w.byID[m.Get("ActionID")]
	w.mu.Unlock()
	if o == nil {
		return
	}
	w.forget(o)
	o.outcome = outcomeOf(m)
	close(o.told)
}

func outcomeOf(m Message) Outcome {
	outcome := Outcome{Channel: m.Get("Channel"), Uniqueid: m.Get("Uniqueid"), Event: m}
	if reason, err := strconv.Atoi(m.Get("Reason")); err == nil {
		outcome.Reason = Reason(reason)
	}
	if m.Get("Response") != "Success" && outcome.Reason == Answered {
		outcome.Reason = Failed
	}
	return outcome
}

// String describes the outcome in a few words.
func (o Outcome) String() string { return fmt.Sprintf("%s: %v", o.Channel, o.Reason) }

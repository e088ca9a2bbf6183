package ami

import (
	"fmt"
	"slices"
	"strings"
)

// The limits of Asterisk's side for one action. Beyond them it does not refuse: it truncates, splits or mixes up.
const (
	// maxLine is the longest line in bytes, without its CR LF (inbuf in struct mansession, main/manager.c).
	maxLine = 1022
	// maxHeaders counts Action and ActionID too (AST_MAX_MANHEADERS in include/asterisk/manager.h).
	maxHeaders = 128
	// maxActionID is what the smallest of the buffers for an answer can hold: app_confbridge.c and app_meetme.c have 80
	// bytes for the whole header, with its CR LF.
	maxActionID = 64
)

// Action is a request to Asterisk: "Ping", "Originate", "QueueAdd". It is a plain value; build it as a literal or with
// [Action.With]:
//
//	ami.Action{Name: "Originate"}.
//		With("Channel", "PJSIP/100").
//		With("Variable", "ORDER=77").
//		With("Variable", "LANG=de")
//
// Values are sent as they are. An action that Asterisk could read as anything else than this one action with these headers
// is refused with an [*InvalidActionError] before a byte of it is sent.
type Action struct {
	// Name is Asterisk's name of the action.
	Name string
	// ID is the ActionID, at most 64 bytes. If it is empty, which is best, the client chooses one that no other
	// connection uses; events that the action causes may repeat it to everybody who is connected.
	ID string
	// Headers are sent in this order. A key may repeat. Action and ActionID do not belong here.
	Headers []Header
	// Blocking says that Asterisk may need long to carry the action out, and sends it over the client's second connection:
	// for a Command or a Reload, say. An Originate without "Async: true" and a WaitEvent go there anyway. Blocking actions
	// wait for each other. The second connection gets no events.
	Blocking bool
}

// Header is one line of an action.
type Header struct {
	Key, Value string
}

// With returns a copy of the action with one more header.
func (a Action) With(key, value string) Action {
	a.Headers = append(slices.Clip(a.Headers), Header{Key: key, Value: value})
	return a
}

// wire returns the action's bytes with this ActionID. Asterisk repeats the ActionID even in the error about a header that
// it cannot take, if the ActionID is before it: so it comes second.
func (a Action) wire(id string) ([]byte, error) {
	if err := a.validate(id); err != nil {
		return nil, err
	}
	size := len("Action: \r\nActionID: \r\n\r\n") + len(a.Name) + len(id)
	for _, h := range a.Headers {
		size += len(h.Key) + len(": \r\n") + len(h.Value)
	}
	b := make([]byte, 0, size)
	b = appendHeader(b, "Action", a.Name)
	b = appendHeader(b, "ActionID", id)
	for _, h := range a.Headers {
		b = appendHeader(b, h.Key, h.Value)
	}
	return append(b, "\r\n"...), nil
}

func appendHeader(b []byte, key, value string) []byte {
	b = append(b, key...)
	b = append(b, ": "...)
	b = append(b, value...)
	return append(b, "\r\n"...)
}

func (a Action) validate(id string) error {
	invalid := func(field, problem string) error {
		return &InvalidActionError{Action: a.Name, Field: field, Problem: problem}
	}
	if a.Name == "" {
		return invalid("Action", "is empty")
	}
	if problem := checkLine("Action", a.Name); problem != "" {
		return invalid("Action", problem)
	}
	if len(id) > maxActionID {
		return invalid("ActionID", fmt.Sprintf("is longer than %d bytes", maxActionID))
	}
	if problem := checkLine("ActionID", id); problem != "" {
		return invalid("ActionID", problem)
	}
	if len(a.Headers)+2 > maxHeaders {
		return invalid("Headers", fmt.Sprintf("are more than %d with Action and ActionID", maxHeaders))
	}
	for _, h := range a.Headers {
		if problem := checkHeader(h); problem != "" {
			return invalid(h.Key, problem)
		}
	}
	return nil
}

func checkHeader(h Header) string {
	switch {
	case h.Key == "":
		return "is a header without a key"
	case strings.ContainsRune(h.Key, ':'):
		return "has a key with a colon"
	case strings.EqualFold(h.Key, "Action"), strings.EqualFold(h.Key, "ActionID"):
		return "does not belong into Headers: set the field of Action"
	}
	return checkLine(h.Key, h.Value)
}

// checkLine says what is wrong with a line. Asterisk ends a line at a bare LF too and drops what follows a NUL (get_input
// in main/manager.c).
func checkLine(key, value string) string {
	switch {
	case strings.ContainsAny(key, "\r\n\x00"):
		return "has a key with CR, LF or NUL"
	case strings.ContainsAny(value, "\r\n\x00"):
		return "has a value with CR, LF or NUL"
	case len(key)+len(": ")+len(value) > maxLine:
		return fmt.Sprintf("makes a line of more than %d bytes", maxLine)
	}
	return ""
}

package agents

import (
	"context"
	"fmt"
	"strings"
)

// Verb is what is to be done.
type Verb uint8

// The verbs.
const (
	LogIn      Verb = iota + 1 // into Queue, with all that Command has
	LogOut                     // of Queue, or of all
	Pause                      // in Queue, or in all, for Reason
	Unpause                    // in Queue, or in all
	SetPenalty                 // in Queue, or in all, to Penalty
)

var verbs = [...]string{LogIn: "login", LogOut: "logout", Pause: "pause", Unpause: "unpause", SetPenalty: "penalty"}

// String returns the verb in lower case.
func (v Verb) String() string {
	if v < LogIn || int(v) >= len(verbs) {
		return fmt.Sprintf("Verb(%d)", uint8(v))
	}
	return verbs[v]
}

// Command is one thing to do about a member of queues.
type Command struct {
	Verb Verb
	// Queue is the queue's name. Empty means all queues that the member is in; not for LogIn.
	Queue string
	// Interface is what queues name the member by, spelt as it was when it logged in: "PJSIP/101", "Local/101@agents/n".
	Interface string
	// StateInterface, for LogIn, is the device whose state counts, such as "PJSIP/101" or "hint:101@default" for a member that
	// is a Local channel. Empty: Interface.
	StateInterface string
	// Name, for LogIn, is the person's. It must not contain a comma: Asterisk makes channel variables of it.
	Name string
	// Penalty, for LogIn and SetPenalty, is 0 or more: those with the lowest are rung first.
	Penalty int
	// Paused, for LogIn, logs in without getting calls yet.
	Paused bool
	// Reason is why the pause is, for Pause, and LogIn with Paused.
	Reason string
}

// Done is what a command has brought about in one queue, as an event of Asterisk has told it.
type Done struct {
	// Member is what it was right after; after a logout, what it was last.
	Member Member
	// Changed is false if it was so already: then nothing was done.
	Changed bool
}

// Queues is where agents log in: [AppQueue], or queues of one's own. What it does it must tell the Model too, as app_queue
// does by its events: see [Model.SetMember].
type Queues interface {
	// Carry carries out a command that is valid ([Command.Validate]) and says what it has brought about in each queue. It
	// is no error if it was so already. The error is [ErrNoSuchQueue] or [ErrNotMember] if others may know the queue.
	Carry(ctx context.Context, c Command) ([]Done, error)
}

// maxText is how long what names a member may be, in bytes: Asterisk cuts off what is longer (struct member in
// apps/app_queue.c).
const maxText = 79

// maxPenalty is more than anybody needs.
const maxPenalty = 1_000_000

// Validate returns an [*InvalidError] if the command cannot be meant, or if Asterisk could take a part of it for something
// else: a line's end begins another header; a comma in what becomes channel variables begins another one
// (setinterfacevar of queues.conf); a semicolon or a bar begins another member where members are kept over a restart
// (dump_queue_members in apps/app_queue.c).
func (c Command) Validate() error {
	if c.Verb < LogIn || c.Verb > SetPenalty {
		return &InvalidError{Field: "Verb", Problem: "is not one of the verbs"}
	}
	if c.Verb == LogIn && c.Queue == "" {
		return &InvalidError{Field: "Queue", Problem: "is empty"}
	}
	if c.Interface == "" {
		return &InvalidError{Field: "Interface", Problem: "is empty"}
	}
	if c.Penalty < 0 || c.Penalty > maxPenalty {
		return &InvalidError{Field: "Penalty", Problem: fmt.Sprintf("is not from 0 to %d", maxPenalty)}
	}
	for _, text := range []struct{ field, value, banned string }{
		{"Queue", c.Queue, ",&=@/:"},
		{"Interface", c.Interface, `,&=" `},
		{"StateInterface", c.StateInterface, `,&=" `},
		{"Name", c.Name, ","},
		{"Reason", c.Reason, ""},
	} {
		if problem := checkText(text.value, text.banned); problem != "" {
			return &InvalidError{Field: text.field, Problem: problem}
		}
	}
	if !strings.Contains(c.Interface, "/") {
		return &InvalidError{Field: "Interface", Problem: "is not a technology, a slash and a name"}
	}
	return nil
}

// checkText says what is wrong with a text that goes to Asterisk, "" if nothing is.
func checkText(text, banned string) string {
	const always = ";|"
	switch {
	case len(text) > maxText:
		return fmt.Sprintf("is longer than %d bytes", maxText)
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "contains a control character"
	case strings.TrimSpace(text) != text:
		return "begins or ends with a space"
	case strings.ContainsAny(text, banned+always):
		return "contains one of the characters " + banned + always
	case strings.Contains(text, "${"), strings.Contains(text, "$["):
		return "contains what a dialplan would work out"
	}
	return ""
}

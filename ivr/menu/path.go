package menu

import (
	"time"
)

// Path is the way that a call took. Secret digits are not in it.
type Path struct {
	// ID and Channel are the channel's id and name, Start when the menus began.
	ID      string    `json:"id"`
	Channel string    `json:"channel,omitempty"`
	Start   time.Time `json:"start"`
	// Caller is the caller's number, Language the language at the end.
	Caller   string  `json:"caller,omitempty"`
	Language string  `json:"language,omitempty"`
	Visits   []Visit `json:"visits"`
	// Outcome is how it ended: hungup by the caller, hangup by the menus, sent on, or failed.
	Outcome Outcome `json:"outcome"`
	// Seconds are how long the menus had the call.
	Seconds float64 `json:"seconds"`
}

// Outcome is how a call left the menus.
type Outcome string

// The outcomes of calls.
const (
	// HungUp: the caller hung up. Ended: the menus did. SentOn: it went on in the dialplan, or elsewhere. Failed: an error ended it.
	HungUp Outcome = "hung up"
	Ended  Outcome = "ended"
	SentOn Outcome = "sent on"
	Failed Outcome = "failed"
)

// Visit is a stay at a node.
type Visit struct {
	Node string `json:"node"`
	Kind string `json:"kind"`
	// Seconds is when it began, from the beginning of the Path, Took how long it took.
	Seconds float64 `json:"at"`
	Took    float64 `json:"took"`
	// Prompts are the sounds that were played, at least in part.
	Prompts []string `json:"prompts,omitempty"`
	// Missing are sounds that could not be played.
	Missing []string `json:"missing,omitempty"`
	// Inputs are what the caller entered, one for each time that he was asked. Secret ones are ****, nothing is "".
	Inputs []string `json:"inputs,omitempty"`
	// Outcome is what came of it, such as "option 1", "no input" or "next", To the node, or the target, that came next.
	Outcome string `json:"outcome"`
	To      string `json:"to,omitempty"`
}

// masked stands for secret digits, however many.
const masked = "****"

// Nodes are the nodes of the path, in order, with what came of each, for tests and logs: "main:option 1".
func (p *Path) Nodes() []string {
	list := make([]string, len(p.Visits))
	for i := range p.Visits {
		list[i] = p.Visits[i].Node + ":" + p.Visits[i].Outcome
	}
	return list
}

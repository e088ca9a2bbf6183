package routing

import (
	"encoding/json"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// Cause is why a call goes where it goes.
type Cause string

// The causes.
const (
	// ByRule: a rule says so.
	ByRule Cause = "rule"
	// ByFallback: the desk of the rule could not take it, and another one of its fallbacks can; or the desk has not
	// answered, see [Decision.Next].
	ByFallback Cause = "fallback"
	// ByDefault: no rule is about it, or the rule's desk and all its fallbacks could not take it.
	ByDefault Cause = "default"
	// ByUnavailable: the default, after a directory that might know the caller did not answer.
	ByUnavailable Cause = "directory_unavailable"
)

// Decision is where a call goes, and why.
type Decision struct {
	// Desk is the desk's name, Title its name for people, Target where it is.
	Desk   string `json:"desk"`
	Title  string `json:"title"`
	Target Target `json:"target"`
	// Cause is why. Rule is the name of the rule that decided, Wanted its desk; both are empty if there is none.
	Cause  Cause  `json:"cause"`
	Rule   string `json:"rule,omitempty"`
	Wanted string `json:"wanted,omitempty"`
	// Ask is the name of a question that a rule wants to be asked; see [Router.Converse]. Desk is then where the call goes
	// if it is not.
	Ask string `json:"ask,omitempty"`
	// Caller and Dialled are the numbers.
	Caller  numbers.Number `json:"caller,omitzero"`
	Dialled numbers.Number `json:"dialled,omitzero"`
	// Known says that Person is who calls. If not, and some share the caller's number, Person is what they have in common.
	// Username is what the caller has said, if anything.
	Known    bool             `json:"known"`
	Person   directory.Person `json:"person,omitzero"`
	Username string           `json:"username,omitempty"`
	// Identify is what the directory said, Unidentified the error of the lookup: of the username, if there is one and the
	// directory knows it, else of the number.
	Identify     directory.Answer `json:"identify,omitzero"`
	Unidentified error            `json:"-"`
	// Prompts are sound files to play before the call goes to its target, in order.
	Prompts []string `json:"prompts,omitempty"`
	// Steps are how it came about, in order.
	Steps []Step `json:"steps"`
	// At is when the call came, Took how long it took to decide, without the time in which the caller was asked.
	At   time.Time     `json:"at"`
	Took time.Duration `json:"took_ns"`

	byNumber Result // what the directory said about the number, if Identify is that

	set   *Set
	load  *busy
	desk  int32
	tried []int32 // the desks that could not take it
}

// Step is one thing that was tried.
type Step struct {
	// What was tried: identify, ask, rule or desk.
	What What `json:"what"`
	// Name is the rule's, the question's or the desk's; of identify it is the number, or the username.
	Name string `json:"name,omitempty"`
	// Result is how it ended.
	Result Result `json:"result"`
	// Detail says more: the condition that was not met, as in "person.unit", why a desk could not take the call, how many
	// rules are not told.
	Detail string        `json:"detail,omitempty"`
	Took   time.Duration `json:"took_ns"`
}

// What is what a step is about.
type What string

// What steps are about.
const (
	Identify What = "identify"
	AskStep  What = "ask"
	RuleStep What = "rule"
	DeskStep What = "desk"
)

// Result is how a step ended.
type Result string

// The results of steps.
const (
	// Found, NotFound, Ambiguous and Unavailable are what a directory says; Withheld that there was nothing to look for;
	// NoDirectory that there is none.
	Found       Result = "found"
	NotFound    Result = "not_found"
	Ambiguous   Result = "ambiguous"
	Unavailable Result = "unavailable"
	Withheld    Result = "withheld"
	NoDirectory Result = "no_directory"
	// Nothing: the caller has typed nothing; GaveUp: the call is over.
	Nothing Result = "nothing"
	GaveUp  Result = "gave_up"
	// Matched and NoMatch are of rules; Asked is of one that was met and wants the caller to be asked, AlreadyAsked and
	// NotAsked of one that would.
	Matched      Result = "matched"
	NoMatch      Result = "no_match"
	Asked        Result = "ask"
	AlreadyAsked Result = "already_asked"
	NotAsked     Result = "not_asked"
	// More stands for rules that were tried and are not told, because there are too many.
	More Result = "more"
	// Takes and CannotTake are of desks.
	Takes      Result = "takes"
	CannotTake Result = "cannot_take"
)

// MaxSteps bounds the steps of a decision that tell of rules.
const MaxSteps = 32

// MarshalJSON adds the error's text.
func (d Decision) MarshalJSON() ([]byte, error) {
	type plain Decision
	text := ""
	if d.Unidentified != nil {
		text = d.Unidentified.Error()
	}
	return json.Marshal(struct {
		plain
		Reason string `json:"reason"`
		Error  string `json:"identify_error,omitempty"`
	}{plain(d), d.Reason(), text})
}

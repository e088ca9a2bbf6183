package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// Answer is the answer to a lookup and how it came about.
type Answer struct {
	// Person is who it is; its Source says who knows. Only if the error was nil.
	Person Person `json:"person,omitzero"`
	// Match says how well the number agrees: Exact or National. Only of a person found by number.
	Match numbers.Match `json:"match,omitzero"`
	// Candidates are those of whom it could be one, best match first, at most [MaxCandidates]. Only with ErrAmbiguous and
	// ErrUnavailable.
	Candidates []Candidate `json:"candidates,omitempty"`
	// Steps are the sources asked, in order. Those of a cached answer are of the time when it was found.
	Steps []Step `json:"steps,omitempty"`
	// Took is how long the lookup took. It is zero if the answer was cached.
	Took time.Duration `json:"took_ns,omitempty"`
	// Cached says that no source was asked for this answer, Age how old it is.
	Cached bool          `json:"cached,omitempty"`
	Age    time.Duration `json:"age_ns,omitempty"`
	// Stale says that the answer is older than it should be and was given because no source answers.
	Stale bool `json:"stale,omitempty"`
}

// Candidate is somebody who may be the one.
type Candidate struct {
	Person Person        `json:"person"`
	Match  numbers.Match `json:"match,omitzero"`
}

// MaxCandidates bounds the candidates of an answer.
const MaxCandidates = 20

// Step is one source's part in a lookup.
type Step struct {
	Source string        `json:"source"`
	Result Result        `json:"result"`
	Took   time.Duration `json:"took_ns"`
	// People is how many people the source returned, before they were judged.
	People int `json:"people,omitempty"`
	// Err is why it failed or was not asked.
	Err error `json:"-"`
}

// Result is how a source's part in a lookup ended.
type Result string

// The results of a step.
const (
	// Found: it knows the one.
	Found Result = "found"
	// Ambiguous: it knows some of whom it could be one.
	Ambiguous Result = "ambiguous"
	// NotFound: it knows nobody.
	NotFound Result = "not_found"
	// Failed: it answered with an error.
	Failed Result = "failed"
	// TimedOut: it did not answer before its deadline, or before the budget was spent.
	TimedOut Result = "timeout"
	// Cancelled: whoever asked has given up.
	Cancelled Result = "cancelled"
	// Skipped: it was not asked, because it has failed lately, because too many questions are open, or because the budget
	// was spent.
	Skipped Result = "skipped"
)

// MarshalJSON adds the error's text.
func (s Step) MarshalJSON() ([]byte, error) {
	type plain Step
	text := ""
	if s.Err != nil {
		text = s.Err.Error()
	}
	return json.Marshal(struct {
		plain
		Error string `json:"error,omitempty"`
	}{plain(s), text})
}

func (s Step) String() string {
	text := fmt.Sprintf("%s: %s in %v", s.Source, strings.ReplaceAll(string(s.Result), "_", " "), s.Took.Round(10*time.Microsecond))
	if s.Result == Skipped {
		text = s.Source + ": skipped"
	}
	if s.Err != nil {
		text += " (" + s.Err.Error() + ")"
	}
	return text
}

// String tells the answer in a line, e.g. "Maria Papadaki (papadaki, School 12) by ldap, exact; ldap: found in 2.1ms".
func (a Answer) String() string {
	var parts []string
	switch {
	case a.Person.Source != "" || a.Person.Username != "":
		parts = append(parts, describe(a.Person, a.Match))
	case len(a.Candidates) > 0:
		var who []string
		for _, c := range a.Candidates {
			who = append(who, describe(c.Person, c.Match))
		}
		parts = append(parts, "one of: "+strings.Join(who, ", "))
	default:
		parts = append(parts, "nobody")
	}
	switch {
	case a.Stale:
		parts = append(parts, fmt.Sprintf("remembered from %v ago, because no source answers", a.Age.Round(time.Second)))
	case a.Cached:
		parts = append(parts, fmt.Sprintf("remembered from %v ago", a.Age.Round(time.Second)))
	}
	for _, step := range a.Steps {
		parts = append(parts, step.String())
	}
	return strings.Join(parts, "; ")
}

func describe(p Person, match numbers.Match) string {
	text := p.DisplayName()
	var more []string
	for _, s := range []string{p.Username, p.Unit} {
		if s != "" && s != text {
			more = append(more, s)
		}
	}
	if len(more) > 0 {
		text += " (" + strings.Join(more, ", ") + ")"
	}
	text += " by " + p.Source
	if match != numbers.None {
		text += ", " + match.String()
	}
	return text
}

// unavailable is ErrUnavailable with the reasons.
func unavailable(steps []Step) error {
	reasons := []error{}
	for _, s := range steps {
		if s.Err != nil {
			reasons = append(reasons, fmt.Errorf("%s: %w", s.Source, s.Err))
		}
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, errors.Join(reasons...))
}

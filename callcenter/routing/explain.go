package routing

import (
	"fmt"
	"strings"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// Explain tells the decision as a person would, in some lines.
func (d *Decision) Explain() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s", d.explainCaller())
	for _, s := range d.Steps {
		line("%s", d.explainStep(s))
	}
	switch d.Cause {
	case ByRule:
		line("So the call goes to %s, because of %q.", d.place(), d.Rule)
	case ByFallback:
		line("So the call goes to %s, in place of %s.", d.place(), d.Wanted)
	case ByUnavailable:
		line("So the call goes to %s, the default, because the directory did not answer.", d.place())
	case ByDefault:
		line("So the call goes to %s, the default.", d.place())
	}
	if len(d.Prompts) > 0 {
		line("Before that the caller hears %s.", strings.Join(d.Prompts, ", then "))
	}
	if d.Ask != "" {
		line("But first the caller is asked %q, and then it is decided again.", d.Ask)
	}
	line("It took %v to decide.", round(d.Took))
	return b.String()
}

func (d *Decision) place() string {
	text := d.Title
	if d.Title != d.Desk {
		text += " (" + d.Desk + ")"
	}
	return text + ", " + string(d.Target.Kind) + " " + d.Target.Data
}

func round(took time.Duration) time.Duration {
	if took > time.Millisecond {
		return took.Round(10 * time.Microsecond)
	}
	return took.Round(100 * time.Nanosecond)
}

func (d *Decision) explainCaller() string {
	n := d.Caller
	var text string
	switch n.Kind {
	case numbers.Withheld:
		text = "The caller withholds the number"
	case numbers.Extension:
		text = n.Digits + " is an extension"
	case numbers.Short:
		text = n.Digits + " is a short code in " + n.Region
	case numbers.Public:
		text = fmt.Sprintf("%s (%s) is a number in %s", d.shown(n), n.E164, n.Region)
		if n.Line != numbers.OtherLine {
			text = fmt.Sprintf("%s (%s) is a %s number in %s", d.shown(n), n.E164, n.Line, n.Region)
		}
	case numbers.Unknown:
		text = fmt.Sprintf("%q is no telephone number that is known here", n.Raw)
	}
	if d.Dialled.Raw != "" {
		text += ", and calls " + d.shown(d.Dialled)
	}
	return text + ", at " + d.At.Format("Mon 2006-01-02 15:04 MST") + "."
}

func (d *Decision) explainStep(s Step) string {
	text := ""
	switch s.What {
	case Identify:
		text = d.explainIdentify(s)
	case AskStep:
		text = fmt.Sprintf("The caller was asked %q: %s", s.Name, s.Result.words())
		if s.Detail != "" {
			text += " (" + s.Detail + ")"
		}
	case RuleStep:
		text = d.explainRule(s)
	case DeskStep:
		if s.Result == Takes {
			return "Desk " + s.Name + " takes the call."
		}
		text = "Desk " + s.Name + " does not take the call: " + s.Detail
	}
	if s.Took == 0 {
		return text + "."
	}
	return fmt.Sprintf("%s. [%v]", text, round(s.Took))
}

func (d *Decision) explainRule(s Step) string {
	switch s.Result {
	case NoMatch:
		return fmt.Sprintf("Rule %q is not about this call: %s", s.Name, d.differs(s.Detail))
	case Asked:
		return fmt.Sprintf("Rule %q wants the caller to be asked %q; without that it goes on", s.Name, s.Detail)
	case AlreadyAsked:
		return fmt.Sprintf("Rule %q is over: the caller was asked %q already", s.Name, s.Detail)
	case NotAsked:
		return fmt.Sprintf("Rule %q would ask the caller %q, which is of no use now", s.Name, s.Detail)
	case More:
		return "And " + s.Detail + " more rules were tried that are not about this call"
	default:
		return fmt.Sprintf("Rule %q is about this call", s.Name)
	}
}

func (d *Decision) explainIdentify(s Step) string {
	switch s.Result {
	case Found:
		return "The directory knows " + s.Name + ": " + d.Identify.String()
	case NotFound:
		return "The directory does not know " + s.Name
	case Ambiguous:
		text := "The directory is not sure who " + s.Name + " is: " + d.Identify.String()
		if d.Person.Unit != "" {
			text += "; all are of " + d.Person.Unit
		}
		return text
	case Withheld:
		return "There is no number to look for in the directory"
	case NoDirectory:
		return "There is no directory to ask"
	default:
		return "The directory did not answer: " + d.trouble()
	}
}

// about says how a number differs from what a rule wants of it.
var about = map[string]string{
	"number": "is another one", "prefix": "begins otherwise", "range": "is not in its range", "last": "ends otherwise",
	"match": "does not fit its expression", "region": "is of another country", "kind": "is of another kind", "line": "is another kind of line",
}

// differs says what is otherwise than a rule wants, by the name of its condition.
func (d *Decision) differs(condition string) string {
	side, field, _ := strings.Cut(condition, ".")
	switch side {
	case "caller":
		return "the caller's number " + about[field]
	case "dialled":
		return "the dialled number " + about[field]
	case "person":
		return d.differsPerson(field)
	case "open":
		return "its calendar has no hours now"
	case "closed":
		return "its calendar has hours now"
	case "language":
		return "the call is in another language"
	case "previous":
		return "no such desk has served the caller lately"
	}
	return "the load is another one, or is not known"
}

func (d *Decision) differsPerson(field string) string {
	p := &d.Person
	name, attribute, _ := strings.Cut(field, ".")
	switch name {
	case "username":
		return "the username is " + p.Username
	case "unit":
		return "the unit is " + quoted(p.Unit)
	case "organisation":
		return "the organisation is " + quoted(p.Organisation)
	case "group":
		return "the person is in none of its groups"
	case "attributes":
		return "the " + attribute + " is " + quoted(strings.Join(p.Attribute(attribute), ", "))
	}
	switch {
	case d.Known:
		return "the caller is known"
	case d.unanswered():
		return "the directory has not said who the caller is"
	}
	return "the caller is not known"
}

func quoted(text string) string {
	if text == "" {
		return "empty"
	}
	return fmt.Sprintf("%q", text)
}

package routing

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// Reason tells in one line why the call goes where it goes, e.g. "Maria Papadaki of patra; rule patra; desk patra".
func (d *Decision) Reason() string {
	parts := []string{d.who()}
	for _, s := range d.Steps {
		if s.What == AskStep {
			parts = append(parts, "asked "+s.Name+": "+s.Result.words())
		}
	}
	switch {
	case d.Rule != "":
		parts = append(parts, d.Rule)
	case d.Cause == ByUnavailable:
		parts = append(parts, "the directory did not answer: "+d.trouble())
	default:
		parts = append(parts, "no rule is about this call")
	}
	for _, s := range d.Steps {
		if s.What == DeskStep && s.Result == CannotTake {
			parts = append(parts, "not "+s.Name+": "+s.Detail)
		}
	}
	goes := "desk " + d.Desk
	switch d.Cause {
	case ByFallback:
		goes = "fallback " + d.Desk
	case ByDefault, ByUnavailable:
		goes = "default " + d.Desk
	case ByRule:
	}
	return strings.Join(append(parts, goes), "; ")
}

// words are a result as people say it.
func (r Result) words() string { return strings.ReplaceAll(string(r), "_", " ") }

// who names the caller.
func (d *Decision) who() string {
	if d.Known {
		text := d.Person.DisplayName()
		if d.Person.Unit != "" {
			text += " of " + d.Person.Unit
		}
		return text
	}
	return shown(d.Caller)
}

// shown is a number as people write it.
func shown(n numbers.Number) string {
	switch {
	case n.Kind == numbers.Withheld:
		return "a withheld number"
	case n.Display != "":
		return n.Display
	}
	return n.String()
}

// trouble is why the directory did not answer: each source's failure, without line breaks.
func (d *Decision) trouble() string {
	var parts []string
	for _, s := range d.Identify.Steps {
		if s.Err != nil {
			parts = append(parts, s.Source+": "+s.Err.Error())
		}
	}
	if len(parts) == 0 && d.Unidentified != nil {
		parts = append(parts, d.Unidentified.Error())
	}
	return strings.Join(strings.Fields(strings.Join(parts, "; ")), " ")
}

// attributes are the decision as a line of a log.
func (d *Decision) attributes() []slog.Attr {
	attributes := []slog.Attr{
		slog.String("caller", d.Caller.String()), slog.String("desk", d.Desk), slog.String("target", d.Target.String()),
		slog.String("cause", string(d.Cause)), slog.String("reason", d.Reason()), slog.Duration("took", d.Took),
	}
	for _, s := range d.Steps {
		if s.What == Identify {
			attributes = append(attributes, slog.String("directory", s.Result.words()), slog.Duration("directory_took", s.Took))
		}
	}
	if d.Known {
		attributes = append(attributes, slog.String("person", d.Person.Username), slog.String("unit", d.Person.Unit))
	}
	return attributes
}

// LogValue implements [slog.LogValuer].
func (d Decision) LogValue() slog.Value { return slog.GroupValue(d.attributes()...) }

// String is the reason.
func (d Decision) String() string { return d.Reason() }

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
		text = fmt.Sprintf("%s (%s) is a number in %s", n.Display, n.E164, n.Region)
		if n.Line != numbers.OtherLine {
			text = fmt.Sprintf("%s (%s) is a %s number in %s", n.Display, n.E164, n.Line, n.Region)
		}
	case numbers.Unknown:
		text = fmt.Sprintf("%q is no telephone number that is known here", n.Raw)
	}
	if d.Dialled.Raw != "" {
		text += ", and calls " + shown(d.Dialled)
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
		text = explainRule(s)
	case DeskStep:
		if s.Result == Takes {
			return "Desk " + s.Name + " takes the call."
		}
		text = "Desk " + s.Name + " does not take the call: " + s.Detail
	}
	return fmt.Sprintf("%s. [%v]", text, round(s.Took))
}

func explainRule(s Step) string {
	switch s.Result {
	case NoMatch:
		return fmt.Sprintf("Rule %q is not about this call: %s differs", s.Name, s.Detail)
	case Asked:
		return fmt.Sprintf("Rule %q wants the caller to be asked %q; if not:", s.Name, s.Detail)
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
		return "The directory is not sure who " + s.Name + " is: " + d.Identify.String()
	case Withheld:
		return "There is no number to look for in the directory"
	case NoDirectory:
		return "There is no directory to ask"
	default:
		return "The directory did not answer: " + d.trouble()
	}
}

package routing

import (
	"log/slog"
	"strings"

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
	if d.unanswered() {
		parts = append(parts, "the directory did not answer: "+d.trouble())
	}
	switch {
	case d.Rule != "":
		parts = append(parts, d.Rule)
	case d.Cause != ByUnavailable:
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
	if d.Person.Unit != "" {
		return d.shown(d.Caller) + " of " + d.Person.Unit
	}
	return d.shown(d.Caller)
}

// unanswered tells whether the last time it was asked the directory did not answer.
func (d *Decision) unanswered() bool {
	return d.Unidentified != nil && resultOf(d.Unidentified) == Unavailable
}

// shown is a number as people write it, one from abroad in full.
func (d *Decision) shown(n numbers.Number) string {
	switch {
	case n.Kind == numbers.Withheld:
		return "a withheld number"
	case n.E164 != "" && !strings.EqualFold(n.Region, d.set.numbers.Region):
		return n.E164
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

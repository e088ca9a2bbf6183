package routing

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// Variable is a channel variable and its value.
type Variable struct{ Name, Value string }

// Variables are the decision for the dialplan, always the same names in the same order:
//
//	ROUTE_TARGET    where the call goes, as kind:data; ROUTE_KIND and ROUTE_DATA are its parts
//	ROUTE_DESK      the desk's name
//	ROUTE_CAUSE     rule, fallback, default or directory_unavailable
//	ROUTE_RULE      the name of the rule
//	ROUTE_REASON    why, in a line
//	ROUTE_PROMPTS   sound files to play before, joined by & as Playback() takes them
//	CALLER_NUMBER   the caller's number in E.164, or its digits; CALLER_DISPLAY as people write it
//	CALLER_KIND     withheld, extension, short, public or unknown
//	CALLER_NAME, CALLER_USERNAME, CALLER_UNIT, CALLER_ORGANISATION, CALLER_EMAIL   of the person, if known
//	CALLER_SOURCE   the source that knows the person
//
// If some people share the caller's number, CALLER_UNIT and CALLER_ORGANISATION are what they have in common.
//
// Whatever comes from a caller or a directory holds letters, digits, blanks and .:;@_+'/- only, in at most [MaxVariable]
// bytes: no character that means something to a dialplan.
func (d *Decision) Variables() []Variable {
	kind := d.Caller.Kind
	if kind == numbers.Unknown {
		kind = "unknown"
	}
	var display string
	if kind != numbers.Withheld {
		display = d.shown(d.Caller)
	}
	email := ""
	if len(d.Person.Emails) > 0 {
		email = d.Person.Emails[0]
	}
	return []Variable{
		{"ROUTE_TARGET", d.Target.String()},
		{"ROUTE_KIND", string(d.Target.Kind)},
		{"ROUTE_DATA", d.Target.Data},
		{"ROUTE_DESK", d.Desk},
		{"ROUTE_CAUSE", string(d.Cause)},
		{"ROUTE_RULE", clean(d.Rule)},
		{"ROUTE_REASON", clean(d.Reason())},
		{"ROUTE_PROMPTS", joined(d.Prompts)},
		{"CALLER_NUMBER", clean(numberKey(d.Caller))},
		{"CALLER_DISPLAY", clean(display)},
		{"CALLER_KIND", string(kind)},
		{"CALLER_NAME", clean(d.Person.DisplayName())},
		{"CALLER_USERNAME", clean(d.Person.Username)},
		{"CALLER_UNIT", clean(d.Person.Unit)},
		{"CALLER_ORGANISATION", clean(d.Person.Organisation)},
		{"CALLER_EMAIL", clean(email)},
		{"CALLER_SOURCE", clean(d.Person.Source)},
	}
}

// MaxVariable is the longest value of a variable in bytes.
const MaxVariable = 500

// joined are sound files as Playback() takes them, as many of the last ones as fit: the last is that of the desk.
func joined(files []string) string {
	text := ""
	for i := len(files) - 1; i >= 0; i-- {
		if text != "" && len(files[i])+1+len(text) > MaxVariable {
			break
		}
		text = strings.TrimSuffix(files[i]+"&"+text, "&")
	}
	return text
}

// clean makes a text safe wherever a dialplan puts it: what might mean something becomes a blank, and blanks become one.
func clean(text string) string {
	var b strings.Builder
	blank := false
	for _, r := range text {
		switch {
		case r == utf8.RuneError, !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".:;@_+'/-", r):
			blank = b.Len() > 0
			continue
		case b.Len()+utf8.RuneLen(r)+1 > MaxVariable:
			return b.String()
		case blank:
			b.WriteByte(' ')
			blank = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

package record

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// DefaultTemplate makes the names of recordings as FreePBX has them, in a folder of each day.
const DefaultTemplate = "{year}/{month}/{day}/{direction}-{exten}-{number}-{date}-{time}-{uniqueid}"

// Limits of what is made.
const (
	maxValue    = 40
	maxTemplate = 256
	maxElement  = 240 // of a path, before the side and the extension: file systems take 255
)

// fields are what may be in braces.
var fields = map[string]func(r *Request, at time.Time) string{
	"year":      func(_ *Request, at time.Time) string { return at.Format("2006") },
	"month":     func(_ *Request, at time.Time) string { return at.Format("01") },
	"day":       func(_ *Request, at time.Time) string { return at.Format("02") },
	"date":      func(_ *Request, at time.Time) string { return at.Format("20060102") },
	"time":      func(_ *Request, at time.Time) string { return at.Format("150405") },
	"direction": func(r *Request, _ time.Time) string { return clean(r.Direction) },
	"number":    func(r *Request, _ time.Time) string { return clean(r.Number) },
	"exten":     func(r *Request, _ time.Time) string { return clean(r.Exten) },
	"queue":     func(r *Request, _ time.Time) string { return clean(r.Queue) },
	"agent":     func(r *Request, _ time.Time) string { return clean(r.Agent) },
	"uniqueid":  func(r *Request, _ time.Time) string { return clean(r.Uniqueid) },
	"linkedid":  func(r *Request, _ time.Time) string { return clean(r.Linkedid) },
	"id":        func(*Request, time.Time) string { return randomID() },
}

func randomID() string {
	var id [6]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}

// Template makes the names of recordings.
type Template struct{ parts []part }

// part is a text as it is, or a field.
type part struct{ text, field string }

// ParseTemplate reads a template: a path below Asterisk's folder of recordings, without an extension, with fields in braces.
//
//	{year} {month} {day} {date} {time}   of the beginning: 2026, 11, 25, 20261125, 141530
//	{direction} {number} {exten} {queue} {agent} {uniqueid} {linkedid}   of the [Request]
//	{id}   twelve random hexadecimal digits
//
// The text around them is letters, digits and + . _ - and / between folders; no folder begins with a dot. In what comes from
// a Request everything else becomes _, as does a dot or a hyphen at the beginning; at most 40 bytes of it are taken, and
// nothing becomes "none". So a name is always a path below the folder, and never an argument or an expression of the dialplan.
//
// Names must differ: the template has {id}, or {time} and {uniqueid}.
func ParseTemplate(text string) (*Template, error) {
	if text == "" || len(text) > maxTemplate {
		return nil, &ValueError{"Template", fmt.Sprintf("is empty or over %d bytes", maxTemplate)}
	}
	t := &Template{}
	for rest := text; rest != ""; {
		before, after, found := strings.Cut(rest, "{")
		if strings.ContainsFunc(before, func(r rune) bool { return !isPlain(r) && r != '/' }) {
			return nil, &ValueError{"Template", "has a character that is not of letters, digits and + . _ - /"}
		}
		t.parts = append(t.parts, part{text: before})
		if !found {
			break
		}
		name, next, closed := strings.Cut(after, "}")
		if _, ok := fields[name]; !closed || !ok {
			return nil, &ValueError{"Template", fmt.Sprintf("has no field %.20q", name)}
		}
		t.parts, rest = append(t.parts, part{field: name}), next
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	return t, nil
}

// check makes sure of what the text around the fields could break.
func (t *Template) check() error {
	unique := t.has("id") || t.has("time") && t.has("uniqueid")
	if !unique {
		return &ValueError{"Template", "makes the same name twice: it needs {id}, or {time} and {uniqueid}"}
	}
	for folder := range strings.SplitSeq(t.Name(Request{}, time.Time{}), "/") {
		if folder == "" || folder[0] == '.' || folder[0] == '-' {
			return &ValueError{"Template", "has a folder or a file that is empty or begins with . or -"}
		}
	}
	long := strings.Repeat("x", maxValue)
	longest := Request{Direction: long, Number: long, Exten: long, Queue: long, Agent: long, Uniqueid: long, Linkedid: long}
	for element := range strings.SplitSeq(t.Name(longest, time.Time{}), "/") {
		if len(element) > maxElement {
			return &ValueError{"Template", "has too many fields in one name"}
		}
	}
	return nil
}

func (t *Template) has(field string) bool {
	return slices.ContainsFunc(t.parts, func(p part) bool { return p.field == field })
}

// Name makes the name of a recording that begins at a time, in the zone of that time.
func (t *Template) Name(r Request, at time.Time) string {
	var name strings.Builder
	for _, p := range t.parts {
		name.WriteString(p.text)
		if p.field != "" {
			name.WriteString(fields[p.field](&r, at))
		}
	}
	return name.String()
}

// clean makes a part of a name of anything.
func clean(value string) string {
	if value == "" {
		return "none"
	}
	cleaned := make([]byte, 0, min(len(value), maxValue))
	for i := range min(len(value), maxValue) {
		b := value[i]
		if !isPlain(rune(b)) || i == 0 && (b == '.' || b == '-') {
			b = '_'
		}
		cleaned = append(cleaned, b)
	}
	return string(cleaned)
}

func isPlain(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '+' || r == '.' || r == '_' || r == '-'
}

package ari

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Variables are what is set on a channel, a bridge or a message, or comes with a user event. A value is a string, or a
// [Reported] one; a user event takes any JSON.
type Variables map[string]any

// Reported is the value of a variable that events of its channel or bridge are to include from then on. Asterisk 16 does not
// have that.
type Reported string

// MarshalJSON writes the value as Asterisk expects it.
func (r Reported) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"value": string(r), "report_events": true})
}

// EventFilter says which events an application gets. If Allowed is not empty, no others; never those that are Disallowed.
// Both name types, such as ChannelVarset. Asterisk sends some whatever the filter says, such as ApplicationReplaced.
type EventFilter struct {
	Allowed, Disallowed []string
}

// MarshalJSON writes the filter as Asterisk expects it (app_set_event_filter in res/stasis/app.c).
func (f EventFilter) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"allowed": objects(f.Allowed), "disallowed": objects(f.Disallowed)})
}

func objects(types []string) []map[string]string {
	list := make([]map[string]string, len(types))
	for i, name := range types {
		list[i] = map[string]string{"type": name}
	}
	return list
}

// request is one request that is being put together. What is wrong with it is kept until it is sent.
type request struct {
	op    *Operation
	path  string
	query []byte
	body  map[string]any
	whole any // the body as it is, in place of body
	err   error
}

// newRequest begins a request, with the parameters of its path in their order.
func newRequest(op int, path ...string) *request {
	r := &request{op: &operations[op]}
	if len(path) == 0 {
		r.path = r.op.Path
		return r
	}
	var b strings.Builder
	rest := r.op.Path
	for _, value := range path {
		before, after, _ := strings.Cut(rest, "{")
		name, after, _ := strings.Cut(after, "}")
		if value == "" || value == "." || value == ".." {
			r.invalid(name, fmt.Sprintf("is %q", value))
		}
		b.WriteString(before)
		b.WriteString(escape(value))
		rest = after
	}
	b.WriteString(rest)
	r.path = b.String()
	return r
}

func (r *request) invalid(param, problem string) {
	if r.err == nil {
		r.err = &InvalidRequestError{Operation: r.op.String(), Param: param, Problem: problem}
	}
}

// escape writes a value so that it is the same for Asterisk wherever it stands: everything but the letters, digits and marks
// that RFC 3986 reserves for nothing. Asterisk takes a plus for a space (ast_uri_http_legacy in main/utils.c).
func escape(s string) string {
	if strings.IndexFunc(s, func(c rune) bool { return c >= 0x80 || !plain(byte(c)) }) < 0 {
		return s
	}
	return string(appendEscaped(nil, s))
}

func appendEscaped(b []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for _, c := range []byte(s) {
		if plain(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return b
}

func plain(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}

// put adds a parameter to the query.
func (r *request) put(name, value string) {
	if len(r.query) > 0 {
		r.query = append(r.query, '&')
	}
	r.query = appendEscaped(r.query, name)
	r.query = append(r.query, '=')
	r.query = appendEscaped(r.query, value)
	if strings.IndexByte(value, 0) >= 0 {
		r.invalid(name, "has a NUL, at which Asterisk would cut it off")
	}
}

// must adds a parameter that has to be there.
func (r *request) must(name, value string) {
	if value == "" {
		r.invalid(name, "is required")
	}
	r.put(name, value)
}

// str adds a parameter unless it is empty.
func (r *request) str(name, value string) {
	if value != "" {
		r.put(name, value)
	}
}

func (r *request) num(name string, value int64, required bool) {
	if value != 0 || required {
		r.put(name, strconv.FormatInt(value, 10))
	}
}

func (r *request) flag(name string, value bool) {
	if value {
		r.put(name, "true")
	}
}

// duration adds a time in units, rounded up, unless it is zero. None is what is sent for a negative one.
func (r *request) duration(name string, value, unit time.Duration, none int64) {
	switch {
	case value < 0:
		r.put(name, strconv.FormatInt(none, 10))
	case value > 0:
		n := int64((value + unit - 1) / unit)
		if n > 1<<31-1 {
			r.invalid(name, fmt.Sprintf("is %v: over what Asterisk can count", value))
		}
		r.put(name, strconv.FormatInt(n, 10))
	}
}

// addList adds a list. In the query Asterisk splits it at commas; so one whose values have some goes into the body.
func addList[T ~string](r *request, name string, values []T, required bool) {
	if len(values) == 0 {
		if required {
			r.invalid(name, "is required")
		}
		return
	}
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = string(v)
	}
	switch comma := slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, ",") }); {
	case slices.Contains(words, ""):
		r.invalid(name, "has an empty value")
	case !comma:
		r.put(name, strings.Join(words, ","))
	case r.op.Method == http.MethodPost || r.op.Method == http.MethodPut:
		r.set(name, words, true)
	default:
		r.invalid(name, "has a value with a comma, at which Asterisk would split it")
	}
}

// set adds a parameter to the body.
func (r *request) set(name string, value any, there bool) {
	if !there {
		return
	}
	if r.body == nil {
		r.body = map[string]any{}
	}
	r.body[name] = value
}

// filter makes a filter the body.
func (r *request) filter(f EventFilter) { r.whole = f }

// flat makes variables the body.
func (r *request) flat(v Variables) {
	if len(v) > 0 {
		r.whole = v
	}
}

// payload is the body as JSON, nil if there is none.
func (r *request) payload() ([]byte, error) {
	body := r.whole
	if body == nil {
		if r.body == nil {
			return nil, nil
		}
		body = r.body
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, &InvalidRequestError{Operation: r.op.String(), Param: "body", Problem: "cannot be written as JSON: " + err.Error()}
	}
	return text, nil
}

// MarshalJSON writes the tuple as Asterisk expects it.
func (t ConfigTuple) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"attribute": t.Attribute, "value": t.Value})
}

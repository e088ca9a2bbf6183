package ari

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxDepth is how deep JSON may be nested. Asterisk's is less than ten deep; the variables of a user event are the caller's.
const maxDepth = 256

// decodable is a generated type, by its pointer.
type decodable[T any] interface {
	*T
	decode(d *decoder)
}

// decoder reads JSON from a string, so that the strings which it returns are parts of that one and cost nothing. The
// generated decode methods drive it:
//
//	for ok := d.enter(); ok && d.next(); {
//		switch d.key { ... }
//	}
//
// A null is the zero value. A number where a string is expected is its text, and a string where a number is expected is
// read as one: Asterisk's own description of its types is not always right. After the first error everything returns zeros.
type decoder struct {
	text  string
	pos   int
	depth int
	key   string // of the field that next has found
	first bool   // nothing of the innermost object or list has been read yet
	err   error
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = &ProtocolError{Problem: fmt.Sprintf(format, args...) + fmt.Sprintf(" at byte %d", d.pos)}
	}
	d.pos = len(d.text)
}

// peek returns the next byte that is not white space, 0 at the end.
func (d *decoder) peek() byte {
	for d.pos < len(d.text) {
		switch c := d.text[d.pos]; c {
		case ' ', '\t', '\n', '\r':
			d.pos++
		default:
			return c
		}
	}
	return 0
}

// null takes a null.
func (d *decoder) null() bool {
	if d.peek() == 'n' && strings.HasPrefix(d.text[d.pos:], "null") {
		d.pos += len("null")
		return true
	}
	return false
}

// enter takes the beginning of an object; false says that there is none to read.
func (d *decoder) enter() bool { return d.open('{') }

func (d *decoder) open(bracket byte) bool {
	if d.null() {
		return false
	}
	if d.peek() != bracket {
		d.fail("no %c", bracket)
		return false
	}
	if d.depth++; d.depth > maxDepth {
		d.fail("nested over %d deep", maxDepth)
		return false
	}
	d.pos++
	d.first = true
	return true
}

// more reports whether another element comes before the bracket that ends.
func (d *decoder) more(bracket byte) bool {
	c := d.peek()
	if c == bracket {
		d.pos++
		d.depth--
		d.first = false
		return false
	}
	if !d.first {
		if c != ',' {
			d.fail("no comma and no %c", bracket)
			return false
		}
		d.pos++
		d.peek()
	}
	d.first = false
	return d.err == nil
}

// next takes the name of the next field, or the end of the object.
func (d *decoder) next() bool {
	if !d.more('}') {
		return false
	}
	key := d.quoted()
	if d.peek() != ':' {
		d.fail("no colon")
		return false
	}
	d.pos++
	d.key = key
	return true
}

// quoted takes a string.
func (d *decoder) quoted() string {
	if d.peek() != '"' {
		d.fail("no string")
		return ""
	}
	start := d.pos + 1
	for i := start; i < len(d.text); i++ {
		switch c := d.text[i]; {
		case c == '"':
			d.pos = i + 1
			return d.text[start:i]
		case c == '\\':
			return d.escaped(start, i)
		case c < ' ':
			d.pos = i
			d.fail("a control character in a string")
			return ""
		}
	}
	d.fail("a string without an end")
	return ""
}

// escaped takes the rest of a string that has a backslash at i.
func (d *decoder) escaped(start, i int) string {
	for j := i; j < len(d.text); j++ {
		switch c := d.text[j]; {
		case c == '\\':
			j++
		case c < ' ':
			d.pos = j
			d.fail("a control character in a string")
			return ""
		case c == '"':
			d.pos = j + 1
			return d.unescape(d.text[start:j])
		}
	}
	d.fail("a string without an end")
	return ""
}

var simpleEscapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (d *decoder) unescape(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			out = append(out, s[i])
			continue
		}
		i++
		if c := simpleEscapes[s[i]]; c != 0 {
			out = append(out, c)
			continue
		}
		r, size := unicodeEscape(s[i:])
		if size == 0 {
			d.fail("an escape that JSON does not have")
			return ""
		}
		out = utf8.AppendRune(out, r)
		i += size - 1
	}
	return string(out)
}

// unicodeEscape reads uXXXX, or two of them that are one character, and says how long that is.
func unicodeEscape(s string) (r rune, size int) {
	const one, two = len("uXXXX"), len(`uXXXX\uXXXX`)
	if len(s) < one || s[0] != 'u' {
		return 0, 0
	}
	high, err := strconv.ParseUint(s[1:one], 16, 16)
	if err != nil || s[1] == '+' {
		return 0, 0
	}
	if high < 0xd800 || high > 0xdfff {
		return rune(high), one
	}
	if len(s) >= two && s[one] == '\\' && s[one+1] == 'u' && high < 0xdc00 {
		if low, err := strconv.ParseUint(s[one+2:two], 16, 16); err == nil && low >= 0xdc00 && low <= 0xdfff {
			return rune((high-0xd800)<<10|(low-0xdc00)) + 0x10000, two
		}
	}
	return utf8.RuneError, one // half a character, as encoding/json has it
}

// str takes a string; anything else is its text.
func (d *decoder) str() string {
	switch d.peek() {
	case '"':
		return d.quoted()
	case 'n':
		if d.null() {
			return ""
		}
	}
	return d.skip()
}

// number takes the text of a number, which may be in quotes. Empty is none.
func (d *decoder) number() string {
	if d.peek() == '{' || d.peek() == '[' {
		d.fail("no number")
		return ""
	}
	return d.str()
}

func (d *decoder) int() int64 {
	text := d.number()
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		f := d.parseFloat(text)
		if n = int64(f); math.Abs(f) >= math.MaxInt64 {
			d.fail("the number %q is too large", text)
		}
	}
	return n
}

func (d *decoder) float() float64 {
	if text := d.number(); text != "" {
		return d.parseFloat(text)
	}
	return 0
}

func (d *decoder) parseFloat(text string) float64 {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		d.fail("%q is no number", short(text))
		return 0
	}
	return f
}

// duration takes a number of a unit.
func (d *decoder) duration(unit time.Duration) time.Duration {
	return time.Duration(d.float() * float64(unit))
}

func (d *decoder) bool() bool {
	switch text := d.str(); text {
	case "true", "1", "yes":
		return true
	case "false", "0", "no", "":
		return false
	default:
		d.fail("%q is neither true nor false", short(text))
		return false
	}
}

// raw takes any value as it is.
func (d *decoder) raw() json.RawMessage {
	if text := d.skip(); text != "" {
		return json.RawMessage(text)
	}
	return nil
}

func (d *decoder) raws() (list []json.RawMessage) {
	for ok := d.open('['); ok && d.more(']'); {
		list = append(list, d.raw())
	}
	return list
}

func (d *decoder) strings() (list []string) {
	for ok := d.open('['); ok && d.more(']'); {
		list = append(list, d.str())
	}
	return list
}

// types takes a list of objects, and the field type of each.
func (d *decoder) types() (list []string) {
	for ok := d.open('['); ok && d.more(']'); {
		name := ""
		for ok := d.enter(); ok && d.next(); {
			if d.key == "type" {
				name = d.str()
			} else {
				d.skip()
			}
		}
		list = append(list, name)
	}
	return list
}

// stringMap takes an object of strings.
func (d *decoder) stringMap() map[string]string {
	var m map[string]string
	for ok := d.enter(); ok && d.next(); {
		if m == nil {
			m = map[string]string{}
		}
		key := d.key
		m[key] = d.str()
	}
	return m
}

func decodePointer[T any, P decodable[T]](d *decoder) *T {
	if d.null() {
		return nil
	}
	value := new(T)
	P(value).decode(d)
	return value
}

func decodeList[T any, P decodable[T]](d *decoder) (list []T) {
	for ok := d.open('['); ok && d.more(']'); {
		var value T
		P(&value).decode(d)
		list = append(list, value)
	}
	return list
}

// skip takes any value and returns its text.
func (d *decoder) skip() string {
	c := d.peek()
	start := d.pos
	switch c {
	case '{':
		for ok := d.enter(); ok && d.next(); {
			d.skip()
		}
	case '[':
		for ok := d.open('['); ok && d.more(']'); {
			d.skip()
		}
	case '"':
		d.quoted()
	default:
		d.literal()
	}
	if d.err != nil {
		return ""
	}
	return d.text[start:d.pos]
}

// literal takes a number, true, false or null.
func (d *decoder) literal() {
	start := d.pos
	for d.pos < len(d.text) && strings.IndexByte("+-.0123456789abcdefghijklmnopqrstuvwxyzE", d.text[d.pos]) >= 0 {
		d.pos++
	}
	switch text := d.text[start:d.pos]; {
	case text == "true", text == "false", text == "null":
	case text == "":
		d.fail("no value")
	case !isNumber(text):
		d.fail("%q is no value", short(text))
	}
}

// isNumber reports whether a text is a number as JSON has them.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole, s := digits(s)
	if whole == "" || len(whole) > 1 && whole[0] == '0' {
		return false
	}
	if rest, ok := strings.CutPrefix(s, "."); ok {
		var fraction string
		if fraction, s = digits(rest); fraction == "" {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		var exponent string
		if exponent, s = digits(s); exponent == "" {
			return false
		}
	}
	return s == ""
}

func digits(s string) (number, rest string) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[:i], s[i:]
}

// end says that nothing may follow.
func (d *decoder) end() error {
	if d.err == nil {
		if d.peek(); d.pos < len(d.text) {
			d.fail("more than one value")
		}
	}
	return d.err
}

// short is a text for an error, not longer than is of use.
func short(text string) string {
	const most = 80
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "..."
}

// Extra are fields that the version of Asterisk which the package knows does not have, as JSON, by their names.
type Extra map[string]json.RawMessage

// add takes the value of the field that d has found.
func (e *Extra) add(d *decoder) {
	if *e == nil {
		*e = Extra{}
	}
	key := strings.Clone(d.key)
	(*e)[key] = d.raw()
}

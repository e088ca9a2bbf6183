package event

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// FieldError says that a field of an event had a value that is not of its type.
type FieldError struct {
	// Event and Field are their names, as on the wire.
	Event, Field string
	// Value is what it had.
	Value string
	// Type is what was expected, such as "a number".
	Type string
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("event: %s of %s is %q, not %s", e.Field, e.Event, e.Value, e.Type)
}

// Err says which fields had a value that is not of their type, one [*FieldError] for each.
func (b *Base) Err() error { return errors.Join(b.problems...) }

// Timestamp is when Asterisk made the event, as "1795319273.123456" says it, or the zero time.
func (b *Base) Timestamp() time.Time {
	seconds, fraction, _ := strings.Cut(b.message.Get("Timestamp"), ".")
	s, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return time.Time{}
	}
	us, err := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(s, us*int64(time.Microsecond))
}

func (b *Base) problem(field, value, want string) {
	b.problems = append(b.problems, &FieldError{Event: b.message.Event(), Field: field, Value: value, Type: want})
}

// none reports whether a value stands for none.
func none(value string) bool {
	switch value {
	case "", "<unknown>", "<none>", "none", "N/A", "(null)", "-none-":
		return true
	}
	return false
}

func (b *Base) asInt(key, value string) int {
	if n, err := strconv.Atoi(value); err == nil {
		return n
	}
	if !none(value) {
		b.problem(key, value, "a number")
	}
	return 0
}

func (b *Base) asInt64(key, value string) int64 {
	if n, err := strconv.ParseInt(value, 10, 64); err == nil {
		return n
	}
	if !none(value) {
		b.problem(key, value, "a number")
	}
	return 0
}

func (b *Base) asFloat(key, value string) float64 {
	if f, err := strconv.ParseFloat(value, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
		return f
	}
	if !none(value) {
		b.problem(key, value, "a number")
	}
	return 0
}

// asBool reads the words that Asterisk itself takes for true and false (ast_true and ast_false in main/utils.c).
func (b *Base) asBool(key, value string) bool {
	switch strings.ToLower(value) {
	case "yes", "true", "y", "t", "1", "on":
		return true
	case "no", "false", "n", "f", "0", "off":
		return false
	}
	if !none(value) {
		b.problem(key, value, "yes or no")
	}
	return false
}

// maxDuration is what a time.Duration holds, in seconds.
const maxDuration = float64(math.MaxInt64) / float64(time.Second)

func (b *Base) asDuration(key, value string, unit time.Duration) time.Duration {
	if n, err := strconv.ParseInt(value, 10, 64); err == nil && n == n*int64(unit)/int64(unit) {
		return time.Duration(n) * unit
	}
	if f, err := strconv.ParseFloat(value, 64); err == nil && math.Abs(f*unit.Seconds()) < maxDuration {
		return time.Duration(math.Round(f * float64(unit)))
	}
	if !none(value) {
		b.problem(key, value, "a time in units of "+unit.String())
	}
	return 0
}

// asUnix reads seconds since 1970. 0 stands for never.
func (b *Base) asUnix(key, value string) time.Time {
	n, err := strconv.ParseInt(value, 10, 64)
	switch {
	case err != nil && !none(value):
		b.problem(key, value, "seconds since 1970")
		return time.Time{}
	case n == 0:
		return time.Time{}
	}
	return time.Unix(n, 0)
}

// isoLayout is how security events write a time (ast_security_event_iso8601_tv... in main/security_events.c).
const isoLayout = "2006-01-02T15:04:05.999-0700"

func (b *Base) asISO(key, value string) time.Time {
	t, err := time.Parse(isoLayout, value)
	switch {
	case err != nil && !none(value):
		b.problem(key, value, "a time such as "+isoLayout)
		return time.Time{}
	case t.Unix() == 0:
		return time.Time{} // Asterisk's "not known"
	}
	return t
}

// Variable is a channel variable that an event carries, because channelvars in manager.conf names it.
type Variable struct {
	// Channel is the channel that has it, if the event says so: an [OriginateResponse] does. Else it is the channel of the
	// snapshot that the variable is in.
	Channel     string
	Name, Value string
}

func (b *Base) asVariable(variables []Variable, value string) []Variable {
	if variables == nil {
		variables = make([]Variable, 0, 4)
	}
	name, value, _ := strings.Cut(value, "=")
	return append(variables, Variable{Channel: b.channel, Name: name, Value: value})
}

// Report is one report block of an RTCP packet (RFC 3550 section 6.4). Numbers are as Asterisk gives them; DLSR is in
// seconds.
type Report struct {
	SourceSSRC                                                                         string
	FractionLost, CumulativeLost, HighestSequence, SequenceNumberCycles, IAJitter, LSR int64
	DLSR                                                                               float64
}

// maxReports is how many report blocks an RTCP packet can have: their count has 5 bits.
const maxReports = 31

// asReport reads a header such as Report0IAJitter.
func (b *Base) asReport(reports *[]Report, key, value string) bool {
	rest, ok := strings.CutPrefix(key, "Report")
	digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	n, err := strconv.Atoi(rest[:digits])
	if !ok || err != nil || n >= maxReports {
		return false
	}
	for len(*reports) <= n {
		*reports = append(*reports, Report{})
	}
	r := &(*reports)[n]
	switch rest[digits:] {
	case "SourceSSRC":
		r.SourceSSRC = value
	case "FractionLost":
		r.FractionLost = b.asInt64(key, value)
	case "CumulativeLost":
		r.CumulativeLost = b.asInt64(key, value)
	case "HighestSequence":
		r.HighestSequence = b.asInt64(key, value)
	case "SequenceNumberCycles":
		r.SequenceNumberCycles = b.asInt64(key, value)
	case "IAJitter":
		r.IAJitter = b.asInt64(key, value)
	case "LSR":
		r.LSR = b.asInt64(key, value)
	case "DLSR":
		r.DLSR = b.asFloat(key, value)
	default:
		return false
	}
	return true
}

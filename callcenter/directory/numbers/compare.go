package numbers

import "strings"

// Match says how well two numbers agree; a greater one is a better one.
type Match int

const (
	// None says that the numbers differ.
	None Match = iota
	// Suffix says that only the last digits agree. It makes a candidate, never a hit.
	Suffix
	// National says that the national numbers agree, and at least one of them came without a country that can be told.
	National
	// Exact says that it is the same number.
	Exact
)

func (m Match) String() string {
	switch m {
	case Exact:
		return "exact"
	case National:
		return "national"
	case Suffix:
		return "last digits"
	default:
		return "none"
	}
}

// MarshalText implements [encoding.TextMarshaler].
func (m Match) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// Sure tells whether the match is a hit by itself.
func (m Match) Sure() bool { return m >= National }

// MinLastDigits is the least number of last digits that [Compare] takes: fewer would match strangers.
const MinLastDigits = 7

// DefaultLastDigits is the number of last digits compared if nothing else is said.
const DefaultLastDigits = 8

// Compare says how well two numbers agree, by their E.164 forms, then their national numbers, then their last digits.
// Two public numbers that differ agree at most in their last digits. last is raised to [MinLastDigits]; 0 means
// [DefaultLastDigits], and a negative one leaves the last digits out.
func Compare(a, b Number, last int) Match {
	if a.Key() == "" || b.Key() == "" {
		return None
	}
	if a.Kind == b.Kind && a.Key() == b.Key() {
		return Exact
	}
	if a.Kind == Extension || b.Kind == Extension || a.Kind == Short || b.Kind == Short {
		return None
	}
	if national(a, b) || national(b, a) {
		return National
	}
	if last < 0 {
		return None
	}
	last = lastDigits(last)
	if tail := a.Last(last); tail != "" && tail == b.Last(last) {
		return Suffix
	}
	return None
}

// national tells whether the digits of a number of no known country are the national number of a public one.
func national(public, unknown Number) bool {
	return public.Kind == Public && unknown.Kind == Unknown && unknown.Digits != "" &&
		strings.TrimLeft(unknown.Digits, "0") == strings.TrimLeft(public.National, "0")
}

func lastDigits(last int) int {
	if last == 0 {
		return DefaultLastDigits
	}
	return max(last, MinLastDigits)
}

package numbers

import "strings"

// Kind says what a number is. The zero value is Unknown.
type Kind string

const (
	// Unknown is neither of the others: a name, a number of no known country, digits that mean nothing here.
	Unknown Kind = ""
	// Withheld is a caller who does not show a number, or of whom the network knows none.
	Withheld Kind = "withheld"
	// Extension is a number of the PBX's own, by [Config].Extensions.
	Extension Kind = "extension"
	// Short is a short code of the region, e.g. 112.
	Short Kind = "short"
	// Public is a number of the public telephone network: E164 is set.
	Public Kind = "public"
)

// Number is a telephone number as it was given and in the forms that can be compared. It is made by [Plan.Parse]. It is a
// plain value, comparable with ==; two numbers that mean the same line may differ in Raw, see [Compare].
type Number struct {
	// Raw is the text as it was given, at most [MaxLength] bytes of it.
	Raw string `json:"raw"`
	// Kind says which of the other fields are set.
	Kind Kind `json:"kind,omitempty"`
	// Digits are the digits of Raw in ASCII, with * and #, without anything else. Empty if Raw holds letters.
	Digits string `json:"digits,omitempty"`
	// E164 is "+", country code and national number, e.g. "+302101234567". Only of Public numbers.
	E164 string `json:"e164,omitempty"`
	// National is the national significant number: without country code and without a prefix such as Iran's 0. Only of
	// Public numbers.
	National string `json:"national,omitempty"`
	// Region is the number's country in ISO 3166-1 (GR), not the trunk's. Of Public and Short numbers; "001" for numbers of
	// no country.
	Region string `json:"region,omitempty"`
	// Line is the kind of line, as far as the number tells. Only of Public numbers.
	Line Line `json:"line,omitempty"`
	// Display is the number as people in its country write it, e.g. "210 123 4567"; of the others the digits, else Raw.
	Display string `json:"display,omitempty"`
}

// Line is a kind of telephone line.
type Line string

// The kinds of lines. In some countries mobile and fixed lines share numbers: FixedOrMobile.
const (
	OtherLine     Line = ""
	Fixed         Line = "fixed"
	Mobile        Line = "mobile"
	FixedOrMobile Line = "fixed-or-mobile"
	TollFree      Line = "toll-free"
	Premium       Line = "premium"
)

// Key is what identifies the number: its E.164 form, else its digits, else its text in small letters. It is empty if the
// number is withheld.
func (n Number) Key() string {
	switch {
	case n.Kind == Withheld:
		return ""
	case n.E164 != "":
		return n.E164
	case n.Digits != "":
		return n.Digits
	}
	return strings.ToLower(n.Raw)
}

// String is the number's key, or "withheld".
func (n Number) String() string {
	if n.Kind == Withheld {
		return string(Withheld)
	}
	return n.Key()
}

// Last returns the last count digits of the number; empty if it has fewer.
func (n Number) Last(count int) string {
	digits := n.Digits
	if n.E164 != "" {
		digits = n.E164[1:]
	}
	if count <= 0 || len(digits) < count {
		return ""
	}
	return digits[len(digits)-count:]
}

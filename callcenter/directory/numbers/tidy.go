package numbers

import (
	"regexp"
	"strings"
	"unicode"
)

// tidied is a text with what is not the number taken away.
type tidied struct {
	text   string // what stands for the number, in the characters that came
	plus   bool   // it begins with +
	digits string // its digits in ASCII with * and #; empty if there is anything but digits and their usual separators
}

// number is the digits with their plus.
func (t tidied) number() string {
	if t.plus {
		return "+" + t.digits
	}
	return t.digits
}

// inside is what people write after a number to tell whom to ask for behind it.
var inside = regexp.MustCompile(`(?i)(\p{Nd}\)?)[\s,]*(?:ext(?:ension)?|x|int|εσ(?:ωτ(?:ερικ[όο])?)?|داخلی)[.:]?\s*\p{Nd}{1,6}$`)

// tidy finds the number in what a SIP header, a tel URI (RFC 3966) or a person wrote.
func tidy(text string) tidied {
	t := tidied{text: unwrap(text)}
	t.text = inside.ReplaceAllString(t.text, "$1")
	rest := strings.Replace(t.text, "(0)", "", 1) // +30 (0)210: only from abroad it is not dialled
	if !strings.HasPrefix(rest, "+") {
		rest = t.text
	}
	var digits strings.Builder
	for _, r := range rest {
		d, isDigit := digit(r)
		switch {
		case isDigit:
			digits.WriteByte(d)
		case (r == '+' || r == '＋') && digits.Len() == 0:
			t.plus = true
		case !separator(r):
			return t
		}
	}
	t.digits = digits.String()
	if strings.Trim(t.digits, "*#") == "" {
		t.digits = ""
	}
	return t
}

// unwrap takes a number out of a name-addr and a URI: "Name" <sip:+30210@host;user=phone>.
func unwrap(text string) string {
	text = strings.TrimFunc(text, invisible)
	if _, after, ok := strings.Cut(text, "<"); ok {
		text, _, _ = strings.Cut(after, ">")
	}
	scheme, rest, ok := strings.Cut(text, ":")
	if ok {
		switch strings.ToLower(scheme) {
		case "sip", "sips", "tel":
			text = rest
		}
	}
	text, parameters, _ := strings.Cut(text, ";")
	text, _, _ = strings.Cut(text, "@")
	if context := phoneContext(parameters); context != "" && !strings.HasPrefix(text, "+") {
		text = context + text
	}
	return strings.TrimFunc(text, invisible)
}

// phoneContext is the international prefix that a tel URI's local number lacks (RFC 3966, 5.1.5), if it has one.
func phoneContext(parameters string) string {
	for parameter := range strings.SplitSeq(parameters, ";") {
		parameter, _, _ = strings.Cut(parameter, "@")
		if context, ok := strings.CutPrefix(parameter, "phone-context="); ok && strings.HasPrefix(context, "+") {
			return context
		}
	}
	return ""
}

// digit is a decimal digit of the scripts that telephones meet, and what a telephone has beside them.
func digit(r rune) (byte, bool) {
	switch {
	case '0' <= r && r <= '9' || r == '*' || r == '#':
		return byte(r), true
	case '٠' <= r && r <= '٩': // Arabic, U+0660
		return byte('0' + r - '٠'), true
	case '۰' <= r && r <= '۹': // Persian, U+06F0
		return byte('0' + r - '۰'), true
	case '０' <= r && r <= '９': // full width, U+FF10
		return byte('0' + r - '０'), true
	}
	return 0, false
}

// separator tells whether a character may stand between digits.
func separator(r rune) bool {
	return invisible(r) || strings.ContainsRune("-./()_,'–—‐‑", r)
}

// invisible is white space, and the marks that say in which direction text runs.
func invisible(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.IsControl(r)
}

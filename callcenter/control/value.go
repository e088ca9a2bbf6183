package control

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what is taken.
const (
	maxNumber = 64
	maxName   = 128
)

// Numbers, contexts and channels become parts of dial strings and arguments of applications, where & is another target, a
// comma another argument, / another technology, @ another context, ^ and | old separators, ${ and $[ an expression. So only what
// they are made of is let through.

// checkNumber checks what is dialled in a context.
func checkNumber(field, number string) error {
	return check(field, number, maxNumber, func(r rune) bool { return alphanumeric(r) || strings.ContainsRune("+*#-_.", r) })
}

// checkEndpoint checks a technology and a peer: PJSIP/101, SIP/trunk-1, Local/101@office. A Local channel may name a context.
func checkEndpoint(field, endpoint string) error {
	technology, peer, ok := strings.Cut(endpoint, "/")
	if !ok || technology == "" || peer == "" || strings.IndexFunc(technology, func(r rune) bool { return !alphanumeric(r) && r != '_' }) >= 0 {
		return &ValueError{Field: field, Problem: `must be a technology and a peer, as in "PJSIP/101"`}
	}
	return check(field, peer, maxNumber, func(r rune) bool {
		return alphanumeric(r) || strings.ContainsRune("+*#-_.@", r)
	})
}

// checkContext checks the name of a context or of a parking lot.
func checkContext(field, name string) error {
	return check(field, name, maxNumber, func(r rune) bool { return alphanumeric(r) || r == '-' || r == '_' || r == '.' })
}

// checkChannel checks the name of a channel that becomes the argument of an application.
func checkChannel(field, channel string) error {
	return check(field, channel, 2*maxNumber, func(r rune) bool { return alphanumeric(r) || strings.ContainsRune("/@-_.;+*#:", r) })
}

// checkName checks a name that is shown.
func checkName(field, name string) error {
	switch {
	case len(name) > maxName:
		return &ValueError{Field: field, Problem: "is too long"}
	case !utf8.ValidString(name):
		return &ValueError{Field: field, Problem: "is not UTF-8"}
	case strings.ContainsFunc(name, unicode.IsControl):
		return &ValueError{Field: field, Problem: "has a control character"}
	}
	return nil
}

func check(field, value string, limit int, allowed func(rune) bool) error {
	switch {
	case value == "":
		return &ValueError{Field: field, Problem: "is missing"}
	case len(value) > limit:
		return &ValueError{Field: field, Problem: "is too long"}
	}
	if strings.IndexFunc(value, func(r rune) bool { return !allowed(r) }) >= 0 {
		return &ValueError{Field: field, Problem: "has a character that does not belong there"}
	}
	return nil
}

func alphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// firstError is the first of some checks that has failed.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

package ldapdir

import (
	"strings"

	"github.com/go-ldap/ldap/v3"

	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

func (cfg *Config) usernameFilter(username string) string {
	return "(&" + cfg.Filter + "(" + cfg.Mapping.Username + "=" + ldap.EscapeFilter(username) + "))"
}

// numberFilter asks for all that the chain may take for the number, or is empty if it has no digits.
func (cfg *Config) numberFilter(n numbers.Number) string {
	if n.Digits == "" || n.Kind == numbers.Withheld {
		return ""
	}
	values := cfg.spellings(n)
	var filter strings.Builder
	filter.WriteString("(&" + cfg.Filter + "(|")
	for _, attribute := range cfg.Mapping.Numbers {
		for _, value := range values {
			filter.WriteString("(" + attribute + "=" + value + ")")
		}
	}
	filter.WriteString("))")
	return filter.String()
}

// spellings are the values to ask for: the number itself, and its last digits at the end of something longer. The national
// number is asked for by itself only where it is shorter than those.
func (cfg *Config) spellings(n numbers.Number) []string {
	tail := n.Last(cfg.LastDigits)
	if n.Kind != numbers.Public {
		values := []string{ldap.EscapeFilter(n.Digits)}
		if n.Kind == numbers.Unknown && tail != "" {
			values = append(values, cfg.ending(tail))
		}
		return values
	}
	values := []string{ldap.EscapeFilter(n.E164)}
	if len(n.National) < cfg.LastDigits {
		values = append(values, n.National, "0"+n.National)
	}
	if tail != "" {
		values = append(values, cfg.ending(tail))
	}
	return values
}

// ending is a substring assertion for what ends with the digits.
func (cfg *Config) ending(digits string) string {
	if !cfg.LooseNumbers {
		return "*" + ldap.EscapeFilter(digits)
	}
	var value strings.Builder
	for _, d := range digits {
		value.WriteString("*" + ldap.EscapeFilter(string(d)))
	}
	return value.String()
}

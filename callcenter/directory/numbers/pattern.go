package numbers

import (
	"errors"
	"fmt"
	"strings"
)

// pattern is a pattern of Asterisk's dialplan (main/pbx.c, _extension_match_core) for digits, * and #.
type pattern struct {
	sets []string // what may stand at each place
	more bool     // more may follow
	min  int      // the least length
}

// classes are what the letters of a pattern stand for.
var classes = map[byte]string{'X': "0123456789", 'Z': "123456789", 'N': "23456789"}

func parsePattern(text string) (pattern, error) {
	var p pattern
	rest := strings.TrimPrefix(text, "_")
	if rest == "" {
		return p, errors.New("an empty pattern")
	}
	for rest != "" {
		c := rest[0]
		set, isClass := classes[upper(c)]
		switch {
		case isClass:
			p.sets = append(p.sets, set)
		case c == '[':
			set, after, err := parseSet(rest[1:])
			if err != nil {
				return p, fmt.Errorf("pattern %q: %w", text, err)
			}
			p.sets, rest = append(p.sets, set), after
			continue
		case (c == '.' || c == '!') && len(rest) == 1:
			p.more = true
		case isDial(c):
			p.sets = append(p.sets, rest[:1])
		case c == '-': // ignored, as Asterisk does
		default:
			return p, fmt.Errorf("pattern %q: %q has no meaning there", text, c)
		}
		if c == '.' {
			p.min = 1
		}
		rest = rest[1:]
	}
	p.min += len(p.sets)
	return p, nil
}

// parseSet reads what follows "[": digits and ranges up to "]".
func parseSet(text string) (set, rest string, err error) {
	inside, rest, closed := strings.Cut(text, "]")
	if !closed || inside == "" {
		return "", "", errors.New("[ without digits and ]")
	}
	var digits []byte
	for i := 0; i < len(inside); i++ {
		from, to := inside[i], inside[i]
		if i+2 < len(inside) && inside[i+1] == '-' {
			to = inside[i+2]
			i += 2
		}
		if !isDial(from) || !isDial(to) || from > to {
			return "", "", fmt.Errorf("[%s] is no set of digits", inside)
		}
		for c := from; c <= to; c++ {
			digits = append(digits, c)
		}
	}
	return string(digits), rest, nil
}

func (p pattern) match(digits string) bool {
	if len(digits) < p.min || len(digits) > len(p.sets) && !p.more {
		return false
	}
	for i, set := range p.sets {
		if strings.IndexByte(set, digits[i]) < 0 {
			return false
		}
	}
	return true
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// isDial tells whether a telephone can dial it.
func isDial(c byte) bool { return '0' <= c && c <= '9' || c == '*' || c == '#' }

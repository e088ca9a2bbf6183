package sayconf

import (
	"fmt"
	"strings"
)

// checkPattern says what is wrong with a pattern.
func checkPattern(pattern string) (problem string) {
	if pattern == "" {
		return "a rule without a pattern"
	}
	open := strings.Count(pattern, "[")
	if pattern[0] == '_' && open != strings.Count(pattern, "]") {
		return fmt.Sprintf("the pattern %q has a [ or a ] too many", pattern)
	}
	return ""
}

// matches tells whether a pattern of the dialplan matches a text (_extension_match_core in main/pbx.c): behind a _ X is a digit, Z one from 1
// to 9, N one from 2 to 9, [...] one of those within, "." is one character or more and "!" none or more. Dashes count for nothing.
func matches(pattern, text string) bool {
	if !strings.HasPrefix(pattern, "_") {
		return strings.ReplaceAll(pattern, "-", "") == strings.ReplaceAll(text, "-", "")
	}
	pattern = pattern[1:]
	for {
		text = strings.TrimLeft(text, "-")
		pattern = strings.TrimLeft(pattern, "-")
		switch {
		case pattern == "":
			return text == ""
		case pattern[0] == '!':
			return true
		case text == "":
			return false
		case pattern[0] == '.':
			return true
		}
		size := 1
		if pattern[0] == '[' {
			if size = strings.IndexByte(pattern, ']') + 1; size == 0 {
				return false
			}
		}
		if !takes(pattern[:size], text[0]) {
			return false
		}
		pattern, text = pattern[size:], text[1:]
	}
}

// takes tells whether a part of a pattern matches a character.
func takes(part string, c byte) bool {
	switch part[0] {
	case 'X', 'x':
		return c >= '0' && c <= '9'
	case 'Z', 'z':
		return c >= '1' && c <= '9'
	case 'N', 'n':
		return c >= '2' && c <= '9'
	case '[':
		return within(part[1:len(part)-1], c)
	}
	return part[0] == c
}

// within tells whether a character is in a set such as 2-9*.
func within(set string, c byte) bool {
	for i := 0; i < len(set); i++ {
		if i+2 < len(set) && set[i+1] == '-' {
			if c >= set[i] && c <= set[i+2] {
				return true
			}
			i += 2
			continue
		}
		if c == set[i] {
			return true
		}
	}
	return false
}

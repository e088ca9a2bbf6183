// Package words splits the lines of AGI.
package words

import "strings"

// Split splits a line as Asterisk does (parse_args in res/res_agi.c): at blanks, with quotes and backslashes.
func Split(line string) []string {
	var list []string
	var word strings.Builder
	inside, quoted, escaped := false, false, false
	for i := range len(line) {
		c := line[i]
		switch {
		case escaped:
			word.WriteByte(c)
			escaped = false
		case c == '\\':
			inside, escaped = true, true
		case c == '"':
			inside, quoted = true, !quoted
		case !quoted && (c == ' ' || c == '\t'):
			if inside {
				list = append(list, word.String())
				word.Reset()
			}
			inside = false
		default:
			word.WriteByte(c)
			inside = true
		}
	}
	if inside {
		list = append(list, word.String())
	}
	return list
}

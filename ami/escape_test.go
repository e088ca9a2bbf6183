package ami

import (
	"strings"
	"testing"
)

// escapeC is ast_escape_c in main/utils.c.
func escapeC(value string) string {
	var b strings.Builder
	for i := range len(value) {
		if at := strings.IndexByte(escapeBytes, value[i]); at >= 0 {
			b.WriteByte('\\')
			b.WriteByte(escapeLetters[at])
			continue
		}
		b.WriteByte(value[i])
	}
	return b.String()
}

// FuzzUnescape: what Asterisk escapes is read as it was, and nothing makes the reader fail.
func FuzzUnescape(f *testing.F) {
	for _, seed := range []string{"", "O'Brien \"Bob\"", "a\\nb\r\n", "\a\b\f\v\t?", "\\", "ü\x00\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if got := unescape(escapeC(value)); got != value {
			t.Errorf("%q became %q", value, got)
		}
		if got := unescape(value); len(got) > len(value) {
			t.Errorf("%q grew to %q", value, got)
		}
	})
}

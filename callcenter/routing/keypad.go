package routing

import (
	"slices"
	"strings"
	"sync/atomic"
)

// keys are the letters on the keys of a telephone (ITU-T E.161), with what else usernames hold on 1 and 0. A key's own
// digit comes last.
var keys = map[byte]string{
	'1': ".-_@1", '2': "abc2", '3': "def3", '4': "ghi4", '5': "jkl5", '6': "mno6", '7': "pqrs7", '8': "tuv8", '9': "wxyz9", '0': "_0",
}

// keyOf is the key of each character.
var keyOf = func() map[rune]byte {
	of := map[rune]byte{}
	for key, letters := range keys {
		for _, r := range letters {
			if r != '_' || key == '1' {
				of[r] = key
			}
		}
	}
	return of
}()

// Names finds the usernames that keys mean, one key for each character. It may be used and replaced by several goroutines
// at once.
type Names struct {
	byKeys atomic.Pointer[map[string][]string]
}

// NewNames returns the names. Those that cannot be typed, for letters that no key has, are left out.
func NewNames(usernames []string) *Names {
	n := &Names{}
	n.Replace(usernames)
	return n
}

// Replace puts other names in the place of these, all at once.
func (n *Names) Replace(usernames []string) {
	byKeys := make(map[string][]string, len(usernames))
	for _, name := range usernames {
		if typed := Keys(name); typed != "" && !slices.Contains(byKeys[typed], name) {
			byKeys[typed] = append(byKeys[typed], name)
		}
	}
	n.byKeys.Store(&byKeys)
}

// Typed returns the usernames that the keys mean. It may be called on nil, which knows none.
func (n *Names) Typed(typed string) []string {
	if n == nil {
		return nil
	}
	return (*n.byKeys.Load())[typed]
}

// Keys are the keys that type a username, one for each character; empty if it cannot be typed.
func Keys(username string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(username) {
		key, ok := keyOf[r]
		if !ok {
			return ""
		}
		b.WriteByte(key)
	}
	return b.String()
}

// Multitap reads letters typed by pressing keys several times: "cab" is 222*2*22. A * stands between two letters of one
// key, and may stand between any. It is empty if the text is nothing of the kind.
func Multitap(typed string) string {
	var b strings.Builder
	for len(typed) > 0 {
		key, run := typed[0], 1
		for run < len(typed) && typed[run] == key {
			run++
		}
		typed = typed[run:]
		if key == '*' {
			continue
		}
		letters := keys[key]
		if run > len(letters) {
			return ""
		}
		b.WriteByte(letters[run-1])
	}
	return b.String()
}

// decoders make usernames of what was typed, by the keypad of a question: none, or several that it may mean.
var decoders = map[string]func(typed string, names *Names) []string{
	"digits": func(typed string, _ *Names) []string { return []string{typed} },
	"t9":     func(typed string, names *Names) []string { return names.Typed(typed) },
	"multitap": func(typed string, _ *Names) []string {
		if name := Multitap(typed); name != "" {
			return []string{name}
		}
		return nil
	},
}

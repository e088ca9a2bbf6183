package ivr

import (
	"errors"
	"fmt"
	"strings"
)

// Check says what of a recording no Asterisk would do; that is for those who implement a [Channel].
func (r *Recording) Check() error {
	switch {
	case r.Max <= 0:
		return fmt.Errorf("ivr: recording %q: it needs a Max", r.Name)
	case r.Silence < 0:
		return fmt.Errorf("ivr: recording %q: the Silence is negative", r.Name)
	case strings.Trim(r.End, AllDigits) != "":
		return fmt.Errorf("ivr: recording %q: the End %q has what is no digit", r.Name, r.End)
	}
	return checkName(r.Name)
}

// checkName keeps a recording below the folder of the recordings.
func checkName(name string) error {
	if name == "" {
		return errors.New("ivr: a recording needs a Name")
	}
	for _, r := range name {
		if !strings.ContainsRune("-_./", r) && (r > 'z' || !letterOrDigit(byte(r))) {
			return fmt.Errorf("ivr: recording %q: the name has a %q", name, r)
		}
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || strings.Trim(part, ".") == "" {
			return fmt.Errorf("ivr: recording %q: a part of the name is empty or only dots", name)
		}
	}
	return nil
}

func letterOrDigit(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

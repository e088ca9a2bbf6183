package recording

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"
)

// Limits of names; those of the file systems that recordings lie on.
const (
	MaxName    = 1024 // bytes of a whole name
	MaxElement = 255  // bytes between two slashes
)

// CheckName tells whether a name may be given to a store: a relative path of elements that are neither empty nor "." nor "..",
// with forward slashes, UTF-8, no longer than [MaxName] and [MaxElement], and without backslashes and control
// characters (NUL, CR, LF): those mean something else to the next machine or to its protocol. The error is ErrUnsafeName and
// says what is wrong.
func CheckName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: it is empty", ErrUnsafeName)
	case len(name) > MaxName:
		return fmt.Errorf("%w: it is longer than %d bytes", ErrUnsafeName, MaxName)
	case strings.HasPrefix(name, "/"):
		return fmt.Errorf("%w: it is absolute", ErrUnsafeName)
	}
	for element := range strings.SplitSeq(name, "/") {
		if err := checkElement(element); err != nil {
			return err
		}
	}
	return nil
}

func checkElement(element string) error {
	switch {
	case element == "":
		return fmt.Errorf("%w: it has an empty element", ErrUnsafeName)
	case element == "." || element == "..":
		return fmt.Errorf("%w: it has the element %q", ErrUnsafeName, element)
	case len(element) > MaxElement:
		return fmt.Errorf("%w: it has an element longer than %d bytes", ErrUnsafeName, MaxElement)
	case !utf8.ValidString(element):
		return fmt.Errorf("%w: it is not UTF-8", ErrUnsafeName)
	case strings.ContainsFunc(element, unsafeRune):
		return fmt.Errorf("%w: it has a backslash or a control character", ErrUnsafeName)
	}
	return nil
}

// unsafeRune tells backslashes and control characters: C0, DEL, C1, and the line separators of Unicode.
func unsafeRune(r rune) bool {
	return r == '\\' || r < 0x20 || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029'
}

// CheckPrefix is CheckName for what List takes: it may be empty, and may end in a slash. It returns the folder, empty for the
// root, and how names in it begin.
func CheckPrefix(prefix string) (folder, begins string, err error) {
	folder, begins = "", prefix
	if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
		folder, begins = prefix[:i], prefix[i+1:]
		if err := CheckName(folder); err != nil {
			return "", "", err
		}
	}
	if begins == "" || begins == "." { // names of hidden files begin with a dot
		return folder, begins, nil
	}
	return folder, begins, checkElement(begins)
}

// PartSuffix ends the names of files that are not complete.
const PartSuffix = ".part"

// IsPart tells the name of a file that is still being put or downloaded, or was when its writer died.
func IsPart(name string) bool { return strings.HasSuffix(name, PartSuffix) }

// PartName makes the name that a store writes to before it has all of a file: in the same folder, told by IsPart, and
// taken by nobody else.
func PartName(name string) string {
	var id [4]byte
	_, _ = rand.Read(id[:]) // never fails
	folder, file := path.Split(name)
	suffix := "." + hex.EncodeToString(id[:]) + PartSuffix
	if room := MaxElement - len(suffix); len(file) > room {
		file = strings.ToValidUTF8(file[:room], "")
	}
	return folder + file + suffix
}

// Join puts a folder and what is in it together; the folder may be empty.
func Join(folder, file string) string {
	if folder == "" {
		return file
	}
	return folder + "/" + file
}

func base(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

package names

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// layouts are the letters on the keys from 2 on: of ITU-T E.161, of Greek telephones (ELOT) and of Persian ones (ISIRI).
var layouts = []string{
	"abc def ghi jkl mno pqrs tuv wxyz",
	"αβγ δεζ ηθι κλμ νξο πρσς τυφ χψω",
	"بپتث اآءأإ سشصض دذرزژ جچحخ نوهیيىئؤة فقکكگلم طظعغ",
}

// keyOf is the key of each letter.
var keyOf = func() map[rune]byte {
	of := map[rune]byte{}
	for _, layout := range layouts {
		for i, letters := range strings.Fields(layout) {
			for _, r := range letters {
				of[r] = byte('2' + i)
			}
		}
	}
	for r := '0'; r <= '9'; r++ {
		of[r] = byte(r)
	}
	return of
}()

// whole are Latin letters that are no base letter with an accent.
var whole = strings.NewReplacer("ß", "ss", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "æ", "ae", "œ", "oe", "ı", "i")

// plain is a text in small letters without accents. The Arabic letters that Persian has its own form of stay as they are.
func plain(text string) string {
	text = whole.Replace(strings.ToLower(text))
	var b strings.Builder
	for _, r := range norm.NFD.String(text) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// words are the words of a name: what hyphens, apostrophes and zero-width joiners hold together is one word.
func words(name string) []string {
	var b strings.Builder
	for _, r := range plain(name) {
		switch r {
		case '\u200c', '\'', '’', '-', '.':
		default:
			b.WriteRune(r)
		}
	}
	return strings.Fields(b.String())
}

// keys are the keys that type a word, one for each letter; empty if a letter is on no key.
func keys(word string) string {
	var b strings.Builder
	for _, r := range word {
		key, ok := keyOf[r]
		if !ok {
			return ""
		}
		b.WriteByte(key)
	}
	return b.String()
}

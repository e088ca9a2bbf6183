package names

import "strings"

// persianLatin are the Latin spellings of Persian letters, the usual one first. Those that stand for a vowel or a consonant
// have both. An empty spelling says that the letter may be left out.
var persianLatin = map[rune][]string{
	'ا': {"a", "e", "o", "i", ""}, 'آ': {"a", "aa"}, 'أ': {"a"}, 'إ': {"e"}, 'ء': {""}, 'ئ': {"i", "y", "e", ""}, 'ؤ': {"o", ""},
	'ب': {"b"}, 'پ': {"p"}, 'ت': {"t"}, 'ث': {"s"}, 'ج': {"j"}, 'چ': {"ch"}, 'ح': {"h"}, 'خ': {"kh"},
	'د': {"d"}, 'ذ': {"z"}, 'ر': {"r"}, 'ز': {"z"}, 'ژ': {"zh", "j"}, 'س': {"s"}, 'ش': {"sh"}, 'ص': {"s"}, 'ض': {"z"},
	'ط': {"t"}, 'ظ': {"z"}, 'ع': {"a", "e", "o", ""}, 'غ': {"gh", "q"}, 'ف': {"f"}, 'ق': {"gh", "q"}, 'ک': {"k"}, 'ك': {"k"},
	'گ': {"g"}, 'ل': {"l"}, 'م': {"m"}, 'ن': {"n"}, 'و': {"v", "o", "u", "oo", "ou"}, 'ه': {"h", "eh", "e", "a", ""}, 'ة': {"h", "e", ""},
	'ی': {"i", "y", "e", "ee", "ei", "ey", ""}, 'ي': {"i", "y", "ee"}, 'ى': {"a", "i"},
}

// vowelKeys are the keys of the vowels that Persian does not write: a, e, o and i.
const vowelKeys = "2346"

// letter is what may be typed for one letter of a Persian word.
type letter struct {
	keys  []string
	vowel bool // a short vowel may come before it
	twice bool // it may be typed twice: Mohammad
}

// soft are the letters that stand for vowels too.
const soft = "اآأإءئؤوهةعیيى"

// persian returns what may be typed in Latin letters for a word in Persian ones; nil if it has others.
func persian(word string) []letter {
	var list []letter
	before := 'ا'
	for _, r := range word {
		spellings, ok := persianLatin[r]
		if !ok {
			return nil
		}
		l := letter{vowel: !strings.ContainsRune(soft, before), twice: !strings.ContainsRune(soft, r)}
		for _, s := range spellings {
			l.keys = append(l.keys, keys(s))
		}
		list = append(list, l)
		before = r
	}
	return list
}

// begins tells whether typed keys are the word, or its beginning.
func begins(word []letter, typed string) bool {
	m := match{word: word, typed: typed, failed: map[[2]int]bool{}}
	return m.from(0, 0)
}

// match is a comparison of keys with a word. A place that was seen to fail is not tried again, so it takes no more steps than
// the word has letters times the keys.
type match struct {
	word   []letter
	typed  string
	failed map[[2]int]bool
}

// from tells whether the keys from at on are the letters from i on, or their beginning.
func (m *match) from(i, at int) bool {
	place := [2]int{i, at}
	switch {
	case at == len(m.typed):
		return true
	case i == len(m.word) || m.failed[place]:
		return false
	case m.letter(i, at), m.word[i].vowel && strings.IndexByte(vowelKeys, m.typed[at]) >= 0 && (at+1 == len(m.typed) || m.letter(i, at+1)):
		return true
	}
	m.failed[place] = true
	return false
}

// letter is from, without a vowel before the letter.
func (m *match) letter(i, at int) bool {
	rest := m.typed[at:]
	for _, key := range m.word[i].keys {
		switch {
		case key == "":
			if m.from(i+1, at) {
				return true
			}
		case len(rest) <= len(key):
			if strings.HasPrefix(key, rest) {
				return true
			}
		case strings.HasPrefix(rest, key):
			next := at + len(key)
			if m.from(i+1, next) || m.word[i].twice && m.typed[next] == key[len(key)-1] && m.from(i+1, next+1) {
				return true
			}
		}
	}
	return false
}

package names

import "strings"

// greekLatin is the Latin spelling of Greek letters and pairs of them, after ELOT 743 (ISO 843, the transcription on
// passports). A pair comes before its first letter.
var greekLatin = strings.NewReplacer(
	"ου", "ou", "αυ", "av", "ευ", "ev", "ηυ", "iv", "γγ", "ng", "γξ", "nx", "γχ", "nch", "μπ", "b",
	"α", "a", "β", "v", "γ", "g", "δ", "d", "ε", "e", "ζ", "z", "η", "i", "θ", "th", "ι", "i", "κ", "k", "λ", "l", "μ", "m",
	"ν", "n", "ξ", "x", "ο", "o", "π", "p", "ρ", "r", "σ", "s", "ς", "s", "τ", "t", "υ", "y", "φ", "f", "χ", "ch", "ψ", "ps", "ω", "o",
)

// greeklish are other spellings that people use: what stands for what in those of ELOT 743.
var greeklish = [][2]string{{"ch", "h"}, {"ch", "x"}, {"f", "ph"}, {"x", "ks"}, {"v", "b"}, {"y", "i"}, {"av", "au"}, {"ev", "eu"}, {"ou", "u"}}

// unvoiced are the letters before which αυ and ευ are af and ef.
const unvoiced = "θκξπσςτφχψ"

// greek returns the Latin spellings of a word in Greek letters without accents; none if it has others. The first is that of
// ELOT 743.
func greek(word string) []string {
	letters := []rune(word)
	for i, r := range letters {
		if r < 'α' || r > 'ω' {
			return nil
		}
		last := i+1 == len(letters) || strings.ContainsRune(unvoiced, letters[i+1])
		if r == 'υ' && i > 0 && strings.ContainsRune("αεη", letters[i-1]) && last {
			letters[i] = 'φ'
		}
	}
	text := string(letters)
	// μπ is b at the beginning of a word and mp within.
	for i := strings.LastIndex(text, "μπ"); i > 0; i = strings.LastIndex(text[:i], "μπ") {
		text = text[:i] + "mp" + text[i+len("μπ"):]
	}
	latin := greekLatin.Replace(text)
	list := []string{latin}
	for _, pair := range greeklish {
		if other := strings.ReplaceAll(latin, pair[0], pair[1]); other != latin {
			list = append(list, other)
		}
	}
	return list
}

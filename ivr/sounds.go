package ivr

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Languages are those in which numbers, dates, times and money can be said. What is spelled can be said in all.
var Languages = []string{"el", "en", "fa"}

// LanguageError says that something cannot be said in a language.
type LanguageError struct {
	// Language is the one that was asked for.
	Language string
}

func (e *LanguageError) Error() string {
	return fmt.Sprintf("ivr: numbers, dates and money can be said in %s, not in %q", strings.Join(Languages, ", "), e.Language)
}

// Sounds returns the names of the sounds that say pieces in a language, such as el or en_GB. All languages have digits/0 to
// digits/20, 30 to 90, day-0 to day-6 (Sunday is 0), star and pound there, and letters/a to letters/z; what else is
// named after the grammar of each:
//
//   - en needs what Asterisk's own English sounds have: hundred, thousand, million, billion, minus, mon-0 to mon-11, h-1 to
//     h-20 and h-30 (first ...), oh, oclock, a-m, p-m, and vm-and;
//   - el needs in digits/ hundred-100 (εκατό), hundred-101 (εκατόν) and hundred-200 to hundred-900, all these from 200 on, and 1,
//     3, 4, 13 and 14, with female- before them too (τρεις, διακόσιες), thousand-1 (χίλια), thousand (χιλιάδες), million-1
//     (εκατομμύριο), million (εκατομμύρια), billion-1, billion, minus, and (και), hour (η ώρα), h-1 (πρώτη), mon-0 to mon-11;
//   - fa needs in digits/ 100 to 900, thousand, million, billion, minus, and (و), hour (ساعت), minutes (دقیقه), and jalali-0 to
//     jalali-11, the months of the Persian calendar, in which dates are said.
//
// Money needs currency/eur and currency/eur-cents and so on, by the code of the currency, currency/eur-1 and
// currency/eur-cents-1 for one of them.
func Sounds(language string, pieces ...Piece) ([]string, error) {
	return SoundsBy(nil, language, pieces...)
}

// Sayer says things by the rules of somebody else, such as those of a say.conf (package sayconf).
type Sayer interface {
	// Say returns the sounds of something such as num:42, digit:01, or date:: and time:: with a time as say.conf has it. ok is false if
	// there are no rules for the language.
	Say(language, what string) (sounds []string, ok bool, err error)
}

// SoundsBy is [Sounds], but numbers, digits from 0 to 9, dates and times are said by the rules of a sayer in the languages for which it has some. Money is
// said as Sounds says it. The sounds of those may be others than those that Sounds lists. A nil sayer says nothing.
func SoundsBy(s Sayer, language string, pieces ...Piece) ([]string, error) {
	var all []string
	for _, p := range pieces {
		sounds, err := p.soundsBy(s, language)
		if err != nil {
			return nil, err
		}
		all = append(all, sounds...)
	}
	return all, nil
}

// soundsBy asks the sayer first.
func (p Piece) soundsBy(s Sayer, language string) ([]string, error) {
	if what := p.what(); s != nil && what != "" {
		if sounds, ok, err := s.Say(language, what); ok || err != nil {
			return sounds, err
		}
	}
	return p.sounds(language)
}

// what is a piece as say.conf has it, or "" if that has nothing for it. A time is YYYYMMDDhhmm.ss-dow-doy there: Sunday is 0, as in the
// sounds day-0 to day-6, and the first of January 1.
func (p Piece) what() string {
	stamp := func() string {
		return fmt.Sprintf("%s-%d-%03d", p.when.Format("200601021504.05"), p.when.Weekday(), p.when.YearDay())
	}
	switch p.kind {
	case pieceDigits:
		if strings.Trim(p.text, "0123456789") != "" {
			return "" // samples of say.conf have no letters and not all signs
		}
		return "digit:" + p.text
	case pieceNumber:
		return "num:" + strconv.FormatInt(p.n, 10)
	case pieceDate:
		return "date::" + stamp()
	case pieceTime:
		return "time::" + stamp()
	default:
		return ""
	}
}

func (p Piece) sounds(language string) ([]string, error) {
	switch {
	case p.kind == pieceSound && p.text == "":
		return nil, nil
	case p.kind == pieceSound:
		return []string{p.text}, nil
	case p.kind == pieceDigits:
		return spell(p.text)
	}
	name, _, _ := strings.Cut(strings.ReplaceAll(language, "-", "_"), "_")
	g, ok := grammars[strings.ToLower(name)]
	if !ok {
		return nil, &LanguageError{Language: language}
	}
	switch p.kind {
	case pieceNumber:
		return g.signed(p.n), nil
	case pieceDate:
		return g.date(p.when), nil
	case pieceTime:
		return g.clock(p.when.Hour(), p.when.Minute()), nil
	default:
		return g.money(p.n, p.text)
	}
}

// spelled are the sounds of what is neither a letter nor a digit.
var spelled = map[rune]string{
	'*': "digits/star", '#': "digits/pound", '-': "letters/dash", '.': "letters/dot", '@': "letters/at", '+': "letters/plus",
	'/': "letters/slash",
}

// spell says text one by one. Blanks are left out.
func spell(text string) ([]string, error) {
	var all []string
	for _, r := range strings.ToLower(text) {
		switch sound, ok := spelled[r]; {
		case r == ' ':
		case ok:
			all = append(all, sound)
		case r >= '0' && r <= '9':
			all = append(all, "digits/"+string(r))
		case r >= 'a' && r <= 'z':
			all = append(all, "letters/"+string(r))
		default:
			return nil, fmt.Errorf("ivr: %q has no sound: letters from a to z, digits and a few signs do", r)
		}
	}
	return all, nil
}

// numeral is the sound of a number that has one.
func numeral(n int64) string { return "digits/" + strconv.FormatInt(n, 10) }

var errCurrency = errors.New("ivr: a currency is a code of three letters, such as EUR")

// money says an amount: the whole part unless it is nothing, and the hundredths unless they are.
func (g *grammar) money(hundredths int64, currency string) ([]string, error) {
	code := strings.ToLower(currency)
	if len(code) != 3 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz") != "" {
		return nil, errCurrency
	}
	var all []string
	if hundredths < 0 {
		all = append(all, "digits/minus")
	}
	whole, rest := magnitude(hundredths/100), magnitude(hundredths%100)
	if whole > 0 || rest == 0 {
		all = append(append(all, g.number(whole)...), unit("currency/"+code, whole))
	}
	if whole > 0 && rest > 0 {
		all = append(all, g.and)
	}
	if rest > 0 {
		all = append(append(all, g.number(rest)...), unit("currency/"+code+"-cents", rest))
	}
	return all, nil
}

func unit(name string, n uint64) string {
	if n == 1 {
		return name + "-1"
	}
	return name
}

// magnitude is a number without its sign: that of the smallest number has no int64.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n) //nolint:gosec // it wraps around to what is wanted
	}
	return uint64(n)
}

func (g *grammar) signed(n int64) []string {
	all := g.number(magnitude(n))
	if n < 0 {
		return slices.Insert(all, 0, "digits/minus")
	}
	return all
}

package ivr

import "time"

// grammar is how a language says numbers, dates and times.
type grammar struct {
	and string
	// below says a number from 1 to 999; female if it counts something female.
	below func(n uint64, female bool) []string
	// scale says how many thousands (1), millions (2) and so on there are.
	scale func(n uint64, power int) []string
	// joined says that the parts of a number have an "and" between them.
	joined bool
	date   func(t time.Time) []string
	clock  func(hour, minute int) []string
}

var grammars = map[string]*grammar{"en": english(), "el": greek(), "fa": persian()}

// maxPower is the last power of a thousand that has a name here.
const maxPower = 3

// number says a number. What has more than 12 digits, and no names any more, is said digit by digit.
func (g *grammar) number(n uint64) []string {
	if n == 0 {
		return []string{"digits/0"}
	}
	var parts [][]string
	for power := 0; n > 0; power++ {
		part := n % 1000
		n /= 1000
		switch {
		case power > maxPower:
			return append(g.number(n*1000+part), flat(parts)...)
		case part == 0:
		case power == 0:
			parts = append([][]string{g.below(part, false)}, parts...)
		default:
			parts = append([][]string{g.scale(part, power)}, parts...)
		}
	}
	if !g.joined {
		return flat(parts)
	}
	return flat(between(parts, g.and))
}

func flat(parts [][]string) []string {
	var all []string
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

// between puts a word between parts.
func between(parts [][]string, word string) [][]string {
	var all [][]string
	for i, part := range parts {
		if i > 0 {
			all = append(all, []string{word})
		}
		all = append(all, part)
	}
	return all
}

// scales are the names of the powers of a thousand.
var scales = []string{"", "digits/thousand", "digits/million", "digits/billion"}

// upTo99 says a number from 1 to 99 in languages that say the tens first and have names up to 20.
func upTo99(n uint64) [][]string {
	switch {
	case n == 0:
		return nil
	case n <= 20 || n%10 == 0:
		return [][]string{{numeral(int64(n))}} //nolint:gosec // it is below 100
	}
	return [][]string{{numeral(int64(n - n%10))}, {numeral(int64(n % 10))}} //nolint:gosec // it is below 100
}

func english() *grammar {
	g := &grammar{and: "vm-and"}
	g.below = func(n uint64, _ bool) []string {
		var all []string
		if n >= 100 {
			all = []string{numeral(int64(n / 100)), "digits/hundred"} //nolint:gosec // it is below 1,000
		}
		return append(all, flat(upTo99(n%100))...)
	}
	g.scale = func(n uint64, power int) []string { return append(g.below(n, false), scales[power]) }
	g.date = func(t time.Time) []string {
		all := append([]string{weekday(t), month("digits/mon-", int(t.Month()))}, ordinal(t.Day())...)
		return append(all, g.year(t.Year())...)
	}
	g.clock = func(hour, minute int) []string {
		all := g.number(uint64((hour+11)%12 + 1)) //nolint:gosec // it is not negative
		switch {
		case minute == 0:
			all = append(all, "digits/oclock")
		case minute < 10:
			all = append(all, "digits/oh", numeral(int64(minute)))
		default:
			all = append(all, flat(upTo99(uint64(minute)))...) //nolint:gosec // it is not negative
		}
		if hour < 12 {
			return append(all, "digits/a-m")
		}
		return append(all, "digits/p-m")
	}
	return g
}

// year says a year as English does: nineteen eighty-four, two thousand and nine as a number, twenty twenty-six.
func (g *grammar) year(year int) []string {
	if year < 1100 || year > 9999 || year%1000 < 10 {
		return g.signed(int64(year))
	}
	century, rest := uint64(year/100), uint64(year%100) //nolint:gosec // it is not negative
	all := flat(upTo99(century))
	switch {
	case rest == 0:
		return append(all, "digits/hundred")
	case rest < 10:
		return append(all, "digits/oh", numeral(int64(rest))) //nolint:gosec // it is below 100
	}
	return append(all, flat(upTo99(rest))...)
}

// ordinal says first to thirty-first.
func ordinal(n int) []string {
	if n <= 20 || n%10 == 0 {
		return []string{"digits/h-" + numeral(int64(n))[len("digits/"):]}
	}
	return []string{numeral(int64(n - n%10)), "digits/h-" + numeral(int64(n % 10))[len("digits/"):]}
}

func weekday(t time.Time) string { return "digits/day-" + numeral(int64(t.Weekday()))[len("digits/"):] }

// month is the sound of a month, whose first is 1, and whose sound is 0.
func month(prefix string, n int) string { return prefix + numeral(int64(n - 1))[len("digits/"):] }

package ivr

import (
	"strconv"
	"time"
)

// greek says numbers as Greek does: one, three, four and the hundreds from two hundred on have a gender, and thousands are
// female; a thousand has a word of its own.
func greek() *grammar {
	g := &grammar{and: "digits/and", below: greekBelow}
	g.scale = func(n uint64, power int) []string {
		switch {
		case power == 1 && n == 1:
			return []string{"digits/thousand-1"}
		case power == 1:
			return append(greekBelow(n, true), "digits/thousand")
		}
		return append(greekBelow(n, false), unit(scales[power], n))
	}
	g.date = func(t time.Time) []string {
		day := []string{"digits/h-1"}
		if t.Day() > 1 {
			day = greekBelow(uint64(t.Day()), true) //nolint:gosec // it is not negative
		}
		all := append(append([]string{weekday(t)}, day...), month("digits/mon-", int(t.Month())))
		return append(all, g.signed(int64(t.Year()))...)
	}
	g.clock = func(hour, minute int) []string {
		all := []string{"digits/hour", "digits/0"}
		if hour > 0 {
			all = append(all[:1], greekBelow(uint64(hour), true)...) //nolint:gosec // it is not negative
		}
		if minute == 0 {
			return all
		}
		return append(append(all, g.and), greekBelow(uint64(minute), false)...) //nolint:gosec // it is not negative
	}
	return g
}

func greekBelow(n uint64, female bool) []string {
	var all []string
	gender := "digits/"
	if female {
		gender = "digits/female-"
	}
	switch hundreds := n / 100 * 100; {
	case hundreds == 100 && n > 100:
		all = []string{"digits/hundred-101"}
	case hundreds == 100:
		all = []string{"digits/hundred-100"}
	case hundreds > 100:
		all = []string{gender + "hundred-" + strconv.FormatUint(hundreds, 10)}
	}
	for _, part := range upTo99(n % 100) {
		switch part[0] {
		case "digits/1", "digits/3", "digits/4", "digits/13", "digits/14":
			all = append(all, gender+part[0][len("digits/"):])
		default:
			all = append(all, part[0])
		}
	}
	return all
}

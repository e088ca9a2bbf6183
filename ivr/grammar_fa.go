package ivr

import "time"

// persian says numbers as Persian does: the hundreds have words of their own, all parts have an "and" between them, and a
// thousand needs no one.
func persian() *grammar {
	g := &grammar{and: "digits/and", joined: true}
	g.below = func(n uint64, _ bool) []string {
		var parts [][]string
		if hundreds := n / 100 * 100; hundreds > 0 {
			parts = append(parts, []string{numeral(int64(hundreds))}) //nolint:gosec // it is below 1,000
		}
		return flat(between(append(parts, upTo99(n%100)...), g.and))
	}
	g.scale = func(n uint64, power int) []string {
		if power == 1 && n == 1 {
			return []string{scales[1]}
		}
		return append(g.below(n, false), scales[power])
	}
	g.date = func(t time.Time) []string {
		year, mon, day := jalali(t)
		all := append([]string{weekday(t)}, g.number(uint64(day))...) //nolint:gosec // it is not negative
		return append(append(all, month("digits/jalali-", mon)), g.signed(int64(year))...)
	}
	g.clock = func(hour, minute int) []string {
		all := append([]string{"digits/hour"}, g.number(uint64(hour))...) //nolint:gosec // it is not negative
		if minute == 0 {
			return all
		}
		all = append(append(all, g.and), g.number(uint64(minute))...) //nolint:gosec // it is not negative
		return append(all, "digits/minutes")
	}
	return g
}

// jalali returns a date in the Persian calendar, by the rule of 33 years with 8 leap years, which is that of the calendar in
// use from 1800 to 2256 (1178 to 1634 there).
func jalali(t time.Time) (year, mon, day int) {
	const cycle, year4 = 12053, 1461 // days in 33 and in 4 years
	y, m, d := t.Date()
	// days since 20 March 1600, which was 1 Farvardin 979
	seconds := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() - time.Date(1600, 3, 20, 0, 0, 0, 0, time.UTC).Unix()
	days := int(seconds / (24 * 60 * 60))
	year = 979
	cycles := floorDiv(days, cycle)
	days -= cycles * cycle
	year += 33*cycles + 4*(days/year4)
	days %= year4
	if days >= 366 {
		year += (days - 1) / 365
		days = (days - 1) % 365
	}
	const summer = 6 * 31
	if days < summer {
		return year, days/31 + 1, days%31 + 1
	}
	return year, (days-summer)/30 + 7, (days-summer)%30 + 1
}

func floorDiv(a, b int) int {
	if a < 0 {
		return -((b - 1 - a) / b)
	}
	return a / b
}

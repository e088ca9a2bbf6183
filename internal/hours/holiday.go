package hours

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// date is a day of a calendar.
type date struct {
	year, month, day int
	weekday          time.Weekday
}

func dateOf(t time.Time) date {
	year, month, day := t.Date()
	return date{year, int(month), day, t.Weekday()}
}

// number orders days within a year.
func (d date) number() int { return d.month*100 + d.day }

// feast is a day by which others are counted.
type feast uint8

const (
	noFeast feast = iota
	easter
	orthodoxEaster
)

// days is a day or a range of days: of one year, or of every year if from has none; or a day by its distance from a feast.
type days struct {
	from, to date
	feast    feast
	offset   int
}

func (d date) in(list []days) bool {
	for i := range list {
		if list[i].has(d) {
			return true
		}
	}
	return false
}

func (r *days) has(d date) bool {
	if r.feast != noFeast {
		sunday := sundayOf(r.feast, d.year)
		return dateOf(sunday.AddDate(0, 0, r.offset)).number() == d.number()
	}
	n, from, to := d.number(), r.from.number(), r.to.number()
	switch {
	case r.from.year != 0:
		n, from, to = n+d.year*10000, from+r.from.year*10000, to+r.to.year*10000
	case from > to: // over the end of the year
		return n >= from || n <= to
	}
	return from <= n && n <= to
}

// sundayOf is Easter Sunday of a year in the Gregorian calendar, by the algorithms of Meeus, Astronomical Algorithms,
// chapter 8. The Julian one is 13 days behind from 1900 to 2099.
func sundayOf(f feast, year int) time.Time {
	if f == orthodoxEaster {
		a, b, c := year%4, year%7, year%19
		d := (19*c + 15) % 30
		e := (2*a + 4*b - d + 34) % 7
		month, day := (d+e+114)/31, (d+e+114)%31+1
		return time.Date(year, time.Month(month), day+13, 0, 0, 0, 0, time.UTC)
	}
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 19*l) / 433
	month := (h + l - 7*m + 90) / 25
	day := (h + l - 7*m + 33*month + 19) % 32
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

var errDay = errors.New("want a day such as 12-25, 2026-04-13, easter+1, orthodox-easter-2, or a range such as 07-01..08-31")

// maxOffset is how far from Easter a day can be: in the same year, whenever Easter is.
const maxOffset = 80

func parseDays(text string) (days, error) {
	for _, f := range []struct {
		name  string
		feast feast
	}{{"orthodox-easter", orthodoxEaster}, {"easter", easter}} {
		rest, ok := strings.CutPrefix(text, f.name)
		if !ok {
			continue
		}
		offset := 0
		if rest != "" {
			var err error
			if offset, err = strconv.Atoi(rest); err != nil || (rest[0] != '+' && rest[0] != '-') {
				return days{}, errDay
			}
		}
		if offset < -maxOffset || offset > maxOffset {
			return days{}, fmt.Errorf("more than %d days from Easter", maxOffset)
		}
		return days{feast: f.feast, offset: offset}, nil
	}
	first, last, isRange := strings.Cut(text, "..")
	from, err := parseDate(first)
	if err != nil || !isRange {
		return days{from: from, to: from}, err
	}
	to, err := parseDate(last)
	if err == nil && (from.year == 0) != (to.year == 0) {
		err = errors.New("one end of the range has a year and the other has none")
	}
	if err == nil && from.year*10000+from.number() > to.year*10000+to.number() && from.year != 0 {
		err = errors.New("it ends before it begins")
	}
	return days{from: from, to: to}, err
}

// parseDate reads 2026-12-25, or 12-25, which may be the 29th of February.
func parseDate(text string) (date, error) {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return dateOf(t), nil
	}
	t, err := time.Parse(time.DateOnly, "2000-"+text)
	if err != nil {
		return date{}, errDay
	}
	d := dateOf(t)
	d.year = 0
	return d, nil
}

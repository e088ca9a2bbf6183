// Package hours knows when somebody is there: opening hours by weekday in a time zone, holidays by date or by their distance
// from Easter.
package hours

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Config is a calendar as it is written.
type Config struct {
	// Zone is the time zone by its IANA name, e.g. "Europe/Athens". It must be given: a machine's own zone may be any.
	Zone string
	// Hours are days and times, e.g. "Mon-Fri 08:00-15:00", "Sat,Sun 10:00-13:00" or "Sat" for all of it. A time range
	// that ends at or before its beginning goes on after midnight.
	Hours []string
	// Holidays are days without hours, those that begin on them: "12-25" in every year, "2026-04-13" in one,
	// "easter+1" or "orthodox-easter-2" by days from Easter Sunday, or two days of the first two kinds as a range,
	// "07-01..08-31".
	Holidays []string
	// Open are days as in Holidays that are no holidays after all.
	Open []string
}

// Calendar is a [Config] made ready. It does not change and may be used by several goroutines at once.
type Calendar struct {
	zone     *time.Location
	text     string // the hours as they were written
	hours    [7][]span
	holidays []days
	open     []days
}

// span is a time of the day in minutes from midnight; to is above 24 hours if it goes on after midnight.
type span struct{ from, to int }

const dayMinutes = 24 * 60

// String returns the hours as they were written.
func (c *Calendar) String() string { return c.text }

// Holiday tells whether a time is on one of the holidays, by the calendar's zone.
func (c *Calendar) Holiday(at time.Time) bool {
	day := dateOf(at.In(c.zone))
	return day.in(c.holidays) && !day.in(c.open)
}

// IsOpen tells whether the calendar has hours at a time.
func (c *Calendar) IsOpen(at time.Time) bool {
	local := at.In(c.zone)
	minute := local.Hour()*60 + local.Minute()
	today := dateOf(local)
	if c.within(today, minute) {
		return true
	}
	yesterday := dateOf(local.AddDate(0, 0, -1))
	return c.within(yesterday, minute+dayMinutes)
}

// within tells whether a day's hours have a minute, counted from that day's midnight.
func (c *Calendar) within(day date, minute int) bool {
	for _, s := range c.hours[day.weekday] {
		if s.from <= minute && minute < s.to {
			return day.in(c.open) || !day.in(c.holidays)
		}
	}
	return false
}

// New makes a calendar ready. wrong is told what is wrong, with its key below the calendar's, such as ".hours[1]".
func New(cfg Config, wrong func(key, format string, args ...any)) *Calendar {
	c := &Calendar{text: strings.Join(cfg.Hours, "; ")}
	var err error
	if c.zone, err = time.LoadLocation(cfg.Zone); err != nil || cfg.Zone == "" || cfg.Zone == "Local" {
		wrong(".zone", "%q is no time zone: want an IANA name such as Europe/Athens", cfg.Zone)
		c.zone = time.UTC
	}
	if len(cfg.Hours) == 0 {
		wrong("", "the calendar has no hours")
	}
	for i, text := range cfg.Hours {
		if err := c.addHours(text); err != nil {
			wrong(fmt.Sprintf(".hours[%d]", i), "%q: %v", text, err)
		}
	}
	c.holidays = readDays(".holidays", cfg.Holidays, wrong)
	c.open = readDays(".open", cfg.Open, wrong)
	return c
}

func readDays(key string, texts []string, wrong func(key, format string, args ...any)) []days {
	list := make([]days, 0, len(texts))
	for i, text := range texts {
		d, err := parseDays(text)
		if err != nil {
			wrong(fmt.Sprintf("%s[%d]", key, i), "%q: %v", text, err)
		}
		list = append(list, d)
	}
	return list
}

var weekdays = map[string]int{"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}

// addHours reads "Mon-Fri,Sun 08:00-12:00,13:00-15:00".
func (c *Calendar) addHours(text string) error {
	fields := strings.Fields(text)
	if len(fields) == 0 || len(fields) > 2 {
		return errors.New(`want days and times such as "Mon-Fri 08:00-15:00"`)
	}
	spans := []span{{0, dayMinutes}}
	if len(fields) == 2 {
		spans = spans[:0]
		for part := range strings.SplitSeq(fields[1], ",") {
			s, err := parseSpan(part)
			if err != nil {
				return err
			}
			spans = append(spans, s)
		}
	}
	for part := range strings.SplitSeq(fields[0], ",") {
		from, to, isRange := strings.Cut(strings.ToLower(part), "-")
		first, ok := weekdays[from]
		last := first
		if isRange {
			var also bool
			last, also = weekdays[to]
			ok = ok && also
		}
		if !ok {
			return fmt.Errorf("%q is no day: want Mon, Tue, Wed, Thu, Fri, Sat, Sun or a range of them", part)
		}
		for day := first; ; day = (day + 1) % 7 {
			c.hours[day] = append(c.hours[day], spans...)
			if day == last {
				break
			}
		}
	}
	return nil
}

func parseSpan(text string) (span, error) {
	from, to, ok := strings.Cut(text, "-")
	begin, err := parseMinute(from)
	end, also := parseMinute(to)
	if !ok || err != nil || also != nil || begin == dayMinutes {
		return span{}, fmt.Errorf("%q is no time range: want one such as 08:00-15:00", text)
	}
	if end <= begin {
		end += dayMinutes
	}
	return span{begin, end}, nil
}

// parseMinute reads hh:mm, 24:00 included.
func parseMinute(text string) (int, error) {
	hour, minute, ok := strings.Cut(text, ":")
	h, err := strconv.ParseUint(hour, 10, 8)
	m, also := strconv.ParseUint(minute, 10, 8)
	if !ok || err != nil || also != nil || len(minute) != 2 || m > 59 || h*60+m > dayMinutes {
		return 0, errors.New("no time")
	}
	return int(h*60 + m), nil
}

package routing

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// calendar is a [Calendar] made ready.
type calendar struct {
	name     string
	zone     *time.Location
	text     string // the hours as they were written
	hours    [7][]span
	holidays []days
	open     []days
}

// span is a time of the day in minutes from midnight; to is above 24 hours if it goes on after midnight.
type span struct{ from, to int }

const dayMinutes = 24 * 60

// isOpen tells whether the calendar has hours at a time.
func (c *calendar) isOpen(at time.Time) bool {
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
func (c *calendar) within(day date, minute int) bool {
	for _, s := range c.hours[day.weekday] {
		if s.from <= minute && minute < s.to {
			return day.in(c.open) || !day.in(c.holidays)
		}
	}
	return false
}

// newCalendar makes a calendar ready. wrong is told what is wrong, with its key.
func newCalendar(name string, cfg Calendar, wrong func(key, format string, args ...any)) *calendar {
	c := &calendar{name: name, text: strings.Join(cfg.Hours, "; ")}
	var err error
	if c.zone, err = time.LoadLocation(cfg.Zone); err != nil || cfg.Zone == "" || cfg.Zone == "Local" {
		wrong(".zone", "%q is no time zone: want an IANA name such as Europe/Athens", cfg.Zone)
		c.zone = time.UTC
	}
	if len(cfg.Hours) == 0 {
		wrong("", "calendar %q has no hours", name)
	}
	for i, text := range cfg.Hours {
		if err := c.addHours(text); err != nil {
			wrong(fmt.Sprintf(".hours[%d]", i), "%q: %v", text, err)
		}
	}
	for key, list := range map[string]struct {
		texts List
		into  *[]days
	}{".holidays": {cfg.Holidays, &c.holidays}, ".open": {cfg.Open, &c.open}} {
		for i, text := range list.texts {
			d, err := parseDays(text)
			if err != nil {
				wrong(fmt.Sprintf("%s[%d]", key, i), "%q: %v", text, err)
			}
			*list.into = append(*list.into, d)
		}
	}
	return c
}

var weekdays = map[string]int{"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}

// addHours reads "Mon-Fri,Sun 08:00-12:00,13:00-15:00".
func (c *calendar) addHours(text string) error {
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

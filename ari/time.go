package ari

import (
	"time"
)

// timeLayout is how Asterisk writes a date (ast_json_timeval in main/json.c).
const timeLayout = "2006-01-02T15:04:05.000-0700"

// time takes a date as Asterisk writes it.
func (d *decoder) time() time.Time {
	text := d.str()
	if text == "" {
		return time.Time{}
	}
	t, ok := parseTime(text)
	if !ok {
		d.fail("%q is no date", short(text))
	}
	return t
}

// parseTime reads a date in Asterisk's layout, without what time.Parse allocates for the time zone: the result is in UTC.
func parseTime(s string) (time.Time, bool) {
	if len(s) == len(timeLayout) && s[4] == '-' && s[7] == '-' && s[10] == 'T' && s[13] == ':' && s[16] == ':' && s[19] == '.' {
		var p pieces
		year, month, day := p.number(s[:4]), p.number(s[5:7]), p.number(s[8:10])
		hour, minute, second, ms := p.number(s[11:13]), p.number(s[14:16]), p.number(s[17:19]), p.number(s[20:23])
		offset := time.Duration(p.number(s[24:26]))*time.Hour + time.Duration(p.number(s[26:28]))*time.Minute
		plausible := month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 60
		if !p.bad && plausible && (s[23] == '+' || s[23] == '-') {
			if s[23] == '+' {
				offset = -offset
			}
			return time.Date(year, time.Month(month), day, hour, minute, second, ms*1e6, time.UTC).Add(offset), true
		}
	}
	for _, layout := range []string{timeLayout, time.RFC3339Nano} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// pieces reads the numbers of a date.
type pieces struct{ bad bool }

func (p *pieces) number(s string) (n int) {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			p.bad = true
			return 0
		}
		n = 10*n + int(c-'0')
	}
	return n
}

package routing

import (
	"testing"
	"time"
)

// problems are what a calendar is told to have wrong.
func readyCalendar(t *testing.T, cfg Calendar) *calendar {
	t.Helper()
	return newCalendar("c", cfg, func(key, format string, args ...any) { t.Errorf(key+": "+format, args...) })
}

func TestCalendar(t *testing.T) {
	office := Calendar{
		Zone: "Europe/Athens", Hours: List{"Mon-Fri 08:00-15:00", "Sat 10:00-12:00,13:00-14:00", "Fri 22:00-02:00"},
		Holidays: List{"12-25", "2026-06-10", "orthodox-easter-2", "orthodox-easter+1", "08-01..08-15", "2026-12-30..2027-01-02"},
		Open:     List{"08-07"},
	}
	nights := Calendar{Zone: "Asia/Tehran", Hours: List{"Sat-Wed 20:00-24:00", "Sat-Wed 00:00-06:00", "Thu"}, Holidays: List{"12-30..01-02", "easter"}}
	for _, test := range []struct {
		calendar Calendar
		at       string
		want     bool
	}{
		{office, "2026-11-25T07:59:59+02:00", false},
		{office, "2026-11-25T08:00:00+02:00", true},
		{office, "2026-11-25T05:59:59Z", false}, // winter time
		{office, "2026-11-25T06:00:00Z", true},
		{office, "2026-07-01T05:00:00Z", true}, // summer time
		{office, "2026-11-25T15:00:00+02:00", false},
		{office, "2026-11-28T12:30:00+02:00", false},
		{office, "2026-11-28T13:30:00+02:00", true},
		{office, "2026-11-28T01:59:00+02:00", true}, // Friday's night
		{office, "2026-11-28T02:00:00+02:00", false},
		{office, "2026-12-25T09:00:00+02:00", false},
		{office, "2026-12-26T01:00:00+02:00", false}, // the night of a holiday
		{office, "2026-06-10T09:00:00+03:00", false},
		{office, "2027-06-10T09:00:00+03:00", true},
		{office, "2026-04-10T09:00:00+03:00", false}, // Good Friday
		{office, "2026-04-13T09:00:00+03:00", false}, // Easter Monday
		{office, "2026-04-14T09:00:00+03:00", true},
		{office, "2026-08-06T09:00:00+03:00", false},
		{office, "2026-08-07T09:00:00+03:00", true}, // open all the same
		{office, "2027-01-01T09:00:00+02:00", false},
		{office, "2028-01-03T09:00:00+02:00", true},
		{nights, "2026-11-25T21:00:00+03:30", true}, // Wednesday
		{nights, "2026-11-25T23:59:59+03:30", true},
		{nights, "2026-11-26T05:00:00+03:30", true}, // all of Thursday
		{nights, "2026-11-27T05:00:00+03:30", false},
		{nights, "2026-11-28T05:00:00+03:30", true},
		{nights, "2026-12-30T21:00:00+03:30", false},
		{nights, "2027-01-02T21:00:00+03:30", false},
		{nights, "2027-01-03T21:00:00+03:30", true},
		{nights, "2026-04-05T21:00:00+03:30", false}, // Easter of the others
	} {
		at, err := time.Parse(time.RFC3339, test.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := readyCalendar(t, test.calendar).isOpen(at); got != test.want {
			t.Errorf("%s in %s: open %v", test.at, test.calendar.Zone, got)
		}
	}
}

func TestEaster(t *testing.T) {
	for year, want := range map[int][2]string{
		2024: {"2024-03-31", "2024-05-05"}, 2025: {"2025-04-20", "2025-04-20"}, 2026: {"2026-04-05", "2026-04-12"},
		2027: {"2027-03-28", "2027-05-02"}, 2038: {"2038-04-25", "2038-04-25"}, 1943: {"1943-04-25", "1943-04-25"},
	} {
		for i, f := range []feast{easter, orthodoxEaster} {
			if got := sundayOf(f, year).Format(time.DateOnly); got != want[i] {
				t.Errorf("Easter %d of %d: %s, want %s", i, year, got, want[i])
			}
		}
	}
}

func TestCover(t *testing.T) {
	for _, test := range []struct {
		from, to string
		count    int
	}{{"200", "299", 1}, {"200", "249", 5}, {"195", "204", 10}, {"00", "99", 1}, {"+301", "+305", 5}, {"7", "7", 1}, {"1000", "8999", 8}, {"0999", "9000", 10}} {
		list := cover(test.from, test.to)
		if len(list) > test.count+2 {
			t.Errorf("%s-%s takes %d prefixes: %q", test.from, test.to, len(list), list)
		}
		if len(test.from) > 4 || test.from[0] == '+' {
			continue
		}
		for n := range 10000 {
			key := itoa(n)[4-len(test.from):]
			covered := false
			for _, prefix := range list {
				covered = covered || len(key) >= len(prefix) && key[:len(prefix)] == prefix
			}
			if covered != (test.from <= key && key <= test.to) {
				t.Fatalf("%s-%s: %s is covered: %v, by %q", test.from, test.to, key, covered, list)
			}
		}
	}
}

// itoa is a number in four digits.
func itoa(n int) string {
	return string([]byte{byte('0' + n/1000), byte('0' + n/100%10), byte('0' + n/10%10), byte('0' + n%10)})
}

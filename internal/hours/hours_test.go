package hours

import (
	"testing"
	"time"
)

func ready(t *testing.T, cfg Config) *Calendar {
	t.Helper()
	return New(cfg, func(key, format string, args ...any) { t.Errorf(key+": "+format, args...) })
}

func TestCalendar(t *testing.T) {
	office := Config{
		Zone: "Europe/Athens", Hours: []string{"Mon-Fri 08:00-15:00", "Sat 10:00-12:00,13:00-14:00", "Fri 22:00-02:00"},
		Holidays: []string{"12-25", "2026-06-10", "orthodox-easter-2", "orthodox-easter+1", "08-01..08-15", "2026-12-30..2027-01-02"},
		Open:     []string{"08-07"},
	}
	nights := Config{Zone: "Asia/Tehran", Hours: []string{"Sat-Wed 20:00-24:00", "Sat-Wed 00:00-06:00", "Thu"}, Holidays: []string{"12-30..01-02", "easter"}}
	for _, test := range []struct {
		calendar Config
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
		if got := ready(t, test.calendar).IsOpen(at); got != test.want {
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

func TestHoliday(t *testing.T) {
	c := ready(t, Config{Zone: "Europe/Athens", Hours: []string{"Mon"}, Holidays: []string{"12-25..12-26"}, Open: []string{"2026-12-26"}})
	for at, want := range map[string]bool{
		"2026-12-24T23:00:00Z": true, "2026-12-24T21:00:00Z": false, "2026-12-26T12:00:00Z": false, "2027-12-26T12:00:00Z": true,
	} {
		parsed, err := time.Parse(time.RFC3339, at)
		if err != nil || c.Holiday(parsed) != want {
			t.Errorf("%s: %v, %v", at, c.Holiday(parsed), err)
		}
	}
}

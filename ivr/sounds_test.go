package ivr_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/ivr/sayconf"
)

func TestSounds(t *testing.T) {
	day := time.Date(2026, 11, 25, 15, 5, 0, 0, time.UTC) // a Wednesday
	nowruz := time.Date(2025, 3, 21, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		language string
		piece    ivr.Piece
		want     string
	}{
		{"de", ivr.SayDigits("01*#"), "0 1 star pound"},
		{"en", ivr.SayDigits("a 1-b"), "letters/a 1 letters/dash letters/b"},
		{"en", ivr.SayNumber(0), "0"},
		{"en_GB", ivr.SayNumber(342), "3 hundred 40 2"},
		{"en-US", ivr.SayNumber(-1_013_000), "minus 1 million 13 thousand"},
		{"en", ivr.SayNumber(2_000_000_021), "2 billion 20 1"},
		{"en", ivr.SayDate(day), "day-3 mon-10 20 h-5 20 20 6"},
		{"en", ivr.SayDate(time.Date(2009, 5, 31, 0, 0, 0, 0, time.UTC)), "day-0 mon-4 30 h-1 2 thousand 9"},
		{"en", ivr.SayDate(time.Date(1905, 1, 12, 0, 0, 0, 0, time.UTC)), "day-4 mon-0 h-12 19 oh 5"},
		{"en", ivr.SayTime(day), "3 oh 5 p-m"},
		{"en", ivr.SayTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), "12 oclock a-m"},
		{"en", ivr.SayTime(time.Date(2026, 1, 1, 12, 45, 0, 0, time.UTC)), "12 40 5 p-m"},
		{"en", ivr.SayMoney(1_250, "EUR"), "12 currency/eur vm-and 50 currency/eur-cents"},
		{"en", ivr.SayMoney(-101, "usd"), "minus 1 currency/usd-1 vm-and 1 currency/usd-cents-1"},
		{"en", ivr.SayMoney(0, "USD"), "0 currency/usd"},
		{"el", ivr.SayNumber(100), "hundred-100"},
		{"el", ivr.SayNumber(113), "hundred-101 13"},
		{"el", ivr.SayNumber(1_000), "thousand-1"},
		{"el", ivr.SayNumber(203_231), "female-hundred-200 female-3 thousand hundred-200 30 1"},
		{"el", ivr.SayNumber(1_000_004), "1 million-1 4"},
		{"el", ivr.SayDate(day), "day-3 20 5 mon-10 2 thousand 20 6"},
		{"el", ivr.SayTime(time.Date(2026, 1, 1, 21, 13, 0, 0, time.UTC)), "hour 20 female-1 and 13"},
		{"fa", ivr.SayNumber(1_342), "thousand and 300 and 40 and 2"},
		{"fa", ivr.SayNumber(21_000), "20 and 1 thousand"},
		{"fa", ivr.SayDate(day), "day-3 4 jalali-8 thousand and 400 and 5"},
		{"fa", ivr.SayDate(nowruz), "day-5 1 jalali-0 thousand and 400 and 4"},
		{"fa", ivr.SayDate(nowruz.AddDate(0, 0, -1)), "day-4 30 jalali-11 thousand and 400 and 3"}, // a leap year
		{"fa", ivr.SayTime(day), "hour 15 and 5 minutes"},
		{"fa", ivr.SayMoney(300, "IRR"), "3 currency/irr"},
		{"xx", ivr.Sound("vm-goodbye"), "vm-goodbye"},
		{"xx", ivr.Played("a/b"), "recording:a/b"},
	} {
		got, err := ivr.Sounds(test.language, test.piece)
		if text := strings.ReplaceAll(strings.Join(got, " "), "digits/", ""); err != nil || text != test.want {
			t.Errorf("%s: got %s, %v; want %s", test.language, text, err, test.want)
		}
	}
}

func TestSoundsErrors(t *testing.T) {
	var unknown *ivr.LanguageError
	for _, language := range []string{"", "de", "_", "english"} {
		if _, err := ivr.Sounds(language, ivr.SayNumber(1)); !errors.As(err, &unknown) {
			t.Errorf("%q: %v", language, err)
		}
	}
	for _, piece := range []ivr.Piece{ivr.SayDigits("ü"), ivr.SayMoney(1, "E/R"), ivr.SayMoney(1, "euro")} {
		if got, err := ivr.Sounds("en", piece); err == nil {
			t.Errorf("got %v", got)
		}
	}
}

// rules are those of a say.conf.
const rules = `[de]
_[n]um:[4-9]2 => digits/${SAY:1}-and, digits/${SAY:0:1}0
_digit:. => spelled/${SAY}
_date::. => date:dm:${SAY}
_date:d:. => d/${SAY:6:2}
_date:m:. => m/$[${SAY:4:2}-1]
_time::. => time/${SAY:8:4}-${SAY:16:1}-${SAY:18}
`

func TestSoundsBy(t *testing.T) {
	file, err := sayconf.Parse("say.conf", []byte(rules))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 15, 5, 0, 0, time.UTC) // a Sunday
	for _, test := range []struct {
		language string
		piece    ivr.Piece
		want     string
	}{
		{"de", ivr.SayNumber(42), "digits/2-and digits/40"},
		{"de_AT", ivr.SayDigits("012"), "spelled/012"},
		{"de", ivr.SayDigits("a1"), "letters/a digits/1"},
		{"de", ivr.SayDate(at), "d/01 m/2"},
		{"de", ivr.SayTime(at), "time/1505-0-060"},
		{"de", ivr.Sound("x"), "x"},
		{"en", ivr.SayNumber(42), "digits/40 digits/2"},
		{"en", ivr.SayMoney(100, "EUR"), "digits/1 currency/eur-1"},
	} {
		if got, err := ivr.SoundsBy(file, test.language, test.piece); err != nil || strings.Join(got, " ") != test.want {
			t.Errorf("%s: %v, %v; want %s", test.language, got, err, test.want)
		}
	}
	var unknown *ivr.LanguageError
	if got, err := ivr.SoundsBy(file, "de", ivr.SayNumber(1)); err == nil {
		t.Errorf("without a rule: %v", got)
	}
	if got, err := ivr.SoundsBy(file, "de", ivr.SayMoney(1, "EUR")); !errors.As(err, &unknown) {
		t.Errorf("money: %v, %v", got, err)
	}
}

// FuzzSounds says any number in all languages.
func FuzzSounds(f *testing.F) {
	for _, n := range []int64{0, 999, 1_000, math.MaxInt64, math.MinInt64} {
		f.Add(n)
	}
	f.Fuzz(func(t *testing.T, n int64) {
		for _, language := range ivr.Languages {
			for _, piece := range []ivr.Piece{ivr.SayNumber(n), ivr.SayMoney(n, "EUR"), ivr.SayDate(time.Unix(n%1e11, 0)), ivr.SayTime(time.Unix(n%1e11, 0))} {
				sounds, err := ivr.Sounds(language, piece)
				if err != nil || len(sounds) == 0 {
					t.Fatalf("%s %d: %v, %v", language, n, sounds, err)
				}
			}
		}
	})
}

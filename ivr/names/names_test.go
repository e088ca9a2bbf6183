package names_test

import (
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/ivr/names"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var people = []names.Person{
	{Name: "Μαρία Παπαδοπούλου", Extension: "201"},
	{Name: "Γιώργος Χατζηευθυμίου", Extension: "202"},
	{Name: "محمد رضایی", Extension: "203"},
	{Name: "فاطمه حسینی\u200cنژاد", Extension: "204"},
	{Name: "Seán O'Brien-Müller", Extension: "205"},
	{Name: "Ψαρρός Λάμπρος", Extension: "206"},
	{Name: "علی احمدی", Spellings: []string{"Ali Ahmady"}, Extension: "207"},
}

func keysOf(latin string) string {
	const of = "22233344455566677778889999"
	var b strings.Builder
	for _, r := range latin {
		b.WriteByte(of[r-'a'])
	}
	return b.String()
}

func TestFind(t *testing.T) {
	index := names.New(people)
	for typed, want := range map[string]string{
		keysOf("papadopoulou"):       "201",
		keysOf("mariapapadop"):       "201", // first name first
		keysOf("papadopouloumaria"):  "201", // and last name first
		"7272367685":                 "201", // παπαδοπουλ on Greek keys
		keysOf("chatzieft"):          "202",
		keysOf("hatzi"):              "202", // as many write it
		keysOf("xatzi"):              "202",
		keysOf("giorgos"):            "202",
		keysOf("mohammad"):           "203",
		keysOf("rezaei"):             "203",
		keysOf("fatemeh"):            "204",
		keysOf("hosseini"):           "204",
		keysOf("hoseininejad"):       "204",
		keysOf("sean"):               "205",
		keysOf("obrien"):             "205",
		keysOf("mueller"):            "",
		keysOf("obrienmuller"):       "205",
		keysOf("psarros"):            "206",
		keysOf("lampros"):            "206",
		keysOf("ahmadi"):             "207",
		keysOf("ahmady"):             "207",
		keysOf("ali"):                "207",
		"0":                          "",
		"":                           "",
		"2*":                         "",
		strings.Repeat("2", 100_000): "",
	} {
		var got []string
		for _, p := range index.Find(typed) {
			got = append(got, p.Extension)
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s: found %q, want %q", typed, text, want)
		}
	}
}

// TestPersianKeys types on a keypad with Persian letters, one key for each letter.
func TestPersianKeys(t *testing.T) {
	index := names.New(people)
	for typed, want := range map[string]string{
		"8658": "",    // no such name
		"8685": "203", // م ح م د on 8 6 8 5
		"5437": "203", // ر ض ا ی
		"8398": "204", // ف ا ط م
	} {
		found := index.Find(typed)
		if len(found) == 0 && want != "" || len(found) > 0 && found[0].Extension != want {
			t.Errorf("%s: %+v, want %q first", typed, found, want)
		}
	}
}

func TestTypeable(t *testing.T) {
	for name, want := range map[string]bool{"": false, "王": false, "Ω": true, "7": true, "王 Wang": true} {
		if got := names.Typeable(names.Person{Name: name}); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// FuzzFind: whatever a name is, a person is found by all that may be typed for him, and no name takes long.
func FuzzFind(f *testing.F) {
	f.Add("Μαρία Παπαδοπούλου", "727")
	f.Add("محمد رضایی", "6642")
	f.Add(strings.Repeat("ا", 100), "22222222222222222222222222222229")
	f.Fuzz(func(t *testing.T, name, typed string) {
		index := names.New([]names.Person{{Name: name}})
		found := index.Find(typed)
		if len(found) > 1 || len(found) == 1 && found[0].Name != name {
			t.Errorf("%q: %+v", typed, found)
		}
		if len(found) == 1 && len(typed) > 1 && len(index.Find(typed[:len(typed)-1])) != 1 {
			t.Errorf("%q is found by %q and not by less of it", name, typed)
		}
	})
}

package sayconf_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/ivr/sayconf"
)

// greek are rules of our own.
const greek = `; a comment
[general]
mode=new ; nobody asks
[base](!)
_digit:[0-9*#] => digits/${SAY}
;-- several
lines --; _digit:[0-9*#]. => digit:${SAY:0:1}, digit:${SAY:1}
[el](base)
_[n]um:[5-9] => small, num:${SAY:-1:1}y
_[n]um:[5-9]y = digits/${SAY:0:-1}
[el](+)
_date::. => date: Y 'and then' d:${SAY}
_date:Y:. => year-$[(${SAY:0:4} - 2000) * 2], ${IF($[${SAY:4:2} >= 7]?late:early)}\;
date:d:never => x
_date:d:. => ${SAY:6:2}${SAY:99}
_loop:. => loop:${SAY}
_quote:. => quote:'x:${SAY}
[fa]
`

// Rules of an operator that double what they say, or how often, end before they fill the memory.
func TestTooMuch(t *testing.T) {
	f, err := sayconf.Parse("say.conf", []byte("[el]\n_a:. => a:${SAY}${SAY}\n_b:X. => b:${SAY:1}, b:${SAY:1}\n_b:X => digits/${SAY}\n_c:. => a$b${SAY}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"a:1", "b:123456789012345678901234567890"} {
		if got, ok, err := f.Say("el", what); !ok || err == nil || !strings.Contains(err.Error(), "too long") {
			t.Errorf("%s: %d sounds, %v, %v", what, len(got), ok, err)
		}
	}
	if got, _, err := f.Say("el", "c:1"); err != nil || strings.Join(got, " ") != "a$b1" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestSay(t *testing.T) {
	f, err := sayconf.Parse("say.conf", []byte(greek))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(f.Languages(), " "); got != "el fa" {
		t.Errorf("languages %s", got)
	}
	const day = "date::202611050102.03-4-309"
	for what, want := range map[string]string{
		"digit:1*#": "digits/1 digits/* digits/#", "num:7": "small digits/7", day: "year-52 late; and then 05",
		"date:Y:200606172030.00-4-102": "year-12 early;",
	} {
		if got, ok, err := f.Say("el-GR", what); !ok || err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %v %v %v, want %s", what, got, ok, err, want)
		}
	}
	for what, want := range map[string]string{
		"loop:1": `sayconf: "loop:1" in el: the rules go round in circles, or what is to be said is too long`,
		"what:1": `sayconf: "what:1" in el: there is no rule for "what:1"`, "quote:1": `sayconf: "quote:1" in el: "quote:'x:1": a quote is not closed`,
		"date:Y:x": `sayconf: "date:Y:x" in el: $[(x - 2000) * 2]: "x" is no number: whole numbers are reckoned with, by + - * / % and comparisons`,
	} {
		if got, ok, err := f.Say("el", what); !ok || err == nil || err.Error() != want {
			t.Errorf("%s: %v %v %v, want %s", what, got, ok, err, want)
		}
	}
	for _, language := range []string{"en", "", "base", "general"} {
		if got, ok, err := f.Say(language, "digit:1"); ok || err != nil {
			t.Errorf("%s: %v %v", language, got, err)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"x => y":              "say.conf:1: a rule before the first section",
		"\n[el":               `say.conf:2: "[el" is no section: want [name]`,
		"[]":                  `say.conf:1: "[]" is no section: want [name]`,
		"[el] x":              `say.conf:1: "x" behind [el]: want (templates)`,
		"[el](base)":          "say.conf:1: there is no section [base] before [el]",
		"[el](+)":             "say.conf:1: there is no section [el] to add to",
		"[el]\n[el](+,el)":    "say.conf:2: [el] cannot be its own template",
		"[el]\nnum":           `say.conf:2: "num" is no rule: want pattern => sounds`,
		"[el]\n=> x":          "say.conf:2: a rule without a pattern",
		"#include more.conf":  `say.conf:1: "#include more.conf": files are not included here: put all rules into one`,
		"[el]\n_num:[1 => x":  `say.conf:2: the pattern "_num:[1" has a [ or a ] too many`,
		"[el]\nn => ${SAY":    `say.conf:2: "${SAY": there is no } to its {`,
		"[el]\nn => ${X}":     "say.conf:2: ${X}: want SAY, SAY:offset:length or IF(condition?this:that)",
		"[el]\nn => ${SAY:a}": `say.conf:2: ${SAY:a}: "a" is no number`,
		"[el]\nn => a, $[1+]": `say.conf:2: $[1+]: "" is no number: whole numbers are reckoned with, by + - * / % and comparisons`,
		"[el]\nn => $[1 1]":   `say.conf:2: $[1 1]: what is "1": whole numbers are reckoned with, by + - * / % and comparisons`,
		"[el]\nn => $[(1]":    `say.conf:2: $[(1]: there is no ) to its (: whole numbers are reckoned with, by + - * / % and comparisons`,
		"[el]\nn => $[1/0]":   `say.conf:2: $[1/0]: a division by nothing: whole numbers are reckoned with, by + - * / % and comparisons`,
		"[el]\nn => ${IF(1)}": "say.conf:2: IF(1): want condition?this:that",
	} {
		f, err := sayconf.Parse("say.conf", []byte(text))
		var where *sayconf.Error
		if f != nil || !errors.As(err, &where) || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
	if _, err := sayconf.Read(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there")
	}
}

// FuzzSay parses anything and says anything by it.
func FuzzSay(f *testing.F) {
	f.Add(greek, "num:7")
	f.Add("[el]\n_.=>$[-1%2]${SAY:-2:-1}", "a:b:c")
	f.Fuzz(func(t *testing.T, text, what string) {
		file, err := sayconf.Parse("say.conf", []byte(text))
		if err != nil {
			return
		}
		for _, language := range append(file.Languages(), "el_GR") {
			if got, ok, err := file.Say(language, what); !ok && (got != nil || err != nil) {
				t.Errorf("no %s, but %v, %v", language, got, err)
			}
		}
	})
}

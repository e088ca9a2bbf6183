package names

import (
	"slices"
	"strings"
)

// Person is somebody who can be found by name.
type Person struct {
	// Name is as it is written, first name first. Spellings are other ways to write it.
	Name      string
	Spellings []string
	// Extension and Sound are for who asks: what to dial, and the name as a sound.
	Extension, Sound string
}

// MaxTyped is how many keys of what was typed are looked at.
const MaxTyped = 32

// Index finds people. It does not change and may be used by several goroutines at once.
type Index struct {
	people []Person
	keys   [][]string   // of each person: what may be typed, word for word
	latin  [][][]letter // of each person: Persian words that may be typed in Latin letters
}

// New returns an index of people. Words of names that are on no key are left out.
func New(people []Person) *Index {
	x := &Index{people: slices.Clone(people)}
	for _, p := range people {
		typed, latin := spell(p)
		x.keys, x.latin = append(x.keys, typed), append(x.latin, latin)
	}
	return x
}

// Typeable tells whether a person can be found at all.
func Typeable(p Person) bool {
	typed, _ := spell(p)
	return len(typed) > 0
}

// spell returns what may be typed for a person: each word of the name, and all of it in both orders.
func spell(p Person) (typed []string, latin [][]letter) {
	add := func(key string) {
		if key != "" && !slices.Contains(typed, key) {
			typed = append(typed, key)
		}
	}
	for _, name := range append([]string{p.Name}, p.Spellings...) {
		list := words(name)
		for i := range list { // beginning with each word, round the end: last name first too
			turned := slices.Concat(list[i:], list[:i])
			add(keys(strings.Join(turned, "")))
			add(keys(turned[0]))
			first := greek(turned[0])
			for k, word := range first {
				add(keys(word))
				if k == 0 {
					add(keys(latinGreek(turned)))
				}
			}
			if word := persian(turned[0]); word != nil {
				latin = append(latin, persian(strings.Join(turned, "")))
			}
		}
	}
	return typed, slices.DeleteFunc(latin, func(l []letter) bool { return l == nil })
}

// latinGreek is the Latin spelling of several Greek words.
func latinGreek(list []string) string {
	var b strings.Builder
	for _, word := range list {
		if spelled := greek(word); spelled != nil {
			b.WriteString(spelled[0])
		}
	}
	return b.String()
}

// Find returns the people a word of whose name, or all of it, begins with what was typed: those first whose word is no longer.
func (x *Index) Find(typed string) []Person {
	if typed == "" || len(typed) > MaxTyped || strings.Trim(typed, "23456789") != "" {
		return nil
	}
	var whole, part []Person
	for i, p := range x.people {
		switch {
		case slices.Contains(x.keys[i], typed):
			whole = append(whole, p)
		case slices.ContainsFunc(x.keys[i], func(k string) bool { return strings.HasPrefix(k, typed) }),
			slices.ContainsFunc(x.latin[i], func(w []letter) bool { return begins(w, typed) }):
			part = append(part, p)
		}
	}
	return append(whole, part...)
}

// Len is the number of people.
func (x *Index) Len() int { return len(x.people) }

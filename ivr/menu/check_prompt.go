package menu

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Sound is a sound file that menus play, in a language or, if that is empty, in all of theirs.
type Sound struct {
	// Name is that of the sound, Language its language if the segment has one of its own.
	Name, Language string
	// Spoken says that there is a text to speak where the sound is missing.
	Spoken bool

	path string
}

var soundShape = regexp.MustCompile(`^[A-Za-z0-9_/.-]{1,200}$`)

// prompt tells what is wrong with a prompt. One that is needed must not be empty.
func (c *checker) prompt(key string, p Prompt, needed bool) {
	if needed && len(p) == 0 {
		c.bad(key, "there is no prompt: callers would hear nothing")
	}
	if len(p) > MaxSegments {
		c.bad(key, "%d segments: at most %d are taken", len(p), MaxSegments)
		return
	}
	for i := range p {
		at := c.path + key
		if len(p) > 1 {
			at = fmt.Sprintf("%s[%d]", at, i)
		}
		c.segment(at, &p[i])
	}
}

func (c *checker) prompts(key string, list Prompts) {
	for i, p := range list {
		c.prompt(fmt.Sprintf("%s[%d]", key, i), p, true)
	}
}

func (c *checker) segment(path string, s *Segment) {
	given := 0
	for _, text := range []string{s.Sound, s.Digits, s.Number, s.Date, s.Time, s.Money, s.Recording} {
		if text != "" {
			given++
		}
		c.fills(path, text)
	}
	c.set.speaks = c.set.speaks || s.Text != nil
	if s.Text != nil && s.Sound == "" {
		given++
	}
	switch {
	case given != 1:
		c.wrong(path, "a segment: want exactly one of sound (perhaps with text), text, digits, number, date, time, money and recording")
	case s.Sound != "":
		c.sound(path, *s)
	case s.Money != "" && !currencyShape.MatchString(s.Currency):
		c.wrong(path, "money needs a currency, such as EUR")
	}
	for _, when := range []string{s.Date, s.Time} {
		if when != "" && !strings.Contains(when, "${") {
			if _, err := parseTime(when, time.Time{}, time.UTC); err != nil {
				c.wrong(path, "%v", err)
			}
		}
	}
	if s.Language != "" && len(c.in.Languages) > 0 && !c.speaks(s.Language) {
		c.wrong(path, "%q is none of the languages", s.Language)
	}
	c.translations(path, s)
}

var currencyShape = regexp.MustCompile(`^[A-Z]{3}$`)

func (c *checker) speaks(language string) bool {
	return slices.ContainsFunc(c.in.Languages, func(l Language) bool { return l.Name == language })
}

// translations checks that there is a text for every language.
func (c *checker) translations(path string, s *Segment) {
	for language, text := range s.Text {
		if strings.TrimSpace(text) == "" || len(text) > maxText {
			c.wrong(path, "a text to speak has 1 to %d bytes", maxText)
		}
		if language != "" && len(c.in.Languages) > 0 && !c.speaks(language) {
			c.wrong(path, "%q is none of the languages", language)
		}
		c.fills(path, text)
	}
	if s.Text == nil || s.Text[""] != "" {
		return
	}
	for _, l := range c.in.Languages {
		if s.Language == "" || s.Language == l.Name {
			if _, _, ok := s.Text.in(c.set.chain(l.Name)); !ok {
				c.wrong(path, "no text in %q, nor in its fallbacks", l.Name)
			}
		}
	}
}

// maxText is how long a text to speak may be.
const maxText = 2000

// in returns the text in the first of some languages that has one.
func (t Translations) in(languages []string) (text, language string, ok bool) {
	for _, l := range languages {
		if text, ok := t[l]; ok {
			return text, l, true
		}
	}
	if text, ok := t[""]; ok && len(languages) > 0 {
		return text, languages[0], true
	}
	return "", "", false
}

func (c *checker) sound(path string, s Segment) {
	if !soundShape.MatchString(s.Sound) || strings.Contains(s.Sound, "..") {
		c.wrong(path, "%q is no name of a sound: want letters, digits and _ / . -", s.Sound)
	}
	c.set.uses = append(c.set.uses, Sound{Name: s.Sound, Language: s.Language, Spoken: s.Text != nil, path: path})
}

// chain is a language and its fallbacks.
func (s *Set) chain(language string) []string {
	for _, l := range s.languages {
		if l.Name == language {
			return append([]string{l.Name}, l.Fallback...)
		}
	}
	if len(s.languages) > 0 {
		return []string{s.languages[0].Name}
	}
	return []string{language}
}

// parseTime reads "now", a date or a time with a zone.
func parseTime(text string, now time.Time, zone *time.Location) (time.Time, error) {
	if text == "now" {
		return now.In(zone), nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, fmt.Errorf("%q is no time: want now, 2026-12-24 or 2026-12-24T18:00:00+02:00", text)
	}
	return t, nil
}

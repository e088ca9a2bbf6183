package sayconf

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Bounds of what rules make, which may lead to each other. Asterisk gives up after a depth of 10, in the middle of the number.
const (
	maxDepth  = 64
	maxLength = 1024 // of what is to be said, in bytes
	maxSounds = 1000
)

var errTooLong = errors.New("the rules go round in circles, or what is to be said is too long")

// Say returns the names of the sounds that say something in a language, such as num:42 or date::200604172030.00-1-107. ok is false if the
// file has no rules for the language, nor for el where it is el_GR. What those of el_GR do not say, those of el do, and those of en at last,
// as in Asterisk.
func (f *File) Say(language, what string) (sounds []string, ok bool, err error) {
	v := voice{}
	for name := strings.ReplaceAll(language, "-", "_"); name != ""; name = parent(name) {
		v.add(f.sections[name])
	}
	if len(v) == 0 {
		return nil, false, nil
	}
	v.add(f.sections["en"])
	sounds, err = v.say(what, 0)
	if err != nil {
		return nil, true, fmt.Errorf("sayconf: %q in %s: %w", what, language, err)
	}
	return sounds, true, nil
}

// parent is el for el_GR, and nothing for el.
func parent(language string) string {
	name, _, ok := strings.Cut(language, "_")
	if !ok {
		return ""
	}
	return name
}

// voice is the rules of a language, and those that help out.
type voice []*section

func (v *voice) add(s *section) {
	if s != nil && !s.template && !slices.Contains(*v, s) {
		*v = append(*v, s)
	}
}

// say goes by the rules as do_say in apps/app_playback.c does.
func (v voice) say(what string, depth int) ([]string, error) {
	if depth > maxDepth || len(what) > maxLength {
		return nil, errTooLong
	}
	for _, s := range v {
		for _, r := range s.rules {
			if matches(r.pattern, what) {
				return v.apply(r, what, depth)
			}
		}
	}
	return nil, fmt.Errorf("there is no rule for %q", what)
}

// apply says the parts of a rule. The value is behind up to two colons.
func (v voice) apply(r rule, what string, depth int) ([]string, error) {
	say := what
	for range 2 {
		if _, rest, ok := strings.Cut(say, ":"); ok {
			say = rest
		}
	}
	var all []string
	for _, part := range r.parts {
		text, err := fill(part, say)
		if err != nil {
			return nil, err
		}
		sounds, err := v.part(text, depth)
		if err != nil {
			return nil, err
		}
		if all = append(all, sounds...); len(all) > maxSounds {
			return nil, errTooLong
		}
	}
	return all, nil
}

// part says a part of a rule, in which the value is filled in: the name of a sound, what other rules say, or prefix:format:value, of
// whose format each character is said by other rules, and what is in quotes is the name of a sound.
func (v voice) part(text string, depth int) ([]string, error) {
	prefix, rest, ok := strings.Cut(text, ":")
	format, value, formatted := strings.Cut(rest, ":")
	switch {
	case !ok || prefix == "":
		return []string{text}, nil
	case !formatted || format == "":
		return v.say(text, depth+1)
	}
	var all []string
	for format = strings.TrimLeft(format, " \t"); format != ""; format = strings.TrimLeft(format, " \t") {
		if format[0] == '\'' {
			name, more, ok := strings.Cut(format[1:], "'")
			if !ok {
				return nil, fmt.Errorf("%q: a quote is not closed", text)
			}
			all, format = append(all, strings.TrimSpace(name)), more
			continue
		}
		sounds, err := v.say(prefix+":"+format[:1]+":"+value, depth+1)
		if err != nil {
			return nil, err
		}
		if all, format = append(all, sounds...), format[1:]; len(all) > maxSounds {
			return nil, errTooLong
		}
	}
	return all, nil
}

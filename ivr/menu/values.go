package menu

import (
	"regexp"
	"slices"
	"strings"
)

// builtin are the values that every call has: the caller's number and name, the extension that was dialled, the language,
// and the id of the channel.
var builtin = []string{"caller", "caller_name", "dialed", "language", "id"}

var (
	valueShape = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	// variableShape is that of variables of Asterisk, as menus may name them.
	variableShape = regexp.MustCompile(`^[A-Z_][A-Z0-9_]{0,79}$`)
	fillShape     = regexp.MustCompile(`\$\{([^}]*)\}`)
)

// fill puts values in the place of ${name}.
func fill(text string, values map[string]string) string {
	if !strings.Contains(text, "${") {
		return text
	}
	return fillShape.ReplaceAllStringFunc(text, func(m string) string { return values[m[2:len(m)-1]] })
}

// sets notes that the node sets a value.
func (c *checker) sets(key, value string) {
	if !valueShape.MatchString(value) {
		c.bad(key, "%q is no name of a value: want small letters, digits and _", value)
		return
	}
	if slices.Contains(builtin, value) {
		c.bad(key, "%q is a value of every call and cannot be set", value)
	}
	c.values[value] = true
}

// fills notes which values a text wants to have filled in.
func (c *checker) fills(path, text string) {
	for _, m := range fillShape.FindAllStringSubmatch(text, -1) {
		c.used = append(c.used, use{path, m[1]})
	}
}

// filledIn tells of values that nobody sets, and of those that must not be seen.
func (c *checker) filledIn() {
	for _, u := range c.switches {
		if !c.values[u.value] {
			c.wrong(u.path, "no node sets the value %q", u.value)
		}
	}
	for _, u := range c.used {
		switch {
		case !c.values[u.value]:
			c.wrong(u.path, "no node sets the value %q", u.value)
		case c.secrets[u.value]:
			c.wrong(u.path, "the value %q is secret: only actions can have it", u.value)
		}
	}
}

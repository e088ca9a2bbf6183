package action

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// builder collects the headers of an action, and what is wrong with the first one that is.
type builder struct {
	action ami.Action
	err    error
}

func buildAction(name string, build func(*builder)) ami.Action {
	b := builder{action: ami.Action{Name: name}}
	build(&b)
	return b.action
}

func validateAction(name string, build func(*builder)) error {
	b := builder{action: ami.Action{Name: name}}
	build(&b)
	return b.err
}

func (b *builder) add(key, value string) { b.action = b.action.With(key, value) }

func (b *builder) invalid(field, problem string) {
	if b.err == nil {
		b.err = &ami.InvalidActionError{Action: b.action.Name, Field: field, Problem: problem}
	}
}

func (b *builder) text(key, value string) {
	if value != "" {
		b.add(key, value)
	}
}

func (b *builder) requireText(key, value string) {
	if value == "" {
		b.invalid(key, "is required")
		return
	}
	b.add(key, value)
}

func (b *builder) number(key string, n int) {
	if n != 0 {
		b.requireNumber(key, n)
	}
}

func (b *builder) requireNumber(key string, n int) { b.add(key, strconv.Itoa(n)) }

// word sends a bool as one of two words, and nothing if it is false, which is what Asterisk takes for false.
func (b *builder) word(key string, v bool, yes string) {
	if v {
		b.add(key, yes)
	}
}

func (b *builder) requireWord(key string, v bool, words [2]string) {
	if v {
		b.add(key, words[0])
	} else {
		b.add(key, words[1])
	}
}

func (b *builder) optionalWord(key string, v *bool, words [2]string) {
	if v != nil {
		b.requireWord(key, *v, words)
	}
}

func (b *builder) milliseconds(key string, d time.Duration) {
	if d != 0 {
		b.requireDuration(key, d, time.Millisecond)
	}
}

func (b *builder) requireDuration(key string, d, unit time.Duration) {
	switch {
	case d < 0:
		b.invalid(key, "is negative")
	case d%unit != 0:
		b.invalid(key, "is not a whole number of "+unit.String()+", the unit of Asterisk here")
	}
	b.add(key, strconv.FormatInt(int64(d/unit), 10))
}

// names sends names joined by commas.
func (b *builder) names(key string, names []string) {
	for _, name := range names {
		if name == "" || strings.Contains(name, ",") {
			b.invalid(key, "has a name that is empty or has a comma")
		}
	}
	b.text(key, strings.Join(names, ","))
}

// variables sends each as a header Variable.
func (b *builder) variables(variables []Variable) {
	const key = "Variable"
	for _, v := range variables {
		if !variableName.MatchString(v.Name) {
			b.invalid(key, "has a variable whose name is empty or cannot be one")
		}
		b.add(key, v.String())
	}
}

func (b *builder) headers(headers []ami.Header) {
	for _, h := range headers {
		b.add(h.Key, h.Value)
	}
}

// Variable is a variable that an action sets on a channel, or a header or part of a message that an action sends: each is
// a header of its own, in order, and a name may repeat. A name may be a function, such as CALLERID(name).
type Variable struct {
	Name, Value string
}

// variableName is a name that Asterisk reads as one: of a variable, or of a function as in CALLERID(name).
var variableName = regexp.MustCompile(`^[^=,"\\()\[\]]+(\([^="\\()\[\]]*\))?$`)

// String returns the variable as Asterisk reads it. It splits the header at commas and takes away quotes and backslashes,
// so these get a backslash here, as do parentheses and brackets, which would keep a comma from being one
// (astman_get_variables_order in main/manager.c, __ast_app_separate_args in main/app.c): the value arrives as it is.
func (v Variable) String() string { return v.Name + "=" + variableEscaper.Replace(v.Value) }

var variableEscaper = strings.NewReplacer(
	`\`, `\\`, `"`, `\"`, `,`, `\,`, `(`, `\(`, `)`, `\)`, `[`, `\[`, `]`, `\]`,
)

package routing

import (
	"fmt"
	"regexp"
	"strings"
)

// Kind is a kind of place where a call can go.
type Kind string

// The kinds of targets.
const (
	Queue        Kind = "queue"
	Extension    Kind = "extension"
	Context      Kind = "context"
	IVR          Kind = "ivr"
	Announcement Kind = "announcement"
	External     Kind = "external"
)

// Target is where a call goes. Its Data is safe in a dialplan: it was in the rule set, and was checked.
type Target struct {
	Kind Kind `json:"kind"`
	// Data is the queue's name, "extension@context", "context,extension,priority", the menu's name, the sound file, or the
	// number in E.164 if it is a public one.
	Data string `json:"data"`
}

// String is kind and data, e.g. "queue:patra".
func (t Target) String() string { return string(t.Kind) + ":" + t.Data }

// maxSound is the longest name of a sound file in bytes.
const maxSound = 200

// soundFile is the name of a sound file: what Asterisk resolves below its sounds directory, or an absolute path.
var soundFile = regexp.MustCompile(`^/?[A-Za-z0-9_-]+(?:[./][A-Za-z0-9_-]+)*$`)

// The shapes of what goes into a dialplan.
var (
	word           = `[A-Za-z0-9_-]{1,80}`
	extension      = `[A-Za-z0-9_*#+-]{1,80}`
	queueShape     = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,80}$`)
	extensionShape = regexp.MustCompile(`^` + extension + `@` + word + `$`)
	contextShape   = regexp.MustCompile(`^` + word + `(?:,` + extension + `(?:,` + word + `)?)?$`)
	menuShape      = regexp.MustCompile(`^` + word + `$`)
)

// target reads where a desk is.
func (c *compiler) target(at string, d *Desk) Target {
	var found Target
	given := 0
	for _, one := range []struct {
		kind  Kind
		value Text
		shape *regexp.Regexp
		want  string
	}{
		{Queue, d.Queue, queueShape, "the name of a queue"},
		{Extension, d.Extension, extensionShape, "extension@context"},
		{Context, d.Context, contextShape, "context, or context,extension,priority"},
		{IVR, d.IVR, menuShape, "the name of a menu"},
		{Announcement, d.Announcement, nil, ""},
		{External, d.External, nil, ""},
	} {
		if one.value == "" {
			continue
		}
		given++
		found = Target{one.kind, string(one.value)}
		if one.shape != nil && !one.shape.MatchString(string(one.value)) {
			c.wrong(at+"."+string(one.kind), "%q: want %s", one.value, one.want)
		}
	}
	if given != 1 {
		c.wrong(at, "want exactly one of queue, extension, context, ivr, announcement and external; there are %d", given)
	}
	switch found.Kind {
	case External:
		found.Data = c.external(at+".external", found.Data)
	case Context:
		found.Data = place(found.Data)
	case Announcement:
		c.sound(at+".announcement", found.Data)
	default:
	}
	return found
}

// external is a number that can be dialled.
func (c *compiler) external(at, text string) string {
	n := c.set.plan.Parse("", text)
	if n.E164 == "" && n.Digits == "" {
		c.wrong(at, "%q is no telephone number", text)
	}
	return numberKey(n)
}

// place completes "context" and "context,extension".
func place(text string) string {
	return text + [...]string{",s,1", ",1", ""}[min(strings.Count(text, ","), 2)]
}

// sound complains of what is no name of a sound file.
func (c *compiler) sound(at, name string) string {
	if name != "" && (!soundFile.MatchString(name) || len(name) > maxSound) {
		c.wrong(at, "%q is not the name of a sound file", name)
	}
	return name
}

func (c *compiler) questions() {
	for _, name := range named(c, "questions", c.in.Questions) {
		q := c.in.Questions[name]
		at := path("questions", name)
		ready := newQuestion(name, q)
		c.sound(at+".prompt", q.Prompt)
		c.sound(at+".wrong", q.Wrong)
		if err := ready.check(); err != nil {
			c.wrong(at+err.key, "question %q: %s", name, err.text)
		}
		c.set.questions[name] = ready
	}
}

// questionFault is what is wrong with a question.
type questionFault struct{ key, text string }

var headerShape = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

func (q *question) check() *questionFault {
	switch {
	case q.header != "" && !headerShape.MatchString(q.header):
		return &questionFault{".header", fmt.Sprintf("%q is not the name of a header", q.header)}
	case q.keypad == "" && q.header == "":
		return &questionFault{"", "want a header or a keypad"}
	case q.keypad != "" && decoders[q.keypad] == nil:
		return &questionFault{".keypad", fmt.Sprintf("%q: want digits, t9 or multitap", q.keypad)}
	case q.keypad != "" && q.prompt == "":
		return &questionFault{"", "it has a keypad and no prompt"}
	case q.attempts < 1 || q.attempts > maxAttempts:
		return &questionFault{".attempts", fmt.Sprintf("want 1 to %d", maxAttempts)}
	case q.maxDigits < 1 || q.maxDigits > maxTyped:
		return &questionFault{".max_digits", fmt.Sprintf("want 1 to %d", maxTyped)}
	case q.timeout < 0:
		return &questionFault{".timeout", "want a duration such as 5s"}
	}
	return nil
}

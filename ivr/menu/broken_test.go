package menu_test

import (
	"strings"
	"testing"

	"github.com/asterism-go/asterism/ivr/menu"
)

// end is a node for menus that are about something else.
const end = "  z: {hangup: {}}\n"

// broken are menus that are refused, with the exact error. Those that are of the wrong shape are refused by the schema too.
var broken = map[string]struct {
	text, want string
	shape      bool
}{
	"nothing":               {"", "f.yaml: no start: want the name of the node where calls begin", true},
	"no YAML":               {"start: [a\n", "f.yaml:1:8: sequence end token ']' not found", true},
	"unknown key":           {"start: z\nnode: {}\n", `f.yaml:2:1: unknown field "node"`, true},
	"unknown key in a node": {"start: a\nnodes:\n  a:\n    menu:\n      promt: x\n", `f.yaml:5:7: unknown field "promt"`, true},
	"unknown key in a list": {"start: a\nnodes:\n  a: {play: {prompt: [{soud: x}], next: hangup}}\n", `f.yaml:3:24: unknown field "soud"`, true},
	"a key twice":           {"start: z\nnodes:\n  z: {hangup: {}}\n  z: {hangup: {}}\n", `f.yaml:4:3: mapping key "z" already defined at [3:3]`, true},
	"wrong duration":        {"start: z\ndefaults: {first_digit: soon}\nnodes:\n" + end, `f.yaml:2:25: "soon" is not a duration: want one such as "1m30s"`, true},
	"no start":              {"nodes:\n" + end, "f.yaml:1:1: no start: want the name of the node where calls begin", true},
	"start is no node":      {"start: a\nnodes:\n" + end, `f.yaml:1:8: there is no node "a"`, false},
	"no kind":               {"start: a\nnodes:\n  a: {}\n", `f.yaml:3:6: node "a": want exactly one of menu, language, play, collect, pin, hours, directory, extension, record, callback, queue, webhook, transfer, set, switch, action, hangup`, true},
	"two kinds":             {"start: a\nnodes:\n  a: {hangup: {}, play: {prompt: x, next: hangup}}\n", `f.yaml:3:7: node "a": want exactly one of menu, language, play, collect, pin, hours, directory, extension, record, callback, queue, webhook, transfer, set, switch, action, hangup`, true},
	"a node's name":         {"start: z\nnodes:\n  \"a b\": {hangup: {}}\n" + end, "f.yaml:3:3: \"a b\" is no name: want up to 64 letters, digits, - and _", true},
	"a reserved name":       {"start: back\nnodes:\n  back: {hangup: {}}\n", `f.yaml:3:10: "back" is a target by itself: a node cannot have that name`, true},
	"unknown target":        {"start: a\nnodes:\n  a: {play: {prompt: x, next: b}}\n", `f.yaml:3:31: there is no node "b"`, false},
	"unknown option":        {"start: a\nnodes:\n  a:\n    menu:\n      prompt: x\n      options:\n        1: b\n", `f.yaml:7:12: there is no node "b"`, false},
	"unknown default":       {"start: a\nnodes:\n  a: {menu: {prompt: x, options: {1: hangup}, default: b}}\n", `f.yaml:3:56: there is no node "b"`, false},
	"no target":             {"start: a\nnodes:\n  a: {play: {prompt: x}}\n", "f.yaml:3:14: no target: want a node, back, again, operator or hangup", true},
	"no operator":           {"start: a\nnodes:\n  a: {menu: {prompt: x, options: {0: operator}}}\n", "f.yaml:3:38: there is no operator", false},
	"a key and no operator": {"start: z\nkeys: {operator: 0}\nnodes:\n" + end, "f.yaml:2:18: there is a key for the operator, but no operator", false},
	"a key of two":          {"start: z\nkeys: {back: 12}\nnodes:\n" + end, `f.yaml:2:14: "12" is no key: want one of 0-9, * and #`, true},
	"back in silence":       {"start: a\nnodes:\n  a: {play: {prompt: x, next: back}}\n", "f.yaml:3:31: back, where callers come without pressing anything, could go on for ever", false},
	"unreachable":           {"start: z\nnodes:\n" + end + "  a: {play: {prompt: x, next: b}}\n  b: {play: {prompt: x, next: z}}\n", "f.yaml:4:7: node \"a\" can never be reached from \"z\"\nf.yaml:5:7: node \"b\" can never be reached from \"z\"", false},
	"a loop":                {"start: a\nnodes:\n  a: {play: {prompt: x, next: b}}\n  b: {set: {values: {v: 1}, next: a}}\n", "f.yaml:4:35: a loop without input: a -> b -> a", false},
	"a loop in silence":     {"start: a\nnodes:\n  a: {menu: {prompt: x, options: {1: hangup}, default: b}}\n  b: {play: {prompt: x, next: a}}\n", "f.yaml:4:31: a loop without input: a -> b -> a", false},
	"a loop of its own":     {"start: a\nnodes:\n  a: {collect: {prompt: x, into: v, next: hangup, on_no_input: a}}\n", "f.yaml:3:64: a loop without input: a -> a", false},
	"no prompt":             {"start: a\nnodes:\n  a: {menu: {options: {1: hangup}}}\n", "f.yaml:3:14: there is no prompt: callers would hear nothing", true},
	"no options":            {"start: a\nnodes:\n  a: {menu: {prompt: x}}\n", "f.yaml:3:14: there are no options", true},
	"options of letters":    {"start: a\nnodes:\n  a: {menu: {prompt: x, options: {a: hangup}}}\n", `f.yaml:3:38: "a" are no keys: want digits, * and #`, true},
	"a sound's path":        {"start: a\nnodes:\n  a: {play: {prompt: ../x, next: hangup}}\n", `f.yaml:3:22: "../x" is no name of a sound: want letters, digits and _ / . -`, true},
	"a segment of two":      {"start: a\nnodes:\n  a: {play: {prompt: {digits: 1, number: 1}, next: hangup}}\n", "f.yaml:3:23: a segment: want exactly one of sound (perhaps with text), text, digits, number, date, time, money and recording", true},
	"a text not translated": {"start: a\nlanguages: [{name: el}, {name: fa}]\nnodes:\n  a: {play: {prompt: {text: {el: x}}, next: hangup}}\n", `f.yaml:4:23: no text in "fa", nor in its fallbacks`, false},
	"an unknown language":   {"start: a\nlanguages: [{name: el}]\nnodes:\n  a: {language: {prompt: x, options: {1: en}, next: hangup}}\n", `f.yaml:4:42: "en" is none of the languages`, false},
	"an unknown fallback":   {"start: z\nlanguages: [{name: el, fallback: en}]\nnodes:\n" + end, `f.yaml:2:34: "en" is no other of the languages`, false},
	"a value of nobody":     {"start: a\nnodes:\n  a: {play: {prompt: {digits: '${pin}'}, next: hangup}}\n", `f.yaml:3:23: no node sets the value "pin"`, false},
	"a secret to be said":   {"start: a\nnodes:\n  a: {collect: {prompt: x, into: pin, secret: true, next: b}}\n  b: {play: {prompt: {digits: '${pin}'}, next: hangup}}\n", `f.yaml:4:23: the value "pin" is secret: only actions can have it`, false},
	"no calendar":           {"start: a\nnodes:\n  a: {hours: {calendar: c, open: hangup, closed: hangup}}\n", `f.yaml:3:25: there is no calendar "c"`, false},
	"no key for the operator": {
		"start: z\noperator: o\nnodes:\n" + end + "  o: {hangup: {}}\n",
		`f.yaml:5:7: node "o" is the operator, and can never be reached from "z": want a key for the operator in keys, or default: operator`, false,
	},
	"a text for a number":   {"start: z\nnodes:\n  a: {collect: {max: six}}\n" + end, `f.yaml:3:22: want a whole number`, true},
	"a wrong zone":          {"start: z\ncalendars:\n  c: {zone: Athens, hours: Mon}\nnodes:\n" + end, `f.yaml:3:13: "Athens" is no time zone: want an IANA name such as Europe/Athens`, false},
	"wrong hours":           {"start: z\ncalendars:\n  c: {zone: UTC, hours: [Mon 9-5]}\nnodes:\n" + end, `f.yaml:3:26: "Mon 9-5": "9-5" is no time range: want one such as 08:00-15:00`, false},
	"more than it takes":    {"start: a\nnodes:\n  a: {collect: {prompt: x, into: v, min: 5, max: 4, next: hangup}}\n", "f.yaml:3:50: 5 to 4 digits: want 1 to 64, the fewer first", false},
	"a wrong pattern":       {"start: a\nnodes:\n  a: {collect: {prompt: x, into: v, pattern: '(', next: hangup}}\n", "f.yaml:3:46: error parsing regexp: missing closing ): `^(?:()$`", false},
	"an extension's letter": {"start: a\nnodes:\n  a: {extension: {prompt: x, patterns: [2XX, 3Y], context: c}}\n", `f.yaml:3:40: pattern 2, "3Y": want digits, X, Z and N, such as 2XX`, true},
	"a context's option":    {"start: a\nnodes:\n  a: {extension: {prompt: x, patterns: 2XX, context: 'c,s,1'}}\n", `f.yaml:3:54: "c,s,1" is no context of the dialplan`, true},
	"a PIN of nobody":       {"start: a\nnodes:\n  a: {pin: {prompt: x, next: hangup}}\n", "f.yaml:3:13: want exactly one of secret_env and check", true},
	"an endless recording":  {"start: a\nnodes:\n  a: {record: {prompt: x, next: hangup}}\n", "f.yaml:3:16: want how long a recording may be: 1s to 1h0m0s", true},
	"a server of nobody":    {"start: a\nnodes:\n  a: {webhook: {server: s, targets: hangup, failed: hangup}}\n", `f.yaml:3:25: there is no server "s"`, false},
	"a file as a server":    {"start: z\nwebhooks: {s: {url: 'file:///etc/passwd', secret_env: K}}\nnodes:\n" + end, "f.yaml:2:21: want a URL with http or https, a host and no password", true},
	"a server unsigned":     {"start: z\nwebhooks: {s: {url: 'https://x/'}}\nnodes:\n" + end, "f.yaml:2:16: want the name of the environment variable with the key that signs requests", true},
	"a person's letters":    {"start: z\ndirectories: {d: [{name: 王, extension: 1}]}\nnodes:\n" + end, `f.yaml:2:26: "王" cannot be typed: it has letters that are on no key`, false},
	"a variable's function": {"start: a\nnodes:\n  a: {queue: {name: q, context: c, variables: {'SHELL(id)': x}}}\n", `f.yaml:3:48: "SHELL(id)" is no name of a variable: want capital letters, digits and _`, true},
}

func TestBroken(t *testing.T) {
	for name, test := range broken {
		set, err := menu.Parse("f.yaml", []byte(test.text))
		if set != nil || err == nil || err.Error() != test.want {
			t.Errorf("%s:\n got %v\nwant %s", name, err, test.want)
		}
	}
	if len(broken) < 30 {
		t.Errorf("%d broken menus", len(broken))
	}
}

func TestCompileNamesFields(t *testing.T) {
	_, err := menu.Compile(menu.Menus{Start: "a", Nodes: map[string]menu.Node{"a": {Menu: &menu.Menu{
		Prompt: menu.Sounds("x"), Options: menu.Options{"1": {Goto: "b"}},
	}}}})
	if err == nil || err.Error() != `menu: nodes.'a'.menu.options.'1': there is no node "b"` {
		t.Error(err)
	}
}

// FuzzParse: whatever a file holds, the answer is an error that names the file, or menus.
func FuzzParse(f *testing.F) {
	for _, test := range broken {
		f.Add(test.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		set, err := menu.Parse("f.yaml", []byte(text))
		if (set == nil) == (err == nil) || err != nil && !strings.HasPrefix(err.Error(), "f.yaml") {
			t.Errorf("%q: %v", text, err)
		}
	})
}

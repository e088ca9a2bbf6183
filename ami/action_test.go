package ami

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestActionOnTheWire(t *testing.T) {
	base := Action{Name: "Originate"}.With("Channel", "PJSIP/100")
	one := base.With("Variable", "A=1").With("Variable", "B=2")
	other := base.With("Async", "true")
	for _, test := range []struct {
		action Action
		want   string
	}{
		{one, "Action: Originate\r\nActionID: id-1\r\nChannel: PJSIP/100\r\nVariable: A=1\r\nVariable: B=2\r\n\r\n"},
		{other, "Action: Originate\r\nActionID: id-1\r\nChannel: PJSIP/100\r\nAsync: true\r\n\r\n"},
		{Action{Name: "Ping"}, "Action: Ping\r\nActionID: id-1\r\n\r\n"},
		{Action{Name: "X"}.With("Empty", ""), "Action: X\r\nActionID: id-1\r\nEmpty: \r\n\r\n"},
	} {
		wire, err := test.action.wire("id-1")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, string(wire)); diff != "" {
			t.Error(diff)
		}
	}
}

// TestInjection: what Asterisk would read as another header, another action or a torn line is refused, with an error that
// names the field and keeps its value to itself.
func TestInjection(t *testing.T) {
	many := Action{Name: "X"}
	for range maxHeaders - 1 {
		many = many.With("Variable", "hunter2")
	}
	for name, test := range map[string]struct {
		action Action
		field  string
	}{
		"CR LF in a value":  {Action{Name: "X"}.With("Channel", "hunter2\r\nAction: Logoff"), "Channel"},
		"LF in a value":     {Action{Name: "X"}.With("Channel", "hunter2\nAction: Logoff"), "Channel"},
		"CR in a value":     {Action{Name: "X"}.With("Channel", "hunter2\r"), "Channel"},
		"NUL in a value":    {Action{Name: "X"}.With("Channel", "hunter2\x00"), "Channel"},
		"colon in a key":    {Action{Name: "X"}.With("Channel: a", "hunter2"), "Channel: a"},
		"LF in a key":       {Action{Name: "X"}.With("A\nB", "hunter2"), "A\nB"},
		"no key":            {Action{Name: "X"}.With("", "hunter2"), ""},
		"second action":     {Action{Name: "X"}.With("action", "hunter2"), "action"},
		"second ActionID":   {Action{Name: "X"}.With("ActionId", "hunter2"), "ActionId"},
		"no name":           {Action{}, "Action"},
		"LF in the name":    {Action{Name: "X\nY"}, "Action"},
		"LF in the id":      {Action{Name: "X", ID: "hunter2\n"}, "ActionID"},
		"long id":           {Action{Name: "X", ID: strings.Repeat("1", maxActionID+1)}, "ActionID"},
		"long line":         {Action{Name: "X"}.With("Channel", strings.Repeat("h", maxLine-len("Channel: ")+1)), "Channel"},
		"long name":         {Action{Name: strings.Repeat("X", maxLine)}, "Action"},
		"too many headers":  {many, "Headers"},
		"CR LF at the end":  {Action{Name: "X"}.With("Channel", "hunter2\r\n"), "Channel"},
		"key made of a NUL": {Action{Name: "X"}.With("\x00", "hunter2"), "\x00"},
	} {
		_, err := test.action.wire(test.action.ID)
		var invalid *InvalidActionError
		if !errors.As(err, &invalid) || invalid.Field != test.field || invalid.Action != test.action.Name {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") || strings.ContainsAny(err.Error(), "\r\n\x00") {
			t.Errorf("%s: the error tells too much: %v", name, err)
		}
	}
}

func TestLargestAction(t *testing.T) {
	a := Action{Name: "X"}.With("Channel", strings.Repeat("h", maxLine-len("Channel: ")))
	for len(a.Headers) < maxHeaders-2 {
		a = a.With("Variable", "A=1")
	}
	if _, err := a.wire(strings.Repeat("1", maxActionID)); err != nil {
		t.Error(err)
	}
}

// asteriskReads returns the actions that Asterisk finds in a stream (get_input and do_message in main/manager.c): a line
// ends with LF, a CR before it does not count, a NUL ends the text, an empty line ends the action.
func asteriskReads(stream []byte) [][]string {
	var actions [][]string
	var lines []string
	for line := range bytes.Lines(stream) {
		text, _, _ := bytes.Cut(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")), []byte{0})
		if len(text) == 0 {
			actions = append(actions, lines)
			lines = nil
			continue
		}
		lines = append(lines, string(text))
	}
	if lines != nil {
		actions = append(actions, lines)
	}
	return actions
}

// FuzzAction: whatever goes into an action, Asterisk gets this one action with these headers, or nothing.
func FuzzAction(f *testing.F) {
	f.Add("Ping", "", "Channel", "PJSIP/100", "Variable", "A=1")
	f.Add("Originate", "id", "A", "1\r\n\r\nAction: Logoff\r\n\r\n", "B", "2")
	f.Add("X", "id\n", "A:", "\x00", "Action", " ")
	f.Add("Command", "1", "Command", strings.Repeat("x", 1100), "", "\r")
	f.Fuzz(func(t *testing.T, name, id, key1, value1, key2, value2 string) {
		a := Action{Name: name}.With(key1, value1).With(key2, value2)
		wire, err := a.wire(id)
		if err != nil {
			return
		}
		want := []string{"Action: " + name, "ActionID: " + id, key1 + ": " + value1, key2 + ": " + value2}
		if got := asteriskReads(wire); len(got) != 1 || !slices.Equal(got[0], want) {
			t.Errorf("Asterisk reads: %s", cmp.Diff([][]string{want}, got))
		}
		m, err := NewReader(bytes.NewReader(wire)).ReadMessage()
		if err != nil || m.Get("Action") != name || m.Get("ActionID") != id {
			t.Errorf("%q, %v", m, err)
		}
		if rest, _ := io.ReadAll(bytes.NewReader(wire[len(m.String())+2:])); len(rest) > 0 {
			t.Errorf("more than one message: %q", rest)
		}
	})
}

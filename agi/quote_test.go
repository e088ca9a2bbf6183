package agi_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/agitest"
)

// awkward are arguments that other libraries for AGI send as something else.
var awkward = []string{
	"", " ", "two words", "  leading and trailing  ", "\t", "a\tb", `"`, `\`, `He said "hi"`, `C:\dir\`, `\"`, `\\`, `\\"`, `"\"`,
	"a\u00a0b", "👨‍👩‍👧", "Ελληνικά", "\x01\x7f\xff", `'single'`, "$" + "{X}", "a;b", "100%", "(", "failure", "HANGUP",
}

func TestQuoting(t *testing.T) {
	for _, arg := range awkward {
		line, err := agi.CommandLine("SET VARIABLE", []string{"X", arg, "end"})
		if err != nil {
			t.Errorf("%q: %v", arg, err)
			continue
		}
		if diff := cmp.Diff([]string{"SET", "VARIABLE", "X", arg, "end"}, agitest.Words(strings.TrimSuffix(string(line), "\n"))); diff != "" {
			t.Errorf("%q comes out as something else (-sent +read):\n%s", arg, diff)
		}
	}
}

func TestCommandsThatAreNotSent(t *testing.T) {
	secret := "s3cret"
	for _, test := range []struct {
		name     string
		args     []string
		argument int
		problem  string
	}{
		{"line feed", []string{"A", secret + "\nSET VARIABLE INJECTED yes"}, 2, "holds a line break"},
		{"carriage return", []string{secret + "\r"}, 1, "holds a line break"},
		{"NUL", []string{"A", "B", secret + "\x00"}, 3, "holds a NUL byte"},
		{"too long", []string{strings.Repeat("x", agi.MaxCommand-len(`SET VARIABLE ""`)+1)}, 0, "has 8191 bytes, and Asterisk takes 8190"},
		{"too long by its quoting", []string{strings.Repeat(`"`, agi.MaxCommand/2)}, 0, "has 8205 bytes, and Asterisk takes 8190"},
		{"too many words", make([]string, agi.MaxWords-1), 0, "has 127 words, and Asterisk takes 126"},
	} {
		t.Run(test.name, func(t *testing.T) {
			line, err := agi.CommandLine("SET VARIABLE", test.args)
			var wrong *agi.ArgumentError
			if !errors.As(err, &wrong) || line != nil {
				t.Fatalf("line %q, error %v: want no line and an ArgumentError", line, err)
			}
			if want := (agi.ArgumentError{Command: "SET VARIABLE", Argument: test.argument, Problem: test.problem}); *wrong != want {
				t.Errorf("%+v, want %+v", *wrong, want)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error tells the value: %v", err)
			}
		})
	}
}

func TestLargestCommandsAreSent(t *testing.T) {
	for name, args := range map[string][]string{
		"bytes": {strings.Repeat("x", agi.MaxCommand-len(`SET VARIABLE ""`))},
		"words": make([]string, agi.MaxWords-2),
	} {
		if line, err := agi.CommandLine("SET VARIABLE", args); err != nil || len(line) > agi.MaxCommand+1 {
			t.Errorf("%s: %d bytes, %v", name, len(line), err)
		}
	}
}

// TestLongestCommandOfVersions has the releases that took 8 KiB first (issue 1317 of asterisk).
func TestLongestCommandOfVersions(t *testing.T) {
	for version, want := range map[string]int{
		"22.10.1": 8190, "22.6.0": 8190, "22.5.2": 2046, "21.11.0": 8190, "21.10.2": 2046, "20.16.0": 8190, "20.15.2": 2046, "23.0.0": 8190, "24.1.0-rc1": 8190,
		"22.10.1+dfsg+~cs6.17.60671434-1": 8190, "16.28.0~dfsg-0+deb11u4": 2046, "18.26.4": 2046, "": 2046, "GIT-master-1a2b": 2046, "certified/20.7-cert5": 2046,
	} {
		if got := agi.LongestCommand(version); got != want {
			t.Errorf("%q: %d, want %d", version, got, want)
		}
	}
}

func TestVariableNames(t *testing.T) {
	for _, name := range []string{"X", "__INHERITED", "_X", "a1", "CDR_x"} {
		if err := agi.CheckVariable("SET VARIABLE", name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"", "1X", "SHELL(id)", "X ", "X}", "${X}", "X\n", "X=1", "X:1", "Ä", "CDR(x)", "X-Y"} {
		if err := agi.CheckVariable("GET VARIABLE", name); err == nil {
			t.Errorf("%q is taken for the name of a variable", name)
		}
	}
}

// FuzzQuote checks that what is sent is one line that Asterisk splits into the very same arguments.
func FuzzQuote(f *testing.F) {
	for _, arg := range awkward {
		f.Add(arg, "second")
	}
	f.Add("x\nSET VARIABLE INJECTED yes", "\x00")
	f.Fuzz(func(t *testing.T, first, second string) {
		line, err := agi.CommandLine("SET VARIABLE", []string{first, second})
		if err != nil {
			return
		}
		if bytes.IndexByte(line, '\n') != len(line)-1 || bytes.ContainsAny(line, "\r\x00") {
			t.Fatalf("%q is not one line", line)
		}
		got := agitest.Words(string(line[:len(line)-1]))
		if want := []string{"SET", "VARIABLE", first, second}; !cmp.Equal(want, got) {
			t.Fatalf("%q is read as %q", want, got)
		}
	})
}

package ami_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/ami"
)

// plainMessage is what the rules of the protocol make of a piece of a stream.
type plainMessage struct {
	text    string
	headers []string // with their line ends
}

// readPlainly reads a stream line by line, as the rules are written at the scanner, and without any haste.
func readPlainly(wire string) (all []plainMessage) {
	var m plainMessage
	open := false
	for line := range strings.Lines(wire) {
		if !strings.HasSuffix(line, "\n") {
			break // the end of the stream
		}
		bare := !strings.HasSuffix(line, "\r\n")
		blank := line == "\n" || line == "\r\n"
		last := len(m.headers) - 1
		switch {
		case blank && last < 0:
			continue // a stray one
		case blank && (!open || !bare):
			all = append(all, m)
			m, open = plainMessage{}, false
			continue
		case blank: // inside a value
			m.headers[last] += line
		case last < 0 || !open && strings.Contains(line, ":"):
			m.headers = append(m.headers, line)
			open = bare
		default:
			m.headers[last] += line
			open = bare
		}
		m.text += line
	}
	return all
}

// comparePlainly reads a stream in pieces and compares the messages.
func comparePlainly(t *testing.T, wire, cuts []byte) {
	t.Helper()
	want := readPlainly(string(wire))
	got, _ := readAll(ami.NewReader(&pieces{rest: wire, cuts: cuts}))
	if len(got) != len(want) {
		t.Fatalf("%q in pieces %v: %d messages, want %d", wire, cuts, len(got), len(want))
	}
	for i, m := range got {
		if m.String() != want[i].text || m.Len() != len(want[i].headers) {
			t.Fatalf("%q in pieces %v:\n%q with %d headers, want\n%q", wire, cuts, m, m.Len(), want[i].headers)
		}
		at := 0
		for key := range m.All() {
			if !strings.HasPrefix(want[i].headers[at], key) {
				t.Fatalf("%q: the key of header %d is %q, want that of %q", wire, at, key, want[i].headers[at])
			}
			at++
		}
		compareKind(t, m, want[i].headers[0])
	}
}

// compareKind compares what a message says of its first header.
func compareKind(t *testing.T, m ami.Message, header string) {
	t.Helper()
	header = strings.TrimSuffix(strings.TrimSuffix(header, "\n"), "\r")
	key, _, _ := strings.Cut(header, "\n")
	key = strings.TrimSuffix(key, "\r")
	key, _, _ = strings.Cut(key, ":") // without a colon the line is the key, and what goes on behind it the value
	value := strings.TrimPrefix(strings.TrimPrefix(header[len(key):], ":"), " ")
	event, response := "", ""
	switch {
	case strings.EqualFold(key, "Event"):
		event = value
	case strings.EqualFold(key, "Response"):
		response = value
	}
	if m.Event() != event || m.Response() != response || m.IsResponse() != strings.EqualFold(key, "Response") {
		t.Fatalf("%q: event %q, response %q", m, m.Event(), m.Response())
	}
}

// FuzzPlainly: a stream means what the rules say, in whatever pieces it comes.
func FuzzPlainly(f *testing.F) {
	files, err := filepath.Glob("testdata/torture/*.wire")
	if err != nil || len(files) == 0 {
		f.Fatal("no torture corpus", err)
	}
	for _, file := range files {
		wire, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire, []byte{63, 62})
	}
	f.Fuzz(func(t *testing.T, wire, cuts []byte) {
		if bytes.HasPrefix(wire, []byte("Asterisk")) {
			return // a banner is no message
		}
		comparePlainly(t, wire, cuts)
	})
}

// TestPlainly does the same with random streams of what matters.
func TestPlainly(t *testing.T) {
	words := []string{
		"\r\n", "\r\n", "\r\n", "\r\n\r\n", "\n", "\r", ":", ": ", "Event: A", "Response: Success", "x", "Key: value", "no colon",
		"A long value that fills a whole block and goes on in the next: of sixty-four", "\v", "\f", "\n\v", "\r\f\n", "k:", "k;",
	}
	random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // a test that is the same each time
	for range 50_000 {
		var wire []byte
		for range random.IntN(40) {
			wire = append(wire, words[random.IntN(len(words))]...)
		}
		comparePlainly(t, wire, []byte{byte(random.IntN(256)), byte(random.IntN(80))})
	}
}

// TestPlainlyTrace does the same with what a real Asterisk has sent.
func TestPlainlyTrace(t *testing.T) {
	text := trace(t)
	text = text[bytes.IndexByte(text, '\n')+1:] // the banner
	comparePlainly(t, text, nil)
	comparePlainly(t, text, []byte{255, 100, 63, 7})
}

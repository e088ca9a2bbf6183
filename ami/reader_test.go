package ami_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/ami"
)

// readAll reads a stream to its end.
func readAll(r *ami.Reader) ([]ami.Message, error) {
	var all []ami.Message
	for {
		m, err := r.ReadMessage()
		if err != nil {
			return all, err
		}
		all = append(all, m)
	}
}

// dump writes a stream's messages one header a line, and how it ends.
func dump(messages []ami.Message, end error) string {
	var b strings.Builder
	for _, m := range messages {
		for key, value := range m.All() {
			fmt.Fprintf(&b, "%q = %q\n", key, value)
		}
		b.WriteString("--\n")
	}
	fmt.Fprintf(&b, "%v\n", end)
	return b.String()
}

// TestTorture reads streams as they really occur and as they hopefully do not. ASTERISM_UPDATE=1 writes the golden files.
func TestTorture(t *testing.T) {
	files, err := filepath.Glob("testdata/torture/*.wire")
	if err != nil || len(files) == 0 {
		t.Fatal("no torture corpus", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".wire"), func(t *testing.T) {
			wire, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := dump(readAll(ami.NewReader(bytes.NewReader(wire))))
			golden := strings.TrimSuffix(file, ".wire") + ".golden"
			if os.Getenv("ASTERISM_UPDATE") != "" {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
			oneByOne := dump(readAll(ami.NewReader(iotest.OneByteReader(bytes.NewReader(wire)))))
			if diff := cmp.Diff(got, oneByOne); diff != "" {
				t.Errorf("byte by byte: %s", diff)
			}
		})
	}
}

func trace(t testing.TB) []byte {
	t.Helper()
	text, err := gunzip("testdata/trace.ami.gz")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func gunzip(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(unzipped)
}

// TestTrace reads a real stream of Asterisk 22: 80 s with all classes of events. The golden counts were made by another
// program.
func TestTrace(t *testing.T) {
	messages, err := readAll(ami.NewReader(bytes.NewReader(trace(t))))
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	responses, fields := 0, 0
	events := map[string]int{}
	for _, m := range messages {
		fields += m.Len()
		if m.IsResponse() {
			responses++
		} else {
			events[m.Event()]++
		}
	}
	var got strings.Builder
	fmt.Fprintf(&got, "messages %d\nresponses %d\nheaders %d\n", len(messages), responses, fields)
	for _, name := range slices.Sorted(maps.Keys(events)) {
		fmt.Fprintf(&got, "event %s %d\n", name, events[name])
	}
	want, err := os.ReadFile("testdata/trace.golden")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Error(diff)
	}
}

// TestTraceLosesNoByte puts the messages together again: only the banner and blank lines may be missing.
func TestTraceLosesNoByte(t *testing.T) {
	text := trace(t)
	messages, _ := readAll(ami.NewReader(bytes.NewReader(text)))
	var kept, whole strings.Builder
	for _, m := range messages {
		kept.WriteString(strings.TrimRight(m.String(), "\r\n") + "\r\n")
	}
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		if line = bytes.TrimSuffix(line, []byte("\r")); len(line) > 0 && !bytes.HasPrefix(line, []byte("Asterisk Call Manager")) {
			whole.WriteString(string(line) + "\r\n")
		}
	}
	if kept.String() != whole.String() {
		t.Errorf("%d bytes of %d", kept.Len(), whole.Len())
	}
}

func TestBanner(t *testing.T) {
	r := ami.NewReader(iotest.OneByteReader(strings.NewReader("Asterisk Call Manager/11.0.0\r\nResponse: Success\r\n\r\n")))
	banner, err := r.ReadBanner()
	if err != nil || banner != "Asterisk Call Manager/11.0.0" {
		t.Fatalf("%q, %v", banner, err)
	}
	if m, err := r.ReadMessage(); err != nil || m.Response() != "Success" {
		t.Fatalf("%q, %v", m, err)
	}
}

func TestNoBanner(t *testing.T) {
	for _, first := range []string{
		"SSH-2.0-OpenSSH_9.9\r\n", "HTTP/1.1 400 Bad Request\r\n", strings.Repeat("x", 3000),
		"Asterisk Call Manager/" + strings.Repeat("x", 3000) + "\r\n",
	} {
		_, err := ami.NewReader(strings.NewReader(first)).ReadBanner()
		var protocol *ami.ProtocolError
		if !errors.As(err, &protocol) {
			t.Errorf("%.40q: %v", first, err)
		}
	}
	if _, err := ami.NewReader(strings.NewReader("")).ReadBanner(); !errors.Is(err, io.EOF) {
		t.Errorf("empty: %v", err)
	}
}

func TestMaxMessageSize(t *testing.T) {
	fits := "Event: A\r\nX: " + strings.Repeat("x", 10_000) + "\r\n"
	for _, size := range []int{len(fits), len(fits) - 1} {
		r := ami.NewReader(strings.NewReader("Event: First\r\n\r\n" + strings.Repeat("\r\n", 20_000) + fits + "\r\n"))
		r.MaxMessageSize = size
		messages, err := readAll(r)
		if size == len(fits) {
			if !errors.Is(err, io.EOF) || len(messages) != 2 || messages[1].String() != fits {
				t.Errorf("%d messages, %v", len(messages), err)
			}
			continue
		}
		var protocol *ami.ProtocolError
		if !errors.As(err, &protocol) || !strings.Contains(err.Error(), strconv.Itoa(size)) || len(messages) != 1 {
			t.Errorf("%d messages, %v", len(messages), err)
		}
	}
}

func TestEndInsideMessage(t *testing.T) {
	for _, end := range []string{"Event", "Event: A", "Event: A\r\n", "Event: A\r\nX: 1\n"} {
		messages, err := readAll(ami.NewReader(strings.NewReader("Event: First\r\n\r\n" + end)))
		if len(messages) != 1 || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q: %d messages, %v", end, len(messages), err)
		}
	}
	broken := errors.New("broken")
	if _, err := readAll(ami.NewReader(iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("the error of the stream is lost: %v", err)
	}
}

// pieces reads a stream in pieces whose sizes are the bytes of cuts, again and again.
type pieces struct {
	rest []byte
	cuts []byte
	next int
}

func (p *pieces) Read(buf []byte) (int, error) {
	if len(p.rest) == 0 {
		return 0, io.EOF
	}
	n := len(p.rest)
	if len(p.cuts) > 0 {
		n = int(p.cuts[p.next%len(p.cuts)]) + 1
		p.next++
	}
	n = copy(buf, p.rest[:min(n, len(p.rest))])
	p.rest = p.rest[n:]
	return n, nil
}

// sameMessage reports whether two messages have the same text and the same headers in it.
func sameMessage(a, b ami.Message) bool {
	return a.String() == b.String() && slices.Equal(headers(a), headers(b))
}

// FuzzSplit: a stream means the same messages in whatever pieces it comes.
func FuzzSplit(f *testing.F) {
	files, err := filepath.Glob("testdata/torture/*.wire")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		wire, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire, []byte{0})
		f.Add(wire, []byte{1, 7, 2})
	}
	f.Fuzz(func(t *testing.T, wire, cuts []byte) {
		whole, err := readAll(ami.NewReader(bytes.NewReader(wire)))
		split, splitErr := readAll(ami.NewReader(&pieces{rest: wire, cuts: cuts}))
		if !slices.EqualFunc(whole, split, sameMessage) || err.Error() != splitErr.Error() {
			t.Errorf("whole:\n%s\nsplit:\n%s", dump(whole, err), dump(split, splitErr))
		}
	})
}

// TestBorrowedIsOwned: a borrowed message is the same as one of its own, until the next one comes.
func TestBorrowedIsOwned(t *testing.T) {
	text := trace(t)
	owned, borrowed := ami.NewReader(bytes.NewReader(text)), ami.NewReader(bytes.NewReader(text))
	var kept []ami.Message
	for {
		m, err := owned.ReadMessage()
		b, berr := borrowed.Borrow()
		if (err == nil) != (berr == nil) || m.String() != b.String() || m.Len() != b.Len() {
			t.Fatalf("owned %q, %v; borrowed %q, %v", m, err, b, berr)
		}
		if err != nil {
			break
		}
		if len(kept) < 100 {
			kept = append(kept, m, b.Clone())
		}
	}
	for i := 0; i < len(kept); i += 2 {
		if kept[i].String() != kept[i+1].String() {
			t.Errorf("%q became %q", kept[i], kept[i+1])
		}
	}
}

// TestLargeMessage has headers beyond what two bytes can tell.
func TestLargeMessage(t *testing.T) {
	var wire strings.Builder
	wire.WriteString("Response: Success\r\n")
	for i := range 20_000 {
		fmt.Fprintf(&wire, "Output: line %d\r\n", i)
	}
	wire.WriteString("\r\nEvent: After\r\nX: 1\r\n\r\n")
	messages, err := readAll(ami.NewReader(strings.NewReader(wire.String())))
	if !errors.Is(err, io.EOF) || len(messages) != 2 || messages[1].Get("X") != "1" {
		t.Fatalf("%d messages, %v", len(messages), err)
	}
	lines := messages[0].Values("Output")
	if len(lines) != 20_000 || messages[0].Len() != 20_001 {
		t.Fatalf("%d lines", len(lines))
	}
	for i, line := range lines {
		if line != "line "+strconv.Itoa(i) {
			t.Fatalf("line %d is %q", i, line)
		}
	}
}

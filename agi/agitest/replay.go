package agitest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/agi"
)

// Replay plays Asterisk's side of a session that agi.Transcribe has written down, in the same pieces, against a handler. The
// test fails if the handler does anything else than the one that was recorded: the same commands in the same order, apart
// from the words by which a session finds its place, which are different each time.
//
// A handler that depends on the clock must do so in the same way; what Asterisk said then comes as soon as it can.
func Replay(t TB, handler agi.Handler, transcript io.Reader) {
	t.Helper()
	steps, err := readTranscript(transcript)
	if err != nil {
		t.Fatalf("agitest: %v", err)
	}
	conn, stop := connect(t, handler)
	defer stop()
	if err := conn.SetDeadline(time.Now().Add(defaultTimeout)); err != nil {
		t.Fatalf("agitest: %v", err)
	}
	r := replay{conn: conn, in: bufio.NewReader(conn)}
	if err := r.play(steps); err != nil {
		t.Errorf("agitest: %v", err)
	}
}

// step is one line of a transcript.
type step struct {
	number   int
	asterisk bool // and not the session
	text     string
}

func readTranscript(transcript io.Reader) ([]step, error) {
	var steps []step
	lines := bufio.NewScanner(transcript)
	lines.Buffer(nil, 8<<20)
	for n := 1; lines.Scan(); n++ {
		direction, quoted, _ := strings.Cut(lines.Text(), " ")
		text, err := strconv.Unquote(quoted)
		if err != nil || direction != "<" && direction != ">" {
			return nil, fmt.Errorf("line %d of the transcript is none of < \"...\" and > \"...\"", n)
		}
		steps = append(steps, step{n, direction == "<", text})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading the transcript: %w", err)
	}
	return steps, nil
}

// replay is a transcript that is being played.
type replay struct {
	conn net.Conn
	in   *bufio.Reader
	then string // the word of the session that was recorded
	now  string // the word of this one
}

// word is the part of a session's words that is the same for all of them.
var word = regexp.MustCompile(`\b[0-9a-f]{16}([-=]\d)`)

func (r *replay) play(steps []step) error {
	for _, s := range steps {
		if s.asterisk {
			if _, err := io.WriteString(r.conn, r.translated(s.text)); err != nil {
				return fmt.Errorf("line %d of the transcript: the session has ended: %w", s.number, err)
			}
			continue
		}
		for recorded := range strings.Lines(s.text) {
			if err := r.expect(s.number, recorded); err != nil {
				return err
			}
		}
	}
	if half, ok := r.conn.(*net.TCPConn); ok {
		if err := half.CloseWrite(); err != nil {
			return fmt.Errorf("closing: %w", err)
		}
	}
	switch rest, err := io.ReadAll(r.in); {
	case err != nil:
		return fmt.Errorf("the session does not end: %w", err)
	case len(rest) > 0:
		return fmt.Errorf("after the end of the transcript the session sends %.200q", rest)
	}
	return nil
}

// expect reads one line of the session.
func (r *replay) expect(number int, recorded string) error {
	line, err := r.in.ReadString('\n')
	if err != nil {
		return fmt.Errorf("line %d of the transcript: waiting for %.200q: %w", number, recorded, err)
	}
	then, now := word.FindStringSubmatch(recorded), word.FindStringSubmatch(line)
	if r.then == "" && then != nil && now != nil {
		r.then, r.now = strings.TrimSuffix(then[0], then[1]), strings.TrimSuffix(now[0], now[1])
	}
	if want := r.translated(recorded); line != want {
		return fmt.Errorf("line %d of the transcript: the session sends %.200q, and sent %.200q", number, line, want)
	}
	return nil
}

// translated puts this session's word in the place of the recorded one.
func (r *replay) translated(text string) string {
	if r.then == "" {
		return text
	}
	return strings.ReplaceAll(text, r.then, r.now)
}

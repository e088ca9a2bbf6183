package agi

import (
	"bytes"
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"time"
)

// Asterisk throws away the digits that a caller presses while no command runs (run_agi in res/res_agi.c reads the channel
// and frees what it reads). So a session that hears digits always has a command that does: WAIT FOR DIGIT without an end,
// which another command stops and which says so. What is sent to Asterisk while a command runs is looked at before the
// channel is read (ast_waitfor_nandfds in main/channel.c puts what is no channel first); so a command and the WAIT FOR DIGIT
// behind it are sent together, and nothing is lost where the one ends and the other begins.
//
// But what Asterisk has read into its own buffer it does not look at until more comes, and it reads as much as fits. So all
// that is sent is made as long as that buffer, by blanks: then a WAIT FOR DIGIT is not in it. The lines of an older Asterisk must
// be shorter. There two of them come behind a command, which is made so long, by others that do nothing, that it fills the
// buffer together with one: whether Asterisk has read the one before alone or with the command, one of the two runs at its end.
//
// Where that fails, because a network cuts what is sent to pieces or because Asterisk is much slower than we are, a WAIT FOR
// DIGIT may be left lying. So another one is sent when the session has been idle for a moment. It stops the one
// before, or makes Asterisk look at it. Until then digits could be lost.

// stdioBuffer is how many bytes Asterisk reads at once: what the C library takes for a socket and for a pipe (st_blksize).
const stdioBuffer = 4096

// longestPadded is the longest command that gets a WAIT FOR DIGIT behind it at once.
const longestPadded = 2000

var (
	waitLine  = []byte("WAIT FOR DIGIT -1\n")
	waitLong  = appendPadded(nil, waitLine, stdioBuffer)
	errNoHear = errors.New("agi: AsyncAGI cannot hear digits between two commands")
)

// hearing is what a session does to hear digits.
type hearing struct {
	press func(digit string) // nil: it does not
	// due is how many replies come before that of the command that runs: those of WAIT FOR DIGIT, and of what fills a buffer.
	due int
	// behind is how many WAIT FOR DIGIT were sent together with that command.
	behind int
	// waits says that a WAIT FOR DIGIT runs, or will as soon as the command that runs is over.
	waits bool
	// long says that a line may fill Asterisk's buffer, near that what is sent arrives in one piece.
	long, near bool
	// owed is the name of a command that was given up.
	owed string
}

// HearDigits has press called with each digit that the caller presses from now on: also between two commands, when Asterisk
// would throw it away. The digit that ends a command, such as one of the escape digits of ControlStreamFile or of SayNumber,
// is in its result and not told to press, unless the command was given up; the other digits that are pressed meanwhile are
// lost, and so are those that are pressed during RecordFile.
//
// Commands that Asterisk stops when it gets another one leave a gap of a millisecond behind them: StreamFile, GetData,
// GetOption and WaitForDigit. If no digit is to be lost play with ControlStreamFile, and let press hear the digits.
//
// press is called by a goroutine of the session, and must neither block nor use the session. AsyncAGI cannot do it.
func (s *Session) HearDigits(ctx context.Context, press func(digit string)) error {
	if s.takesAhead() {
		return errNoHear
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watcher.stop()
	defer func() { s.watcher.start(time.Now()) }()
	if err := s.settle(ctx); err != nil {
		return err
	}
	s.hearing.press, s.hearing.long, s.hearing.near = press, s.longestLine() >= stdioBuffer, near(s.conn)
	return s.listen()
}

// near reports whether what is sent arrives in one piece: over a pipe, or within the machine.
func near(conn transport) bool {
	far, ok := conn.(interface{ RemoteAddr() net.Addr })
	if !ok {
		return true
	}
	tcp, ok := far.RemoteAddr().(*net.TCPAddr)
	return !ok || tcp.IP.IsLoopback()
}

// listen sends a WAIT FOR DIGIT, unless one runs. The lock must be held.
func (s *Session) listen() error {
	h := &s.hearing
	if over := s.lost != nil || s.Hungup(); h.press == nil || h.waits || s.owed || over {
		return s.lost
	}
	h.due++
	h.waits = true
	return s.write(h.wait())
}

// wait is the line of a WAIT FOR DIGIT.
func (h *hearing) wait() []byte {
	if h.long {
		return waitLong
	}
	return waitLine
}

// withWait returns the bytes to send for a command: with a WAIT FOR DIGIT behind it, if the session hears digits and the command
// lets it.
func (s *Session) withWait(c call) []byte {
	h := &s.hearing
	if h.press == nil || c.stops || len(c.line) > longestPadded || s.Hungup() {
		return c.line
	}
	if h.long {
		h.behind = 1
		return append(appendPadded(make([]byte, 0, 2*stdioBuffer), c.line, stdioBuffer), waitLong...)
	}
	h.behind = 2
	h.due += 2
	size := stdioBuffer - len(waitLine)
	rest := size - max(len(c.line), size/3)
	sent := appendPadded(make([]byte, 0, stdioBuffer+len(waitLine)), []byte("NOOP\n"), rest/2)
	sent = appendPadded(sent, []byte("NOOP\n"), rest-rest/2)
	sent = appendPadded(sent, c.line, size-len(sent))
	return append(append(sent, waitLine...), waitLine...)
}

// appendPadded appends a line with as many blanks before its end as it takes to a size.
func appendPadded(b, line []byte, size int) []byte {
	b = append(b, line[:len(line)-1]...)
	b = append(b, bytes.Repeat([]byte{' '}, max(0, size-len(line)))...)
	return append(b, '\n')
}

// isDue takes a reply that comes before that of the command that runs, and reports whether it is one.
func (s *Session) isDue(text string) bool {
	if s.hearing.due == 0 {
		return false
	}
	s.hearing.due--
	s.hearing.waits = false
	s.tell(text)
	return true
}

// tell tells press of the digit of a reply, if it has one. The 1 of a WAIT FOR DIGIT that was stopped is none.
func (s *Session) tell(text string) {
	if digit := digitOf(parseReply(text).Result); digit > " " {
		s.hearing.press(digit)
	}
}

// over is called when the reply of a command is there.
func (h *hearing) over() {
	if h.behind > 0 {
		h.due, h.behind, h.waits = h.due+h.behind, 0, true
	}
}

// takeDue takes the replies that have come already and are due. The lock must be held.
func (s *Session) takeDue() {
	for s.hearing.due > 0 && bytes.IndexByte(s.in.rest(), '\n') >= 0 {
		line, err := s.in.next()
		switch text := string(line); {
		case err != nil:
			return
		case classify(text) == hangupLine:
			s.hangup()
		case classify(text) == whole:
			s.isDue(text)
		default:
			s.strays.add(text)
		}
	}
}

// withoutDue takes the replies that are due out of lines that came before the echo of a marker, which has stopped the WAIT FOR
// DIGIT. The marker was sent again as many times as it says, and its other echoes will come.
func (s *Session) withoutDue(lines []string, again int) []string {
	h := &s.hearing
	for i := 0; i < len(lines) && h.due > 0; {
		if classify(lines[i]) != whole {
			i++
			continue
		}
		s.isDue(lines[i])
		lines = append(lines[:i], lines[i+1:]...)
	}
	var behind []string // the last comes first
	for i := len(lines) - 1; i >= 0 && len(behind) < h.behind; i-- {
		if classify(lines[i]) == whole {
			behind = append(behind, lines[i])
			lines = append(lines[:i], lines[i+1:]...)
		}
	}
	for _, text := range slices.Backward(behind) {
		s.tell(text)
	}
	h.due, h.behind, h.waits = again, 0, false
	return lines
}

// soon is when a marker is to be sent again: one that Asterisk has read together with a WAIT FOR DIGIT is left lying.
func (h *hearing) soon(end time.Time) time.Time {
	if soon := time.Now().Add(nudgeAfter); h.press != nil && soon.Before(end) {
		return soon
	}
	return end
}

// nudgeAfter is how long Asterisk may take to echo a marker before it is sent again.
const nudgeAfter = 250 * time.Millisecond

// heardOwed takes a reply that comes before the echo of the marker behind a command that was given up.
func (s *Session) heardOwed(text string) {
	h := &s.hearing
	switch {
	case h.press == nil || s.isDue(text):
	case h.owed == "": // of the WAIT FOR DIGIT behind it
		s.tell(text)
	default:
		if h.owed == "CONTROL STREAM FILE" || strings.HasPrefix(h.owed, "SAY ") {
			s.tell(text)
		}
		h.owed = ""
	}
}

// hearAfter is idleAfter for a session that hears digits: the next digit is not heard until this one was.
const hearAfter = 2 * time.Millisecond

// digitGap is how soon a digit may come behind another one, which took at least 80 ms and 45 ms of silence (main/channel.c). A program that
// answers later than that may lose it.
const digitGap = 125 * time.Millisecond

// idle is how long a session may be without a command until somebody listens.
func (h *hearing) idle() time.Duration {
	if h.press == nil {
		return idleAfter
	}
	return hearAfter
}

// nudge sends another WAIT FOR DIGIT if the one before may have been left lying. No command must run.
func (s *Session) nudge() error {
	h := &s.hearing
	if h.press == nil || h.long && h.near || s.Hungup() {
		return nil
	}
	h.due++
	_, err := s.conn.Write(h.wait())
	return err
}

// heardIdle takes a line that came while no command ran, and reports whether it is the reply of the WAIT FOR DIGIT. Then another
// one is sent, as long as digits come.
func (s *Session) heardIdle(text string) (bool, error) {
	if classify(text) != whole || !s.isDue(text) {
		return false, nil
	}
	if digitOf(parseReply(text).Result) > " " {
		s.hearing.due++
		s.hearing.waits = true
		_, err := s.conn.Write(s.hearing.wait())
		return true, err
	}
	return true, nil
}

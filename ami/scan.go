package ami

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unsafe"
)

// scanner finds the headers of the message at the start of a buffer, however the buffer grows between calls. It knows the
// shape of the protocol as Asterisk really writes it:
//
//   - A line ends with CR LF. A blank line ends the message. Blank lines before a message mean nothing: dialplan code and
//     the TestEvents of app_confbridge.c leave them.
//   - A bare LF is part of a value: UserEvent in apps/app_userevent.c sends any text that it is given. But a blank line
//     after it ends the value and the message: some answers end their Message with a bare LF, as that of PJSIPShowContacts
//     in res/res_pjsip/location.c.
//   - A blank line may itself be a bare LF: CoreShowChannelMap of Asterisk 18.19 to 18.23 and 20.4 to 20.8 ends so. After a
//     bare LF it is an empty line inside the value.
//   - A line without a colon goes on with the value before it: data of a channel that holds CR LF makes one.
type scanner struct {
	table []byte // where the headers start in the message: see Message
	kind  kind   // isWide if the table has four bytes a header
	pos   int    // the start of the line to look at next
	seen  int    // up to where the buffer is known to hold no LF after pos
	begin int    // where the message starts: stray blank lines are before it
	end   int    // where its text ends, if scan has returned true
	open  bool   // the line before pos ended with a bare LF, so its value may go on
}

// scan goes on with the buffer that it was given before, now perhaps longer, and reports whether the message is complete.
// Then pos is where the next one starts. This is where most of the time goes that a client takes, hence the locals.
func (s *scanner) scan(buf []byte) bool {
	pos, seen, begin, open, table := s.pos, s.seen, s.begin, s.open, s.table
	done := false
	for !done {
		lf := bytes.IndexByte(buf[seen:], '\n')
		if lf < 0 {
			seen = len(buf)
			break
		}
		if line := buf[seen : seen+lf]; lf > 1 && line[lf-1] == '\r' && !open && pos == seen { // nearly always
			if len(table) == 0 || hasColon(line) {
				table = s.note(table, pos-begin)
			}
			pos += lf + 1
			seen = pos
			continue
		}
		start, end := pos, seen+lf
		pos = end + 1
		seen = pos
		bare := true
		if end > start && buf[end-1] == '\r' {
			end, bare = end-1, false
		}
		switch {
		case end > start:
			if !open && (hasColon(buf[start:end]) || len(table) == 0) {
				table = s.note(table, start-begin)
			}
			open = bare
		case len(table) == 0:
			begin = pos
		case !open || !bare:
			s.end = start
			done = true
		}
	}
	s.pos, s.seen, s.begin, s.open, s.table = pos, seen, begin, open, table
	return done
}

// hasColon reports whether a line has a colon. That is near its beginning, so eight bytes at a time beat a search made for
// long texts. The arithmetic finds a zero byte in a word (H. S. Warren, Hacker's Delight, 6-1).
func hasColon(line []byte) bool {
	const ones = 0x0101010101010101
	const highs, colons = ones * 0x80, ones * ':'
	for len(line) >= 8 {
		word := binary.LittleEndian.Uint64(line) ^ colons
		if (word-ones)&^word&highs != 0 {
			return true
		}
		line = line[8:]
	}
	for _, c := range line {
		if c == ':' {
			return true
		}
	}
	return false
}

// note adds where a header starts to the table.
func (s *scanner) note(table []byte, at int) []byte {
	if at > narrow || s.kind == isWide {
		return s.far(table, at)
	}
	return append(table, byte(at), byte(at>>8))
}

// far notes where a header of a message of more than 64 KiB starts.
func (s *scanner) far(table []byte, at int) []byte {
	if s.kind != isWide {
		var wide []byte
		for i := 0; i < len(table); i += 2 {
			wide = append(wide, table[i], table[i+1], 0, 0)
		}
		table, s.kind = wide, isWide
	}
	return binary.LittleEndian.AppendUint32(table, uint32(at))
}

// perChannel begins the keys that name a channel, as in "ChanVariable(Local/1@x-1;1): A=b" of OriginateResponse
// (append_channel_vars in main/manager.c). The channel's name may hold a colon.
const perChannel = "ChanVariable("

// keyLength returns how long the key of a header is: the whole line if that has no colon, which only the first header of a
// message can lack. A key may hold any characters but the colon that ends it.
func keyLength(header string, first bool) int {
	if first {
		line, _, _ := strings.Cut(header, "\n")
		header = strings.TrimSuffix(line, "\r")
	}
	if strings.HasPrefix(header, perChannel) {
		if i := strings.Index(header, "): "); i >= 0 && strings.IndexByte(header[:i], '\n') < 0 {
			return i + 1
		}
	}
	if i := strings.IndexByte(header, ':'); i >= 0 {
		return i
	}
	return len(header)
}

// message returns a copy of the message that scan has found in buf.
func (s *scanner) message(buf []byte) Message {
	text := buf[s.begin:s.end]
	var b strings.Builder
	b.Grow(len(text) + len(s.table))
	b.Write(text)
	b.Write(s.table)
	return Message{data: b.String(), size: uint32(len(text)), kind: s.kind}.classified()
}

// borrow returns the message that scan has found in buf, made in scratch.
func (s *scanner) borrow(buf []byte, scratch *[]byte) Message {
	*scratch = append(append((*scratch)[:0], buf[s.begin:s.end]...), s.table...)
	return Message{
		data: unsafe.String(unsafe.SliceData(*scratch), len(*scratch)), size: uint32(s.end - s.begin), kind: s.kind,
	}.classified()
}

// reset makes the scanner ready for the message at the start of another buffer.
func (s *scanner) reset() {
	*s = scanner{table: s.table[:0]}
}

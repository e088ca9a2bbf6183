package ami

import (
	"encoding/binary"
	"math/bits"
	"slices"
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
	pos   int    // the start of the line that is being looked at
	seen  int    // up to where the buffer has been looked at
	colon uint64 // 1 if there is a colon between pos and seen
	begin int    // where the message starts: stray blank lines are before it
	end   int    // where its text ends, if scan has returned true
	open  bool   // the line before pos ended with a bare LF, so its value may go on
}

// scan goes on with the buffer that it was given before, now perhaps longer, and reports whether the message is complete.
// Then pos is where the next one starts. This is where most of the time goes that a client takes: so it looks at blocks, not
// at lines.
func (s *scanner) scan(buf []byte) bool {
	for s.seen < len(buf) {
		var lfs, crs, colons uint64
		if rest := buf[s.seen:]; len(rest) >= blockSize {
			lfs, crs, colons = find((*[blockSize]byte)(rest))
		} else {
			var block [blockSize]byte
			copy(block[:], rest)
			lfs, crs, colons = find(&block)
		}
		afterCR := crs << 1
		if s.seen > 0 && buf[s.seen-1] == '\r' {
			afterCR |= 1
		}
		done, usual := s.usual(lfs, afterCR, colons)
		if !usual {
			done = s.unusual(buf, lfs, colons)
		}
		if done {
			return true
		}
		s.seen = min(s.seen+blockSize, len(buf))
	}
	return false
}

// usual deals with a block whose lines end with CR LF, and reports whether the message ends in it; if the block is not so,
// usual is false. No branch depends on where lines end, which a processor cannot foresee. Given are where the LFs are, what
// stands behind a CR, and where the colons are.
func (s *scanner) usual(lfs, afterCR, colons uint64) (done, usual bool) {
	// a line with no more than one byte before its LF is blank, and the first one ends the message; so may the line that
	// began before the block
	blank := lfs & (lfs<<1 | lfs<<2 | 3>>uint(s.seen-s.pos))
	blank &= -blank
	lfs &= blank<<1 - 1
	lines := lfs &^ blank
	// a carry that begins at a colon, or before the block, runs up to the end of the line
	sum, colon := bits.Add64(colons, ^lfs, s.colon)
	bare := lines &^ sum
	if s.open || lfs&^afterCR != 0 || bare != 0 || s.seen+blockSize-s.begin > narrow {
		return false, false
	}
	if lines != 0 {
		s.noteAll(lines)
		s.pos = s.seen + bits.Len64(lines)
	} else if blank != 0 && len(s.table) == 0 {
		return false, false
	}
	s.colon = colon
	if blank != 0 {
		s.end, s.pos = s.pos, s.seen+bits.Len64(blank)
	}
	return blank != 0, true
}

// noteAll adds to the table where the lines start that end where lines has a bit.
func (s *scanner) noteAll(lines uint64) {
	const most = 64 // bytes in the table; a line that is not blank has three
	n := len(s.table)
	s.table = slices.Grow(s.table, most)
	rest := (*[most]byte)(s.table[n : n+most])[:]
	start, base := s.pos-s.begin, s.seen-s.begin+1
	s.table = s.table[:n+2*bits.OnesCount64(lines)]
	for len(rest) >= 8 { // four at once, for more are rare; what is written of those that are not there does not count
		for i := 0; i < 8; i += 2 {
			binary.LittleEndian.PutUint16(rest[i:i+2], uint16(start))
			start = base + bits.TrailingZeros64(lines)
			lines &= lines - 1
		}
		if lines == 0 {
			break
		}
		rest = rest[8:]
	}
}

// unusual deals with any block, line by line.
func (s *scanner) unusual(buf []byte, lfs, colons uint64) (done bool) {
	for ; lfs != 0; lfs &= lfs - 1 {
		at := bits.TrailingZeros64(lfs)
		before := uint64(1)<<at - 1
		if colons&before != 0 {
			s.colon = 1
		}
		colons &^= before
		if s.line(buf, s.seen+at) {
			return true
		}
		s.colon = 0
	}
	if colons != 0 {
		s.colon = 1
	}
	return false
}

// line deals with the line from pos to the LF at end, and reports whether it ends the message.
func (s *scanner) line(buf []byte, end int) bool {
	start := s.pos
	s.pos = end + 1
	bare := true
	if end > start && buf[end-1] == '\r' {
		end, bare = end-1, false
	}
	switch {
	case end > start:
		if !s.open && (s.colon != 0 || len(s.table) == 0) {
			s.note(start - s.begin)
		}
		s.open = bare
	case len(s.table) == 0:
		s.begin = s.pos
	case !s.open || !bare:
		s.end = start
		return true
	}
	return false
}

// note adds where a header starts to the table.
func (s *scanner) note(at int) {
	switch {
	case s.kind == isWide:
		s.table = binary.LittleEndian.AppendUint32(s.table, uint32(at))
	case at <= narrow:
		s.table = binary.LittleEndian.AppendUint16(s.table, uint16(at))
	default: // the first one beyond 64 KiB
		var wide []byte
		for i := 0; i < len(s.table); i += 2 {
			wide = append(wide, s.table[i], s.table[i+1], 0, 0)
		}
		s.table, s.kind = binary.LittleEndian.AppendUint32(wide, uint32(at)), isWide
	}
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

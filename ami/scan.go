package ami

import "bytes"

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
	fields []field
	pos    int  // the start of the line to look at next
	seen   int  // up to where the buffer is known to hold no LF after pos
	begin  int  // where the message starts: stray blank lines are before it
	end    int  // where its text ends, if scan has returned true
	open   bool // the line before pos ended with a bare LF, so its value may go on
}

// scan goes on with the buffer that it was given before, now perhaps longer, and reports whether the message is complete.
// Then pos is where the next one starts.
func (s *scanner) scan(buf []byte) bool {
	for {
		lf := bytes.IndexByte(buf[s.seen:], '\n')
		if lf < 0 {
			s.seen = len(buf)
			return false
		}
		start, next := s.pos, s.seen+lf+1
		s.pos, s.seen = next, next
		line := buf[start : next-1]
		bare := true
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line, bare = line[:n-1], false
		}
		switch {
		case len(line) > 0:
			s.line(line, start)
			s.open = bare
		case len(s.fields) == 0:
			s.begin = next
		case !s.open || !bare:
			s.end = start
			return true
		}
	}
}

// line takes a line that is not blank: a header, or more of the value before it.
func (s *scanner) line(line []byte, start int) {
	if s.open {
		return
	}
	colon := keyLength(line)
	if colon < 0 {
		if len(s.fields) > 0 {
			return
		}
		colon = len(line)
	}
	at := start - s.begin
	s.fields = append(s.fields, field{start: uint32(at), colon: uint32(at + colon)})
}

// perChannel begins the keys that name a channel, as in "ChanVariable(Local/1@x-1;1): A=b" of OriginateResponse
// (append_channel_vars in main/manager.c). The channel's name may hold a colon.
var perChannel = []byte("ChanVariable(")

// keyLength returns how long the key of a header is, or -1 if the line has none. A key may hold any characters but the
// colon that ends it.
func keyLength(line []byte) int {
	if bytes.HasPrefix(line, perChannel) {
		if i := bytes.Index(line, []byte("): ")); i >= 0 {
			return i + 1
		}
	}
	return bytes.IndexByte(line, ':')
}

// message returns a copy of the message that scan has found in buf.
func (s *scanner) message(buf []byte) Message {
	fields := make([]field, len(s.fields))
	copy(fields, s.fields)
	return Message{text: string(buf[s.begin:s.end]), fields: fields}
}

// reset makes the scanner ready for the message at the start of another buffer.
func (s *scanner) reset() {
	*s = scanner{fields: s.fields[:0]}
}

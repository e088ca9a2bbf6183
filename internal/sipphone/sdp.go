package sipphone

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// direction is which way audio flows, as the attribute of RFC 4566 says it.
type direction string

const (
	sendrecv direction = "sendrecv"
	sendonly direction = "sendonly"
	recvonly direction = "recvonly"
	inactive direction = "inactive"
)

// answer is the direction with which the other side answers.
func (d direction) answer() direction {
	switch d {
	case sendonly:
		return recvonly
	case recvonly:
		return sendonly
	default:
		return d
	}
}

// session is the part of a session description (RFC 4566) that a phone needs.
type session struct {
	audio     netip.AddrPort // where to send audio
	direction direction
	event     byte // the payload type of telephone-events; 0 if the peer takes none
}

// offer writes a description with mu-law and telephone-events. version must grow with every description of a call.
func (s session) offer(version uint64) []byte {
	return fmt.Appendf(nil, "v=0\r\n"+
		"o=- %d %d IN IP4 %s\r\n"+
		"s=-\r\n"+
		"c=IN IP4 %[3]s\r\n"+
		"t=0 0\r\n"+
		"m=audio %d RTP/AVP %d %d\r\n"+
		"a=rtpmap:%[5]d PCMU/8000\r\n"+
		"a=rtpmap:%[6]d telephone-event/8000\r\n"+
		"a=fmtp:%[6]d 0-15\r\n"+
		"a=ptime:20\r\n"+
		"a=%s\r\n",
		s.audio.Port(), version, s.audio.Addr(), s.audio.Port(), payloadPCMU, payloadEvent, s.direction)
}

var errNoAudio = errors.New("sipphone: the session description has no audio that this phone can take")

// parseSession reads a description: its first audio stream, which must have mu-law.
func parseSession(text []byte) (session, error) {
	s := session{direction: sendrecv}
	var addr netip.Addr
	audio, other := false, false // which stream the line is about; neither: all of them
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\r\n")
		key, value, ok := strings.Cut(line, "=")
		switch {
		case !ok:
		case key == "m" && audio:
			return s.at(addr)
		case key == "m":
			audio = strings.HasPrefix(value, "audio ")
			other = !audio
			if audio && !s.takeAudio(value) {
				return session{}, errNoAudio
			}
		case other:
		case key == "c":
			if a, err := netip.ParseAddr(strings.TrimPrefix(value, "IN IP4 ")); err == nil {
				addr = a
			}
		case key == "a":
			s.attribute(value)
		}
	}
	return s.at(addr)
}

// takeAudio reads "audio 4000 RTP/AVP 0 101".
func (s *session) takeAudio(media string) bool {
	fields := strings.Fields(media)
	if len(fields) < 4 {
		return false
	}
	port, err := strconv.ParseUint(fields[1], 10, 16)
	if err != nil || port == 0 {
		return false
	}
	s.audio = netip.AddrPortFrom(netip.Addr{}, uint16(port))
	for _, payload := range fields[3:] {
		if payload == strconv.Itoa(payloadPCMU) {
			return true
		}
	}
	return false
}

func (s *session) attribute(value string) {
	switch d := direction(value); d {
	case sendrecv, sendonly, recvonly, inactive:
		s.direction = d
		return
	}
	payload, ok := strings.CutPrefix(value, "rtpmap:")
	if number, codec, found := strings.Cut(payload, " "); ok && found && strings.HasPrefix(codec, "telephone-event/8000") {
		if n, err := strconv.ParseUint(number, 10, 7); err == nil {
			s.event = byte(n)
		}
	}
}

func (s session) at(addr netip.Addr) (session, error) {
	if s.audio.Port() == 0 || !addr.IsValid() {
		return session{}, errNoAudio
	}
	s.audio = netip.AddrPortFrom(addr, s.audio.Port())
	return s, nil
}

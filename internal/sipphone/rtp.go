package sipphone

import (
	"encoding/binary"
	"errors"
)

// The payload types of RTP that a phone uses (RFC 3551, RFC 4733).
const (
	payloadPCMU  = 0
	payloadEvent = 101
)

const rtpHeader = 12

// packet is an RTP packet (RFC 3550).
type packet struct {
	payloadType byte
	marker      bool
	sequence    uint16
	timestamp   uint32
	source      uint32
	payload     []byte
}

var errNotRTP = errors.New("sipphone: not an RTP packet")

// append appends the packet as on the wire.
func (p packet) append(b []byte) []byte {
	second := p.payloadType
	if p.marker {
		second |= 0x80
	}
	b = append(b, 0x80, second)
	b = binary.BigEndian.AppendUint16(b, p.sequence)
	b = binary.BigEndian.AppendUint32(b, p.timestamp)
	b = binary.BigEndian.AppendUint32(b, p.source)
	return append(b, p.payload...)
}

// parsePacket reads a packet; its payload points into the datagram.
func parsePacket(b []byte) (packet, error) {
	if len(b) < rtpHeader || b[0]>>6 != 2 {
		return packet{}, errNotRTP
	}
	end := len(b)
	if b[0]&0x20 != 0 { // padding: its last byte says how much
		end -= int(b[end-1])
	}
	start := rtpHeader + 4*int(b[0]&0x0f)
	if b[0]&0x10 != 0 { // an extension: four bytes, and as many words as they say
		if len(b) < start+4 {
			return packet{}, errNotRTP
		}
		start += 4 + 4*int(binary.BigEndian.Uint16(b[start+2:]))
	}
	if start > end {
		return packet{}, errNotRTP
	}
	return packet{
		payloadType: b[1] & 0x7f, marker: b[1]&0x80 != 0,
		sequence:  binary.BigEndian.Uint16(b[2:]),
		timestamp: binary.BigEndian.Uint32(b[4:]),
		source:    binary.BigEndian.Uint32(b[8:]),
		payload:   b[start:end],
	}, nil
}

// digits are the telephone-events of RFC 4733, section 3.2, by their codes.
const digits = "0123456789*#ABCD"

// eventPayload is the payload of a telephone-event: its code, whether it ends, a volume of -10 dBm0 and how long it has
// lasted in samples.
func eventPayload(code byte, end bool, duration uint16) []byte {
	flags := byte(10)
	if end {
		flags |= 0x80
	}
	return binary.BigEndian.AppendUint16([]byte{code, flags}, duration)
}

// parseEvent returns the digit of a telephone-event, and whether the packet is its end.
func parseEvent(payload []byte) (digit byte, end, ok bool) {
	if len(payload) < 4 || int(payload[0]) >= len(digits) {
		return 0, false, false
	}
	return digits[payload[0]], payload[1]&0x80 != 0, true
}

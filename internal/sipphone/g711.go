package sipphone

import "math/bits"

// mu-law as in ITU-T G.711: a sign, a segment of three bits and four bits of mantissa, all inverted.
const (
	muBias = 0x84
	muClip = 32635
)

// encodeMu returns the mu-law code of a linear sample.
func encodeMu(sample int16) byte {
	magnitude, sign := int(sample), byte(0)
	if magnitude < 0 {
		magnitude, sign = -magnitude, 0x80
	}
	magnitude = min(magnitude, muClip) + muBias
	segment := bits.Len(uint(magnitude)) - 8
	mantissa := byte(magnitude>>(segment+3)) & 0x0f
	return ^(sign | byte(segment)<<4 | mantissa)
}

// decodeMu returns the linear sample of a mu-law code.
func decodeMu(code byte) int16 {
	code = ^code
	magnitude := (int(code&0x0f)<<3+muBias)<<((code>>4)&0x07) - muBias
	if code&0x80 != 0 {
		magnitude = -magnitude
	}
	return int16(magnitude)
}

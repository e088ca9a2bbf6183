package sound

// The tables of G.711: samples of 14 (mu-law) and 13 bits (A-law), in the upper bits of 16.
var (
	muLawSamples = g711(func(b byte) int16 {
		b = ^b
		magnitude := (int16(b&0x0F)<<3+0x84)<<(b>>4&7) - 0x84
		if b&0x80 != 0 {
			return -magnitude
		}
		return magnitude
	})
	aLawSamples = g711(func(b byte) int16 {
		b ^= 0x55
		magnitude := int16(b&0x0F)<<4 + 8
		if segment := b >> 4 & 7; segment > 0 {
			magnitude = (magnitude + 0x100) << (segment - 1)
		}
		if b&0x80 == 0 {
			return -magnitude
		}
		return magnitude
	})
)

func g711(sample func(byte) int16) (table [256]int16) {
	for i := range table {
		table[i] = sample(byte(i))
	}
	return table
}

// decode makes samples of as many bytes as make len(samples) of them.
func (e Encoding) decode(samples []int16, from []byte) {
	switch e {
	case PCM16:
		for i := range samples {
			samples[i] = int16(uint16(from[2*i]) | uint16(from[2*i+1])<<8)
		}
	case PCM8:
		for i := range samples {
			samples[i] = (int16(from[i]) - 128) << 8
		}
	case MuLaw:
		for i := range samples {
			samples[i] = muLawSamples[from[i]]
		}
	case ALaw:
		for i := range samples {
			samples[i] = aLawSamples[from[i]]
		}
	default:
		clear(samples)
	}
}

package prompts

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// rate is that of the sounds that are written, in Hz: what format_wav of Asterisk wants of a .wav file.
const rate = 8000

var errWAV = errors.New("the voice returns no WAV file")

// readWAV reads a WAV file of 16-bit samples; of several channels the first. A file that was written to a pipe has no right sizes:
// its data go on to the end.
func readWAV(file []byte) (samples []int16, perSecond int, err error) {
	if len(file) < 12 || string(file[:4]) != "RIFF" || string(file[8:12]) != "WAVE" {
		return nil, 0, errWAV
	}
	channels := 0
	for rest := file[12:]; len(rest) >= 8; {
		name, size := string(rest[:4]), int(binary.LittleEndian.Uint32(rest[4:8]))
		rest = rest[8:]
		body := rest[:min(size, len(rest))]
		switch name {
		case "fmt ":
			if channels, perSecond, err = readFormat(body); err != nil {
				return nil, 0, err
			}
		case "data":
			if channels == 0 {
				return nil, 0, errWAV
			}
			if size == 0 {
				body = rest
			}
			step := 2 * channels
			samples = make([]int16, len(body)/step)
			for i := range samples {
				samples[i] = int16(binary.LittleEndian.Uint16(body[i*step:])) //nolint:gosec // that is what the two bytes are
			}
			return samples, perSecond, nil
		}
		rest = rest[min(size+size%2, len(rest)):]
	}
	return nil, 0, errWAV
}

func readFormat(body []byte) (channels, perSecond int, err error) {
	if len(body) < 16 {
		return 0, 0, errWAV
	}
	const pcm, extensible = 1, 0xFFFE
	kind, bits := binary.LittleEndian.Uint16(body), binary.LittleEndian.Uint16(body[14:])
	channels, perSecond = int(binary.LittleEndian.Uint16(body[2:])), int(binary.LittleEndian.Uint32(body[4:]))
	if kind != pcm && kind != extensible || bits != 16 || channels < 1 || channels > 8 || perSecond < rate || perSecond > 192_000 {
		return 0, 0, fmt.Errorf("the voice returns a WAV file of kind %d with %d bits at %d Hz: want 16-bit samples at 8,000 Hz or more", kind, bits, perSecond)
	}
	return channels, perSecond, nil
}

// taps is how far the filter of resample looks to each side, in samples of the result.
const taps = 16

// resample brings samples to rate, with a windowed sinc filter that keeps out what is above half of it.
func resample(in []int16, perSecond int) []int16 {
	if perSecond == rate {
		return in
	}
	step := float64(perSecond) / rate
	out := make([]int16, int(float64(len(in))/step))
	for i := range out {
		center := float64(i) * step
		var sum, weights float64
		for k := max(0, int(center-taps*step)+1); k < min(len(in), int(center+taps*step)); k++ {
			x := (float64(k) - center) / step
			w := sinc(x) * (0.5 + 0.5*math.Cos(math.Pi*x/taps))
			sum += w * float64(in[k])
			weights += w
		}
		out[i] = int16(max(math.MinInt16, min(math.MaxInt16, math.Round(sum/weights))))
	}
	return out
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// writeWAV is a WAV file of samples at rate.
func writeWAV(samples []int16) []byte {
	size := uint32(2 * len(samples)) //nolint:gosec // of at most maxWAV bytes
	b := []byte("RIFF")
	b = binary.LittleEndian.AppendUint32(b, 36+size)
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	for _, v := range []uint16{1, 1} {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	b = binary.LittleEndian.AppendUint32(b, rate)
	b = binary.LittleEndian.AppendUint32(b, 2*rate)
	for _, v := range []uint16{2, 16} {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, size)
	for _, s := range samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(s)) //nolint:gosec // the same two bytes
	}
	return b
}

package sipphone

import "math"

// Audio is 8,000 samples a second in frames of 20 ms.
const (
	sampleRate = 8000
	frameSize  = sampleRate / 50
)

// Frequencies are the tones that phones send and listen for unless told otherwise, in Hz. They are multiples of 50, so a
// frame holds whole periods of each and none is heard in another's place. Asterisk's own tones (425, 440, 480 Hz) are not
// among them; the harmonics that mu-law adds to a tone are, but far too faint to be heard.
func Frequencies() []float64 {
	var all []float64
	for f := 500.0; f <= 3000; f += 50 {
		all = append(all, f)
	}
	return all
}

const (
	// toneAmplitude is how loud a phone sends its tone, of 32,767.
	toneAmplitude = 4000
	// heardAmplitude is how loud a tone must be to count as heard.
	heardAmplitude = 1000
)

// oscillator makes a tone, frame after frame without a click between them.
type oscillator struct {
	step, phase float64
}

func newOscillator(frequency float64) oscillator {
	return oscillator{step: 2 * math.Pi * frequency / sampleRate}
}

// fill writes the next frame as mu-law.
func (o *oscillator) fill(frame []byte) {
	for i := range frame {
		frame[i] = encodeMu(int16(toneAmplitude * math.Sin(o.phase)))
		o.phase = math.Mod(o.phase+o.step, 2*math.Pi)
	}
}

// amplitude measures how loud one frequency is in linear samples, by Goertzel's algorithm.
func amplitude(samples []int16, frequency float64) float64 {
	k := 2 * math.Cos(2*math.Pi*frequency/sampleRate)
	var s1, s2 float64
	for _, x := range samples {
		s1, s2 = float64(x)+k*s1-s2, s1
	}
	power := s1*s1 + s2*s2 - k*s1*s2
	return 2 * math.Sqrt(max(power, 0)) / float64(len(samples))
}

// tonesIn returns those of the frequencies that are heard in a frame of mu-law.
func tonesIn(frame []byte, frequencies []float64) []float64 {
	samples := make([]int16, len(frame))
	loud := false
	for i, code := range frame {
		samples[i] = decodeMu(code)
		loud = loud || samples[i] > heardAmplitude/2
	}
	if !loud {
		return nil
	}
	var heard []float64
	for _, f := range frequencies {
		if amplitude(samples, f) >= heardAmplitude {
			heard = append(heard, f)
		}
	}
	return heard
}

package sound

import "fmt"

// Peaks are the lowest and highest samples of equal stretches of a sound: its waveform, whatever its length. Its JSON is the
// form of audiowaveform, version 2, with 16 bits, which players in browsers take.
type Peaks struct {
	// Version is 2, Bits 16.
	Version  int `json:"version"`
	Channels int `json:"channels"`
	// SampleRate is in samples a second, SamplesPerPixel how many make a stretch.
	SampleRate      int `json:"sample_rate"`
	SamplesPerPixel int `json:"samples_per_pixel"`
	Bits            int `json:"bits"`
	// Length is how many stretches there are.
	Length int `json:"length"`
	// Data is the lowest and the highest sample of each channel of each stretch: min and max of the first channel, of the second,
	// then the next stretch.
	Data []int16 `json:"data"`
}

// MaxPeaks is how many stretches there are at most.
const MaxPeaks = 16 << 10

// ReadPeaks reads what is left of a sound into at most so many stretches, and at least half of that if the sound has as many
// samples. The memory that it takes is bounded by their number, whether or not the length of the sound is known beforehand.
func ReadPeaks(r *Reader, stretches int) (*Peaks, error) {
	if stretches < 2 || stretches > MaxPeaks {
		return nil, fmt.Errorf("sound: a waveform of %d stretches: want 2 to %d", stretches, MaxPeaks)
	}
	p := &Peaks{Version: 2, Bits: 16, Channels: r.info.Channels, SampleRate: r.info.Rate, SamplesPerPixel: 1, Data: []int16{}}
	if frames := r.info.Frames(); frames > 0 {
		p.SamplesPerPixel = int((frames + int64(stretches) - 1) / int64(stretches))
	}
	in := 0 // how many moments are in the last stretch
	err := r.each(func(samples []int16) error {
		for len(samples) > 0 {
			if in == 0 && p.Length == stretches {
				in = p.halve()
			}
			if in == 0 {
				p.begin(samples)
			}
			n := min(p.SamplesPerPixel-in, len(samples)/p.Channels)
			p.take(samples[:n*p.Channels])
			samples = samples[n*p.Channels:]
			in = (in + n) % p.SamplesPerPixel
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// begin begins a stretch with a moment.
func (p *Peaks) begin(samples []int16) {
	p.Length++
	for _, s := range samples[:p.Channels] {
		p.Data = append(p.Data, s, s)
	}
}

// take puts moments into the last stretch.
func (p *Peaks) take(samples []int16) {
	last := p.Data[len(p.Data)-2*p.Channels:]
	for i, s := range samples {
		at := i % p.Channels * 2
		last[at], last[at+1] = min(last[at], s), max(last[at+1], s)
	}
}

// halve makes one stretch of every two. It returns how many moments the last one holds if it is not full: all stretches are
// full before.
func (p *Peaks) halve() int {
	width, to := 2*p.Channels, 0
	for from := 0; from < p.Length; from += 2 {
		one := p.Data[to*width : (to+1)*width]
		copy(one, p.Data[from*width:])
		if from+1 < p.Length {
			for i := 0; i < width; i += 2 {
				other := p.Data[(from+1)*width+i:]
				one[i], one[i+1] = min(one[i], other[0]), max(one[i+1], other[1])
			}
		}
		to++
	}
	in := p.Length % 2 * p.SamplesPerPixel
	p.Length, p.Data, p.SamplesPerPixel = to, p.Data[:to*width], 2*p.SamplesPerPixel
	return in
}

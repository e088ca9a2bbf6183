package sound

import (
	"errors"
	"fmt"
	"io"
)

// Split writes each channel of a sound as a WAV file of its own, with 16 bit PCM: of what r and t of MixMonitor have made
// together, the first is what was received from the channel, the second what was sent to it. There must be as many writers as
// channels. Headers are mended as [Convert] does.
func Split(r *Reader, to ...io.Writer) error {
	if len(to) != r.info.Channels {
		return fmt.Errorf("sound: %s: %d channels for %d writers", r.name, r.info.Channels, len(to))
	}
	writers := make([]*writer, len(to))
	for i := range to {
		var err error
		if writers[i], err = newWriter(to[i], r.info.Rate, 1, r.info.Frames()); err != nil {
			return err
		}
	}
	var mono []int16
	err := r.each(func(samples []int16) error {
		for i, w := range writers {
			mono = pick(mono[:0], samples, i, len(writers))
			if err := w.write(mono); err != nil {
				return err
			}
		}
		return nil
	})
	for _, w := range writers {
		if err == nil {
			err = w.finish()
		}
	}
	return err
}

// Join writes a WAV file with two channels, 16 bit PCM, of two sounds with one channel each and the same rate: left what was
// received, right what was sent. The shorter one goes on in silence.
func Join(to io.Writer, left, right *Reader) error {
	l, r := left.info, right.info
	if l.Channels != 1 || r.Channels != 1 {
		return fmt.Errorf("sound: %s and %s: %d and %d channels, want one each", left.name, right.name, l.Channels, r.Channels)
	}
	if l.Rate != r.Rate {
		return fmt.Errorf("sound: %s and %s: %d and %d samples a second", left.name, right.name, l.Rate, r.Rate)
	}
	frames := max(l.Frames(), r.Frames())
	if l.Size < 0 || r.Size < 0 {
		frames = -1
	}
	w, err := newWriter(to, l.Rate, 2, frames)
	if err != nil {
		return err
	}
	a, b, both := make([]int16, maxSamples), make([]int16, maxSamples), make([]int16, 2*maxSamples)
	for {
		n, err := left.fill(a)
		if err != nil {
			return err
		}
		m, err := right.fill(b)
		if err != nil {
			return err
		}
		clear(a[n:])
		clear(b[m:])
		n = max(n, m)
		if n == 0 {
			return w.finish()
		}
		for i := range n {
			both[2*i], both[2*i+1] = a[i], b[i]
		}
		if err := w.write(both[:2*n]); err != nil {
			return err
		}
	}
}

// fill reads as many samples as there are, up to len(p); the end of the sound is no error.
func (r *Reader) fill(p []int16) (n int, err error) {
	for n < len(p) {
		m, err := r.ReadSamples(p[n:])
		n += m
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

package sound

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// wavHeader is how long the header of the files is that are made here.
const wavHeader = 44

// appendHeader appends the header of a WAV file of 16 bit PCM. Frames of -1, and what makes more than 4 GB, are an unknown size.
func appendHeader(to []byte, rate, channels int, frames int64) []byte {
	riff, data := uint32(unknownSize), uint32(unknownSize)
	if n := frames * int64(2*channels); frames >= 0 && n <= unknownSize-wavHeader {
		riff, data = uint32(n+wavHeader-8), uint32(n)
	}
	to = append(to, "RIFF"...)
	to = binary.LittleEndian.AppendUint32(to, riff)
	to = append(to, "WAVEfmt \x10\x00\x00\x00\x01\x00"...)
	to = binary.LittleEndian.AppendUint16(to, uint16(channels))
	to = binary.LittleEndian.AppendUint32(to, uint32(rate))
	to = binary.LittleEndian.AppendUint32(to, uint32(rate*channels*2))
	to = binary.LittleEndian.AppendUint16(to, uint16(channels*2))
	to = append(to, "\x10\x00data"...)
	return binary.LittleEndian.AppendUint32(to, data)
}

// appendSamples writes samples as 16 bit PCM.
func appendSamples(to []byte, samples []int16) []byte {
	for _, s := range samples {
		to = binary.LittleEndian.AppendUint16(to, uint16(s))
	}
	return to
}

// writer writes a WAV file of 16 bit PCM.
type writer struct {
	to             io.Writer
	rate, channels int
	promised       int64 // frames by the header; -1 for none
	frames         int64
	buf            []byte
}

func newWriter(to io.Writer, rate, channels int, frames int64) (*writer, error) {
	w := &writer{to: to, rate: rate, channels: channels, promised: frames}
	_, err := to.Write(appendHeader(nil, rate, channels, frames))
	return w, err
}

func (w *writer) write(samples []int16) error {
	w.buf = appendSamples(w.buf[:0], samples)
	w.frames += int64(len(samples) / w.channels)
	_, err := w.to.Write(w.buf)
	return err
}

// finish mends the header if it is not true, where that can be done.
func (w *writer) finish() error {
	if w.frames == w.promised {
		return nil
	}
	file, ok := w.to.(io.WriteSeeker)
	if !ok {
		if w.promised < 0 {
			return nil
		}
		return fmt.Errorf("sound: %d of %d samples: %w", w.frames, w.promised, io.ErrUnexpectedEOF)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := file.Write(appendHeader(nil, w.rate, w.channels, w.frames)); err != nil {
		return err
	}
	_, err := file.Seek(0, io.SeekEnd)
	return err
}

// Convert writes what is left of a sound as WAV with 16 bit PCM. If how long it is was not known beforehand, or was not true, the
// header is mended at the end if the writer is an [io.WriteSeeker] at the beginning of a file; else the header says that the
// size is unknown, which most players take, and a sound that ends too early is an [io.ErrUnexpectedEOF].
func Convert(to io.Writer, r *Reader) error {
	w, err := newWriter(to, r.info.Rate, r.info.Channels, r.info.Frames())
	if err != nil {
		return err
	}
	if err := r.each(w.write); err != nil {
		return err
	}
	return w.finish()
}

// each calls do with all samples.
func (r *Reader) each(do func([]int16) error) error {
	samples := make([]int16, maxSamples)
	for {
		n, err := r.ReadSamples(samples)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := do(samples[:n]); err != nil {
			return err
		}
	}
}

// WAV is a sound as a WAV file with 16 bit PCM, made as it is read. It is for one goroutine at a time.
type WAV struct {
	src     io.ReadSeeker
	info    Info
	channel int // -1: all
	header  []byte
	size    int64
	pos     int64
	at      int64 // where src is; -1 if that is not known
	buf     []byte
	samples []int16
}

// AllChannels is for [NewWAV]: those that there are.
const AllChannels = -1

// NewWAV returns a file of PCM or G.711 as WAV with 16 bit PCM. Channel is the number of the one that is wanted, from 0, or
// [AllChannels]. Name is that of the file. What is added to the file later is not seen. Src is not closed.
func NewWAV(src io.ReadSeeker, name string, channel int) (*WAV, error) {
	size, err := src.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = src.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, fmt.Errorf("sound: %s: %w", name, err)
	}
	info, err := Inspect(src, name, size)
	if err != nil {
		return nil, err
	}
	if !info.Encoding.Decodable() {
		return nil, &EncodedError{Name: name, Encoding: info.Encoding}
	}
	if channel < AllChannels || channel >= info.Channels {
		return nil, fmt.Errorf("sound: %s: channel %d of %d", name, channel, info.Channels)
	}
	w := &WAV{src: src, info: info, channel: channel, at: -1}
	w.header = appendHeader(nil, info.Rate, w.channels(), info.Frames())
	w.size = wavHeader + info.Frames()*int64(2*w.channels())
	return w, nil
}

func (w *WAV) channels() int {
	if w.channel == AllChannels {
		return w.info.Channels
	}
	return 1
}

// Info tells what the file holds that it is made of.
func (w *WAV) Info() Info { return w.info }

// Size is how many bytes it has.
func (w *WAV) Size() int64 { return w.size }

// Seek implements [io.Seeker].
func (w *WAV) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += w.pos
	case io.SeekEnd:
		offset += w.size
	}
	if offset < 0 {
		return 0, errors.New("sound: seek to before the beginning")
	}
	w.pos = offset
	return offset, nil
}

// Read implements [io.Reader].
func (w *WAV) Read(p []byte) (int, error) {
	switch {
	case w.pos >= w.size:
		return 0, io.EOF
	case len(p) == 0:
		return 0, nil
	case w.pos < wavHeader:
		n := copy(p, w.header[w.pos:])
		w.pos += int64(n)
		return n, nil
	}
	return w.read(p)
}

// wavFrames is how many moments are read from the source at once.
const wavFrames = 8 << 10

func (w *WAV) read(p []byte) (int, error) {
	frame := int64(2 * w.channels())
	first, skip := (w.pos-wavHeader)/frame, (w.pos-wavHeader)%frame
	count := min((skip+int64(len(p))+frame-1)/frame, wavFrames, w.info.Frames()-first)
	samples, err := w.frames(first, count)
	if err != nil {
		return 0, err
	}
	w.buf = appendSamples(w.buf[:0], samples)
	n := copy(p, w.buf[skip:])
	w.pos += int64(n)
	return n, nil
}

// frames reads moments of the source, and yields the channel that is wanted.
func (w *WAV) frames(first, count int64) ([]int16, error) {
	width, _ := w.info.Encoding.block()
	width *= int64(w.info.Channels)
	if at := w.info.Offset + first*width; w.at != at {
		if _, err := w.src.Seek(at, io.SeekStart); err != nil {
			return nil, err
		}
		w.at = at
	}
	raw := make([]byte, count*width)
	n, err := io.ReadFull(w.src, raw)
	w.at += int64(n)
	if err != nil {
		w.at = -1
		if errors.Is(err, io.EOF) { // it was longer when it was opened
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	total := int(count) * w.info.Channels
	w.samples = append(w.samples[:0], make([]int16, total)...)
	w.info.Encoding.decode(w.samples, raw)
	if w.channel == AllChannels {
		return w.samples, nil
	}
	return pick(w.samples[:0], w.samples, w.channel, w.info.Channels), nil
}

// pick appends the samples of one channel; to may be the beginning of all.
func pick(to, all []int16, channel, channels int) []int16 {
	for i := channel; i < len(all); i += channels {
		to = append(to, all[i])
	}
	return to
}

var _ io.ReadSeeker = (*WAV)(nil)

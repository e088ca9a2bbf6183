package sound

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// maxHeader is how many bytes before the sound are read at most.
const maxHeader = 1 << 20

// unknownSize is what programs write into a header that they cannot go back to (32 bits of ones), or have not yet (zero).
const unknownSize = 1<<32 - 1

// The format tags of WAV (mmreg.h).
const (
	tagPCM        = 0x0001
	tagALaw       = 0x0006
	tagMuLaw      = 0x0007
	tagGSM        = 0x0031
	tagExtensible = 0xFFFE
)

// extensibleGUID is what follows the tag in the GUID of an extensible format.
var extensibleGUID = []byte{0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71}

// header reads the chunks of a RIFF file up to its sound.
type header struct {
	name   string
	in     *bufio.Reader
	offset int64
	riff   int64 // where the RIFF chunk ends by its header; 0 if it does not tell
	data64 int64 // the size of the data by the chunk ds64 of RF64
	format Format
}

// Inspect tells what a file holds; it reads no more than the header and a few kB. Name is that of the file, size its size in
// bytes, or -1 if that is not known. A file that is none of sound is a [*FormatError], or an [*UnsupportedError].
func Inspect(r io.Reader, name string, size int64) (Info, error) {
	return inspect(bufio.NewReader(r), name, size)
}

// inspect leaves the reader where the sound begins.
func inspect(in *bufio.Reader, name string, size int64) (Info, error) {
	start, err := in.Peek(12)
	if err != nil && !errors.Is(err, io.EOF) {
		return Info{}, fmt.Errorf("sound: %s: %w", name, err)
	}
	h := &header{name: name, in: in}
	switch {
	case len(start) == 12 && (bytes.HasPrefix(start, []byte("RIFF")) || bytes.HasPrefix(start, []byte("RF64"))):
		return h.read(size)
	case bytes.HasPrefix(start, []byte("RIFX")):
		return Info{}, &UnsupportedError{Name: name, What: "big-endian WAV"}
	}
	if format, ok := raw[extension(name)]; ok {
		return Info{Format: format, Size: max(size, -1)}, nil
	}
	switch {
	case len(start) == 0:
		return Info{}, h.problem("it is empty", io.ErrUnexpectedEOF)
	case len(start) < 12 && isPrefix(start, "RIFF"):
		return Info{}, h.problem("it ends within its header", io.ErrUnexpectedEOF)
	case extension(name) == "wav" || extension(name) == "wav16":
		return Info{}, h.problem("it does not begin with RIFF", nil)
	}
	return Info{}, &UnsupportedError{Name: name, What: fmt.Sprintf("a file without a WAV header and with the extension %.16q", extension(name))}
}

func (h *header) problem(what string, err error) error {
	return &FormatError{Name: h.name, Offset: h.offset, Problem: what, Err: err}
}

// take reads n bytes.
func (h *header) take(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(h.in, b); err != nil {
		return nil, h.ended(err)
	}
	h.offset += int64(n)
	return b, nil
}

func (h *header) skip(n int64) error {
	if h.offset+n > maxHeader {
		return h.problem(fmt.Sprintf("no sound in the first %d kB", maxHeader>>10), nil)
	}
	skipped, err := io.CopyN(io.Discard, h.in, n)
	h.offset += skipped
	if err != nil {
		return h.ended(err)
	}
	return nil
}

func (h *header) ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return h.problem("it ends within its header", io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("sound: %s: %w", h.name, err)
}

// read reads the chunks until the one with the sound.
func (h *header) read(size int64) (Info, error) {
	start, err := h.take(12)
	if err != nil {
		return Info{}, err
	}
	if string(start[8:]) != "WAVE" {
		return Info{}, &UnsupportedError{Name: h.name, What: fmt.Sprintf("a RIFF file of the kind %q", start[8:])}
	}
	if n := int64(binary.LittleEndian.Uint32(start[4:])); n != 0 && n != unknownSize {
		h.riff = 8 + n
	}
	for {
		chunk, err := h.take(8)
		if err != nil {
			return Info{}, err
		}
		id, n := string(chunk[:4]), int64(binary.LittleEndian.Uint32(chunk[4:]))
		if id == "data" {
			return h.data(n, size)
		}
		if err := h.chunk(id, n); err != nil {
			return Info{}, err
		}
	}
}

// chunk reads one that is not the data. Chunks begin at even offsets.
func (h *header) chunk(id string, n int64) error {
	end := h.offset + n + n%2
	var err error
	switch {
	case id == "fmt ":
		err = h.fmt(n)
	case id == "ds64" && n >= 16:
		err = h.ds64()
	}
	if err != nil {
		return err
	}
	return h.skip(end - h.offset)
}

// ds64 reads the sizes of RF64 (EBU Tech 3306).
func (h *header) ds64() error {
	b, err := h.take(16)
	if err != nil {
		return err
	}
	riff, data := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	if riff >= 1<<62 || data >= 1<<62 {
		return h.problem("it says to be larger than any file", nil)
	}
	h.riff, h.data64 = 8+int64(riff), int64(data)
	return nil
}

// fmt reads the format.
func (h *header) fmt(n int64) error {
	if n < 16 || n > 1024 {
		return h.problem(fmt.Sprintf("a format of %d bytes", n), nil)
	}
	b, err := h.take(int(n))
	if err != nil {
		return err
	}
	tag, bits := binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[14:])
	if tag == tagExtensible {
		if len(b) < 40 || !bytes.Equal(b[26:40], extensibleGUID) {
			return &UnsupportedError{Name: h.name, What: "WAV with a format of its own"}
		}
		tag = binary.LittleEndian.Uint16(b[24:])
	}
	channels, rate := binary.LittleEndian.Uint16(b[2:]), binary.LittleEndian.Uint32(b[4:])
	if channels < 1 || channels > MaxChannels {
		return h.problem(fmt.Sprintf("%d channels", channels), nil)
	}
	if rate < 1 || rate > maxRate {
		return h.problem(fmt.Sprintf("%d samples a second", rate), nil)
	}
	h.format = Format{Rate: int(rate), Channels: int(channels)}
	h.format.Encoding, err = h.encoding(tag, bits)
	return err
}

// MaxChannels is how many channels a file may have. maxRate is in samples a second.
const (
	MaxChannels = 8
	maxRate     = 768_000
)

func (h *header) encoding(tag, bits uint16) (Encoding, error) {
	switch {
	case tag == tagPCM && bits == 16:
		return PCM16, nil
	case tag == tagPCM && bits == 8:
		return PCM8, nil
	case tag == tagALaw && (bits == 8 || bits == 0):
		return ALaw, nil
	case tag == tagMuLaw && (bits == 8 || bits == 0):
		return MuLaw, nil
	case tag == tagGSM && h.format.Channels == 1:
		return GSMWAV, nil
	case tag == tagPCM:
		return 0, &UnsupportedError{Name: h.name, What: fmt.Sprintf("WAV with %d bit PCM", bits)}
	}
	return 0, &UnsupportedError{Name: h.name, What: fmt.Sprintf("WAV with the format tag 0x%04x", tag)}
}

// data says where the sound ends. The size in the chunk does not count where it cannot be true: while Asterisk records, it is 0
// (formats/format_wav.c), what a stream was written to has ones, and when Asterisk appends to a file, it is that of before.
func (h *header) data(n, size int64) (Info, error) {
	if h.format.Encoding == 0 {
		return Info{}, h.problem("no format before the sound", nil)
	}
	info := Info{Format: h.format, Offset: h.offset, Size: n}
	known := n != 0 && n != unknownSize
	if n == unknownSize && h.data64 > 0 {
		info.Size, known = h.data64, true
	}
	end := info.Offset + info.Size
	last := h.riff == 0 || h.riff == end || h.riff == end+end%2
	switch {
	case size < 0 && !known:
		info.Size, info.Live = -1, true
	case size < 0:
	case !known:
		info.Size = max(size-info.Offset, 0)
		info.Live = info.Size > 0 || h.riff == 0
	case end > size:
		info.Size, info.Live = max(size-info.Offset, 0), true
	case last && end+1 < size:
		info.Size, info.Live = size-info.Offset, true
	}
	return info, nil
}

// isPrefix tells whether a text that is not whole begins as another one does.
func isPrefix(part []byte, of string) bool {
	return string(part[:min(len(part), len(of))]) == of[:min(len(part), len(of))]
}

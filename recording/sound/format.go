package sound

import (
	"math"
	"time"
)

// Encoding is how samples are written.
type Encoding uint8

// The encodings that are known.
const (
	PCM16  Encoding = iota + 1 // signed, little endian
	PCM8                       // unsigned: 128 is silence
	MuLaw                      // G.711 mu-law
	ALaw                       // G.711 A-law
	GSM                        // GSM 06.10 full rate, 33 bytes for 20 ms
	GSMWAV                     // the same in WAV ("wav49"), 65 bytes for 40 ms
	G722                       // G.722 at 64 kbit/s
)

var encodingNames = [...]string{
	PCM16: "16 bit PCM", PCM8: "8 bit PCM", MuLaw: "G.711 mu-law", ALaw: "G.711 A-law", GSM: "GSM", GSMWAV: "GSM in WAV", G722: "G.722",
}

// String returns the encoding's name.
func (e Encoding) String() string {
	if int(e) < len(encodingNames) && encodingNames[e] != "" {
		return encodingNames[e]
	}
	return "unknown encoding"
}

// block returns how many bytes of a channel are how many samples.
func (e Encoding) block() (bytes, samples int64) {
	switch e {
	case PCM16:
		return 2, 1
	case GSM:
		return 33, 160
	case GSMWAV:
		return 65, 320
	case G722:
		return 1, 2
	default:
		return 1, 1
	}
}

// Decodable tells whether [NewReader] yields samples of it; the others take a [Tool].
func (e Encoding) Decodable() bool { return e >= PCM16 && e <= ALaw }

// Format is what samples are.
type Format struct {
	Encoding Encoding
	// Rate is in samples a second.
	Rate int
	// Channels is how many there are; samples of the same moment follow each other.
	Channels int
}

// Info is what a file of sound holds.
type Info struct {
	Format
	// Offset is where the sound begins in the file, in bytes.
	Offset int64
	// Size is how many bytes of it there are; -1 if that is not known: the file's own size was not given, and its header does
	// not tell.
	Size int64
	// Live says that there is more in the file than its header tells, as in one that is still being recorded, or whose recording
	// ended with a crash.
	Live bool
}

// Frames returns how many moments there are, each with a sample of every channel; -1 if Size is not known.
func (i Info) Frames() int64 {
	if i.Size < 0 {
		return -1
	}
	bytes, samples := i.Encoding.block()
	return i.Size / (bytes * int64(max(i.Channels, 1))) * samples
}

// Duration is how long the sound lasts; -1 if Size is not known.
func (i Info) Duration() time.Duration {
	frames := i.Frames()
	if frames < 0 || i.Rate <= 0 {
		return -1
	}
	seconds := frames / int64(i.Rate)
	if seconds > math.MaxInt64/int64(time.Second)-1 {
		return math.MaxInt64
	}
	return time.Duration(seconds)*time.Second + time.Duration(frames%int64(i.Rate))*time.Second/time.Duration(i.Rate)
}

package sound_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/recording/sound"
)

var (
	guid       = "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
	second     = make([]byte, 16000)
	extensible = (&file{}).add("fmt ", 40, format(0xFFFE, 2, 8000, 16)[8:], "\x16\x00\x10\x00", 3, "\x01\x00"+guid).b
	gsmFormat  = (&file{}).add("fmt ", 20, "\x31\x00\x01\x00", 8000, 1625, "\x41\x00\x00\x00\x02\x00\x40\x01").b
)

// TestInspect has what files hold, of all kinds, whole, growing and odd.
func TestInspect(t *testing.T) {
	mono := sound.Format{Encoding: sound.PCM16, Rate: 8000, Channels: 1}
	of := func(e sound.Encoding, rate, channels int) sound.Format {
		return sound.Format{Encoding: e, Rate: rate, Channels: channels}
	}
	for _, test := range []struct {
		name     string
		file     []byte
		size     int64 // 0: that of the file
		want     sound.Info
		duration time.Duration
	}{
		{"plain.wav", whole(pcm16, second), 0, sound.Info{Format: mono, Offset: 44, Size: 16000}, time.Second},
		{"name without an end", whole(pcm16, second), 0, sound.Info{Format: mono, Offset: 44, Size: 16000}, time.Second},
		{"8bit.wav", whole(format(1, 1, 8000, 8), second), 0, sound.Info{Format: of(sound.PCM8, 8000, 1), Offset: 44, Size: 16000}, 2 * time.Second},
		{"alaw.wav", whole(format(6, 1, 8000, 8), second), 0, sound.Info{Format: of(sound.ALaw, 8000, 1), Offset: 44, Size: 16000}, 2 * time.Second},
		{"ulaw.wav", whole(format(7, 2, 8000, 8), second), 0, sound.Info{Format: of(sound.MuLaw, 8000, 2), Offset: 44, Size: 16000}, time.Second},
		{"wide.wav16", whole(format(1, 1, 16000, 16), second), 0, sound.Info{Format: of(sound.PCM16, 16000, 1), Offset: 44, Size: 16000}, time.Second / 2},
		{"gsm.WAV", whole(gsmFormat, make([]byte, 650)), 0, sound.Info{Format: of(sound.GSMWAV, 8000, 1), Offset: 48, Size: 650}, 400 * time.Millisecond},
		{"extensible.wav", whole(extensible, second), 0, sound.Info{Format: of(sound.PCM16, 8000, 2), Offset: 68, Size: 16000}, time.Second / 2},
		// while Asterisk records, and after it was killed
		{"just begun.wav", wav(0, pcm16, 0), 0, sound.Info{Format: mono, Offset: 44, Size: 0, Live: true}, 0},
		{"live.wav", wav(0, pcm16, 0, second), 0, sound.Info{Format: mono, Offset: 44, Size: 16000, Live: true}, time.Second},
		{"live with 36.wav", wav(36, pcm16, 0, second), 0, sound.Info{Format: mono, Offset: 44, Size: 16000, Live: true}, time.Second},
		{"appended to.wav", wav(36+160, pcm16, 160, second), 0, sound.Info{Format: mono, Offset: 44, Size: 16000, Live: true}, time.Second},
		{"empty.wav", wav(36, pcm16, 0), 0, sound.Info{Format: mono, Offset: 44, Size: 0}, 0},
		{"cut.wav", wav(36+32000, pcm16, 32000, second), 0, sound.Info{Format: mono, Offset: 44, Size: 16000, Live: true}, time.Second},
		{"streamed.wav", wav(-1, pcm16, -1, second), 0, sound.Info{Format: mono, Offset: 44, Size: 16000, Live: true}, time.Second},
		{"of unknown size.wav", wav(0, pcm16, 0, second), -1, sound.Info{Format: mono, Offset: 44, Size: -1, Live: true}, -1},
		{"of a size by its header.wav", whole(pcm16, second), -1, sound.Info{Format: mono, Offset: 44, Size: 16000}, time.Second},
		// oddities
		{"list after.wav", wav(36+16000+12, pcm16, 16000, second, []byte("LIST\x04\x00\x00\x00INFO")), 0, sound.Info{Format: mono, Offset: 44, Size: 16000}, time.Second},
		{
			"odd chunk before.wav", whole((&file{}).add("junk", 3, "abc\x00", pcm16, "LIST", 4, "INFO").b, second), 0,
			sound.Info{Format: mono, Offset: 68, Size: 16000},
			time.Second,
		},
		{"odd data.wav", wav(36+7, format(1, 1, 8000, 8), 7, []byte("1234567\x00")), 0, sound.Info{Format: of(sound.PCM8, 8000, 1), Offset: 44, Size: 7}, 875 * time.Microsecond},
		{
			"long.rf64", (&file{}).add("RF64", -1, "WAVE", "ds64", 28, 16000+36+36, 0, 16000, 0, 8000, 0, 0, pcm16, "data", -1, second).b, 0,
			sound.Info{Format: mono, Offset: 80, Size: 16000},
			time.Second,
		},
		// without a header
		{"a.ulaw", second, 0, sound.Info{Format: of(sound.MuLaw, 8000, 1), Size: 16000}, 2 * time.Second},
		{"a.alaw", second, 0, sound.Info{Format: of(sound.ALaw, 8000, 1), Size: 16000}, 2 * time.Second},
		{"a.sln", second, 0, sound.Info{Format: mono, Size: 16000}, time.Second},
		{"a.sln16", second, 0, sound.Info{Format: of(sound.PCM16, 16000, 1), Size: 16000}, time.Second / 2},
		{"a.gsm", make([]byte, 3300), 0, sound.Info{Format: of(sound.GSM, 8000, 1), Size: 3300}, 2 * time.Second},
		{"a.g722", second, 0, sound.Info{Format: of(sound.G722, 16000, 1), Size: 16000}, 2 * time.Second},
		{"a.gsm", nil, 0, sound.Info{Format: of(sound.GSM, 8000, 1)}, 0},
	} {
		size := test.size
		if size == 0 {
			size = int64(len(test.file))
		}
		got, err := sound.Inspect(bytes.NewReader(test.file), test.name, size)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if diff := cmp.Diff(test.want, got); diff != "" || got.Duration() != test.duration {
			t.Errorf("%s: %v instead of %v\n%s", test.name, got.Duration(), test.duration, diff)
		}
	}
}

// TestInspectRefuses what is none, and says where.
func TestInspectRefuses(t *testing.T) {
	type problem struct {
		name, want string
		file       []byte
	}
	for _, test := range []problem{
		{"empty.wav", `sound: empty.wav: byte 0: it is empty: unexpected EOF`, nil},
		{"short.wav", `sound: short.wav: byte 0: it ends within its header: unexpected EOF`, []byte("RIFF\x00")},
		{"text.wav", `sound: text.wav: byte 0: it does not begin with RIFF`, []byte("once upon a time")},
		{"cut.wav", `sound: cut.wav: byte 12: it ends within its header: unexpected EOF`, whole(pcm16, second)[:17]},
		{"no data.wav", `sound: no data.wav: byte 36: it ends within its header: unexpected EOF`, whole(pcm16, second)[:36]},
		{"no format.wav", `sound: no format.wav: byte 20: no format before the sound`, whole(nil, second)},
		{"short format.wav", `sound: short format.wav: byte 20: a format of 2 bytes`, whole([]byte("fmt \x02\x00\x00\x00ab"), second)},
		{"many.wav", `sound: many.wav: byte 36: 9 channels`, whole(format(1, 9, 8000, 16), second)},
		{"none.wav", `sound: none.wav: byte 36: 0 channels`, whole(format(1, 0, 8000, 16), second)},
		{"still.wav", `sound: still.wav: byte 36: 0 samples a second`, whole(format(1, 1, 0, 16), second)},
		{"far.wav", `sound: far.wav: byte 20: no sound in the first 1024 kB`, whole((&file{}).add("junk", 2<<20, make([]byte, 2<<20), pcm16).b, second)},
		{"huge.wav", `sound: huge.wav: byte 36: it says to be larger than any file`, (&file{}).add("RF64", -1, "WAVE", "ds64", 16, -1, -1, 0, 0).b},
	} {
		var damaged *sound.FormatError
		if _, err := sound.Inspect(bytes.NewReader(test.file), test.name, int64(len(test.file))); !errors.As(err, &damaged) || err.Error() != test.want {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	for _, test := range []problem{
		{"24.wav", `sound: 24.wav: WAV with 24 bit PCM is not supported`, whole(format(1, 1, 8000, 24), second)},
		{"float.wav", `sound: float.wav: WAV with the format tag 0x0003 is not supported`, whole(format(3, 1, 8000, 32), second)},
		{"own.wav", `sound: own.wav: WAV with a format of its own is not supported`, whole(format(0xFFFE, 1, 8000, 16), second)},
		{"gsm.wav", `sound: gsm.wav: WAV with the format tag 0x0031 is not supported`, whole(format(0x31, 2, 8000, 0), second)},
		{"film.avi", `sound: film.avi: a RIFF file of the kind "AVI " is not supported`, []byte("RIFF\x04\x00\x00\x00AVI ")},
		{"big.wav", `sound: big.wav: big-endian WAV is not supported`, []byte("RIFX\x00\x00\x00\x04WAVE")},
		{"a.mp3", `sound: a.mp3: a file without a WAV header and with the extension "mp3" is not supported`, second},
	} {
		var unsupported *sound.UnsupportedError
		if _, err := sound.Inspect(bytes.NewReader(test.file), test.name, int64(len(test.file))); !errors.As(err, &unsupported) || err.Error() != test.want {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	broken := errors.New("the connection is lost")
	if _, err := sound.Inspect(io.MultiReader(bytes.NewReader(whole(pcm16, second)[:30]), failing{broken}), "lost.wav", -1); !errors.Is(err, broken) {
		t.Errorf("lost: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestSamples has what comes out by hand: of each encoding, and where a file ends within a moment.
func TestSamples(t *testing.T) {
	for _, test := range []struct {
		name string
		file []byte
		want []int16
	}{
		{"a.sln", []byte{1, 0, 0xFF, 0xFF, 0, 0x80, 9}, []int16{1, -1, -32768}},
		{"8.wav", whole(format(1, 1, 8000, 8), []byte{128, 0, 255}), []int16{0, -32768, 32512}},
		{"a.ulaw", []byte{0xFF, 0x7F, 0x80, 0x00, 0xF0, 0x8F}, []int16{0, 0, 32124, -32124, 120, 16764}},
		{"a.alaw", []byte{0xD5, 0x55, 0xAA, 0x2A, 0xC5}, []int16{8, -8, 32256, -32256, 264}},
		{"stereo.wav", whole(format(1, 2, 8000, 16), []byte{1, 0, 2, 0, 3, 0, 4, 0, 5, 0}), []int16{1, 2, 3, 4}},
		{"live.wav", wav(0, pcm16, 0, []byte{1, 0, 2}), []int16{1}},
		{"list after.wav", wav(38+12, pcm16, 2, []byte{7, 0}, []byte("LIST\x04\x00\x00\x00INFO")), []int16{7}},
	} {
		if diff := cmp.Diff(test.want, samplesOf(t, test.name, test.file)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
	var encoded *sound.EncodedError
	if _, err := sound.NewReader(bytes.NewReader(nil), "a.g722", 0); !errors.As(err, &encoded) || encoded.Encoding != sound.G722 {
		t.Error(err)
	}
	broken := errors.New("the connection is lost")
	r, err := sound.NewReader(io.MultiReader(bytes.NewReader(second), failing{broken}), "a.sln", 32000)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sound.ReadPeaks(r, 10); !errors.Is(err, broken) {
		t.Errorf("lost: %v", err)
	}
	if _, err := r.ReadSamples(nil); !errors.Is(err, io.ErrShortBuffer) {
		t.Error(err)
	}
}

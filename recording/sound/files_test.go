package sound_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/asterism-go/asterism/recording/sound"
)

// file builds a RIFF file of a test.
type file struct{ b []byte }

func (f *file) add(values ...any) *file {
	for _, v := range values {
		switch v := v.(type) {
		case string:
			f.b = append(f.b, v...)
		case int:
			f.b = binary.LittleEndian.AppendUint32(f.b, uint32(v))
		case []byte:
			f.b = append(f.b, v...)
		}
	}
	return f
}

// format is a chunk "fmt " without an extension.
func format(tag, channels, rate, bits int) []byte {
	f := &file{}
	f.add("fmt ", 16)
	align := channels * (bits + 7) / 8
	f.b = binary.LittleEndian.AppendUint16(f.b, uint16(tag))
	f.b = binary.LittleEndian.AppendUint16(f.b, uint16(channels))
	f.add(rate, rate*align)
	f.b = binary.LittleEndian.AppendUint16(f.b, uint16(align))
	f.b = binary.LittleEndian.AppendUint16(f.b, uint16(bits))
	return f.b
}

// wav is a file with a size in its RIFF chunk and one in its data chunk, and with what comes between and after.
func wav(riff int, before []byte, size int, data ...[]byte) []byte {
	f := (&file{}).add("RIFF", riff, "WAVE", before, "data", size)
	for _, d := range data {
		f.add(d)
	}
	return f.b
}

// whole is a file whose sizes are true.
func whole(before, data []byte) []byte {
	return wav(4+len(before)+8+len(data), before, len(data), data)
}

var pcm16 = format(1, 1, 8000, 16)

// tone is a sine in 16 bit PCM, little endian.
func tone(hz, amplitude float64, frames int) []byte {
	var b []byte
	for i := range frames {
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(amplitude*math.Sin(2*math.Pi*hz*float64(i)/8000))))
	}
	return b
}

func samplesOf(t *testing.T, name string, file []byte) []int16 {
	t.Helper()
	r, err := sound.NewReader(bytes.NewReader(file), name, int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return read(t, r)
}

func read(t *testing.T, r *sound.Reader) []int16 {
	t.Helper()
	var all []int16
	p := make([]int16, 1000)
	for {
		n, err := r.ReadSamples(p)
		all = append(all, p[:n]...)
		if err != nil {
			if err.Error() != "EOF" {
				t.Fatal(err)
			}
			return all
		}
	}
}

package sound_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"image/color"
	"image/png"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/recording/sound"
)

// peaks reads a waveform; a size of -1 says that it is not known.
func peaks(t *testing.T, file []byte, size int64, stretches int) *sound.Peaks {
	t.Helper()
	name := "a.sln"
	if bytes.HasPrefix(file, []byte("RIFF")) {
		name = "a.wav"
	}
	r, err := sound.NewReader(bytes.NewReader(file), name, size)
	if err != nil {
		t.Fatal(err)
	}
	p, err := sound.ReadPeaks(r, stretches)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPeaks computes waveforms by hand, of known and of unknown length.
func TestPeaks(t *testing.T) {
	ramp := []byte{1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 0xFF, 0xFF, 7, 0}
	known := &sound.Peaks{Version: 2, Channels: 1, SampleRate: 8000, SamplesPerPixel: 2, Bits: 16, Length: 4, Data: []int16{1, 2, 3, 4, -1, 5, 7, 7}}
	unknown := &sound.Peaks{Version: 2, Channels: 1, SampleRate: 8000, SamplesPerPixel: 2, Bits: 16, Length: 4, Data: []int16{1, 2, 3, 4, -1, 5, 7, 7}}
	if diff := cmp.Diff(known, peaks(t, ramp, 14, 4)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(unknown, peaks(t, ramp, -1, 4)); diff != "" {
		t.Error(diff)
	}
	odd := &sound.Peaks{Version: 2, Channels: 1, SampleRate: 8000, SamplesPerPixel: 4, Bits: 16, Length: 2, Data: []int16{1, 4, -1, 7}}
	if diff := cmp.Diff(odd, peaks(t, ramp, -1, 3)); diff != "" {
		t.Error(diff)
	}
	stereo := &sound.Peaks{Version: 2, Channels: 2, SampleRate: 8000, SamplesPerPixel: 2, Bits: 16, Length: 2, Data: []int16{1, 3, 2, 4, 5, 5, -1, -1}}
	if diff := cmp.Diff(stereo, peaks(t, whole(format(1, 2, 8000, 16), ramp[:12]), 56, 2)); diff != "" {
		t.Error(diff)
	}
	text, err := json.Marshal(stereo)
	if want := `{"version":2,"channels":2,"sample_rate":8000,"samples_per_pixel":2,"bits":16,"length":2,"data":[1,3,2,4,5,5,-1,-1]}`; err != nil || string(text) != want {
		t.Errorf("%s, %v", text, err)
	}
	if text, err = json.Marshal(peaks(t, nil, 0, 9)); err != nil || !strings.Contains(string(text), `"data":[]`) {
		t.Errorf("%s, %v", text, err)
	}
	for _, stretches := range []int{1, sound.MaxPeaks + 1} {
		r, err := sound.NewReader(bytes.NewReader(nil), "a.sln", 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sound.ReadPeaks(r, stretches); err == nil {
			t.Errorf("%d stretches", stretches)
		}
	}
}

// TestPeaksAreTheSame as those computed at once, whatever the length, which is not known beforehand.
func TestPeaksAreTheSame(t *testing.T) {
	file := tone(313, 12_000, 3000)
	for frames := range 300 {
		for _, stretches := range []int{2, 7, 16} {
			part := file[:2*frames*10]
			got := peaks(t, part, -1, stretches)
			if 2*got.Length < stretches && got.SamplesPerPixel > 1 || got.Length > stretches {
				t.Fatalf("%d frames: %d stretches of %d", frames*10, got.Length, stretches)
			}
			if diff := cmp.Diff(byHand(samplesOf(t, "a.sln", part), got.SamplesPerPixel), got.Data); diff != "" {
				t.Fatalf("%d frames in %d: %s", frames*10, stretches, diff)
			}
		}
	}
}

func byHand(samples []int16, each int) []int16 {
	data := []int16{}
	for len(samples) > 0 {
		n := min(each, len(samples))
		low, high := samples[0], samples[0]
		for _, s := range samples[:n] {
			low, high = min(low, s), max(high, s)
		}
		data, samples = append(data, low, high), samples[n:]
	}
	return data
}

// endless yields so many bytes.
type endless struct{ left int }

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.left)
	e.left -= n
	return n, nil
}

// TestPeaksOfAnHour reads an hour of unknown length in bounded memory.
func TestPeaksOfAnHour(t *testing.T) {
	r, err := sound.NewReader(&endless{left: 3600 * 8000}, "long.ulaw", -1)
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p, err := sound.ReadPeaks(r, 1000)
	runtime.ReadMemStats(&after)
	if err != nil || p.Length < 500 || p.Length > 1000 {
		t.Errorf("%d stretches, %v", p.Length, err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("%d bytes for it", took)
	}
}

// TestDrawings decodes the pictures again.
func TestDrawings(t *testing.T) {
	p := &sound.Peaks{Channels: 2, Length: 3, Data: []int16{-32768, 32767, 0, 0, 0, 0, 0, 0, 0, 0, -32768, 32767}}
	red := color.NRGBA{R: 0xFF, A: 0xFF}
	var picture bytes.Buffer
	if err := p.PNG(&picture, sound.Drawing{Height: 10, Wave: red}); err != nil {
		t.Fatal(err)
	}
	decoded, err := png.Decode(&picture)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for y := range decoded.Bounds().Dy() {
		row := make([]byte, 0, 3)
		for x := range decoded.Bounds().Dx() {
			if _, _, _, a := decoded.At(x, y).RGBA(); a > 0 {
				row = append(row, '#')
			} else {
				row = append(row, '.')
			}
		}
		rows = append(rows, string(row))
	}
	const full = "#.."
	want := []string{full, full, full, full, "###", full, full, full, full, full}
	if diff := cmp.Diff(want, rows[:10]); diff != "" {
		t.Error(diff)
	}
	var text strings.Builder
	if err := p.SVG(&text, sound.Drawing{Height: 10, Background: color.NRGBA{A: 0x80}}); err != nil {
		t.Fatal(err)
	}
	for decoder := xml.NewDecoder(strings.NewReader(text.String())); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	golden := `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3 20" preserveAspectRatio="none"><rect width="3" height="20" fill="#000000" fill-opacity="0.50"/>` +
		`<path fill="#1f4e8c" fill-opacity="1.00" d="M0 0h1v10h-1zM0 14h1v1h-1zM1 4h1v1h-1zM1 14h1v1h-1zM2 4h1v1h-1zM2 10h1v10h-1z"/></svg>`
	if text.String() != golden {
		t.Error(text.String())
	}
}

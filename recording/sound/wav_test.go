package sound_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/recording/sound"
)

// sources are files of all that is decoded without a tool, half a second and a bit.
func sources() map[string][]byte {
	tones := tone(425, 9000, 4321)
	both := make([]byte, 0, 2*len(tones))
	for i := 0; i < len(tones); i += 2 {
		both = append(both, tones[i], tones[i+1], byte(i), 0)
	}
	return map[string][]byte{
		"mono.wav": whole(pcm16, tones), "live.wav": wav(0, pcm16, 0, tones), "stereo.wav": whole(format(1, 2, 8000, 16), both),
		"8.wav": whole(format(1, 1, 8000, 8), tones), "a.ulaw": tones, "a.alaw": tones, "odd.sln": tones[:len(tones)-1],
		"ulaw stereo.wav": whole(format(7, 2, 8000, 8), tones), "list.wav": wav(36+len(tones)+12, pcm16, len(tones), tones, []byte("LIST\x04\x00\x00\x00INFO")),
		"empty.wav": whole(pcm16, nil), "empty.ulaw": {},
	}
}

// TestConvert compares three ways to the same file: at once, as it is read, and with the header mended at the end.
func TestConvert(t *testing.T) {
	for name, file := range sources() {
		var streamed bytes.Buffer
		r, err := sound.NewReader(bytes.NewReader(file), name, int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		if err := sound.Convert(&streamed, r); err != nil {
			t.Fatal(err)
		}
		made, err := sound.NewWAV(bytes.NewReader(file), name, sound.AllChannels)
		if err != nil {
			t.Fatal(err)
		}
		if made.Size() != int64(streamed.Len()) {
			t.Errorf("%s: size %d instead of %d", name, made.Size(), streamed.Len())
		}
		if err := iotest.TestReader(made, streamed.Bytes()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		info, err := sound.Inspect(&streamed, "x.wav", made.Size())
		if want := (sound.Info{Format: sound.Format{Encoding: sound.PCM16, Rate: 8000, Channels: r.Info().Channels}, Offset: 44, Size: made.Size() - 44}); err != nil || info != want {
			t.Errorf("%s: %+v, %v", name, info, err)
		}
	}
}

// TestConvertUnknown converts what does not say how long it is.
func TestConvertUnknown(t *testing.T) {
	live := wav(0, pcm16, 0, tone(425, 9000, 4321))
	open := func() *sound.Reader {
		r, err := sound.NewReader(bytes.NewReader(live), "live.wav", -1)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	var streamed bytes.Buffer
	if err := sound.Convert(&streamed, open()); err != nil {
		t.Fatal(err)
	}
	info, err := sound.Inspect(&streamed, "x.wav", 44+8642)
	if err != nil || info.Size != 8642 || !info.Live {
		t.Errorf("%+v, %v", info, err)
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "x.wav"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := sound.Convert(file, open()); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if got, err := sound.Inspect(file, "x.wav", 44+8642); err != nil || got.Size != 8642 || got.Live {
		t.Errorf("%+v, %v", got, err)
	}
	short, err := sound.NewReader(bytes.NewReader(live), "live.wav", int64(len(live)+100))
	if err != nil {
		t.Fatal(err)
	}
	if err := sound.Convert(io.Discard, short); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a file that ends too early: %v", err)
	}
}

// TestWAVOverHTTP serves a range of what is made.
func TestWAVOverHTTP(t *testing.T) {
	file := sources()["ulaw stereo.wav"]
	right, err := sound.NewWAV(bytes.NewReader(file), "x.wav", 1)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := io.ReadAll(right)
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	request.Header.Set("Range", "bytes=1001-2000")
	answer := httptest.NewRecorder()
	http.ServeContent(answer, request, "x.wav", time.Time{}, right)
	if answer.Code != http.StatusPartialContent || !bytes.Equal(answer.Body.Bytes(), whole[1001:2001]) {
		t.Errorf("%d, %d bytes", answer.Code, answer.Body.Len())
	}
	var want []int16
	for i, s := range samplesOf(t, "x.wav", file) {
		if i%2 == 1 {
			want = append(want, s)
		}
	}
	if diff := cmp.Diff(want, samplesOf(t, "right.wav", whole)); diff != "" {
		t.Error(diff)
	}
	for _, channel := range []int{-2, 2} {
		if _, err := sound.NewWAV(bytes.NewReader(file), "x.wav", channel); err == nil {
			t.Errorf("channel %d is there", channel)
		}
	}
}

// TestWAVOfAFileThatShrinks ends with an error, not with an early end.
func TestWAVOfAFileThatShrinks(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "x.sln"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := file.Truncate(100_000); err != nil {
		t.Fatal(err)
	}
	made, err := sound.NewWAV(file, "x.sln", sound.AllChannels)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Truncate(1000); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, made); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if _, err := made.Seek(-1, io.SeekStart); err == nil {
		t.Error("before the beginning")
	}
}

// TestSplitAndJoin has what was received and what was sent apart, together and apart again.
func TestSplitAndJoin(t *testing.T) {
	received, sent := tone(500, 5000, 40_000), tone(650, 5000, 30_000)
	reader := func(name string, file []byte) *sound.Reader {
		r, err := sound.NewReader(bytes.NewReader(file), name, int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	var both bytes.Buffer
	if err := sound.Join(&both, reader("in.sln", received), reader("out.wav", whole(pcm16, sent))); err != nil {
		t.Fatal(err)
	}
	var left, right bytes.Buffer
	stereo := both.Bytes()
	if err := sound.Split(reader("both.wav", stereo), &left, &right); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(left.Bytes(), whole(pcm16, received)) {
		t.Error("left is not what was received")
	}
	if !bytes.Equal(right.Bytes(), whole(pcm16, append(bytes.Clone(sent), make([]byte, 20_000)...))) {
		t.Error("right is not what was sent, and silence")
	}
	if err := sound.Split(reader("both.wav", stereo), &left); err == nil {
		t.Error("one writer for two channels")
	}
	if err := sound.Join(io.Discard, reader("both.wav", stereo), reader("a.sln", sent)); err == nil {
		t.Error("three channels in two")
	}
	if err := sound.Join(io.Discard, reader("a.sln16", sent), reader("a.sln", sent)); err == nil {
		t.Error("two rates in one")
	}
}

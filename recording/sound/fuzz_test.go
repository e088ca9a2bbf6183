package sound_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/asterism-go/asterism/recording/sound"
)

// FuzzFile reads anything as a file in each of the ways: none may panic, and they must agree on how much there is.
func FuzzFile(f *testing.F) {
	for name, file := range sources() {
		f.Add(name, file[:min(len(file), 300)])
	}
	f.Add("x.wav", whole(extensible, second[:64]))
	f.Add("x.WAV", whole(gsmFormat, second[:650]))
	f.Add("x.wav", wav(36+7, format(1, 1, 8000, 8), 7, []byte("1234567\x00")))
	f.Fuzz(func(t *testing.T, name string, file []byte) {
		info, err := sound.Inspect(bytes.NewReader(file), name, int64(len(file)))
		if err != nil {
			return
		}
		if info.Offset+info.Size > int64(len(file)) || info.Size < 0 || info.Duration() < 0 {
			t.Fatalf("%+v of %d bytes", info, len(file))
		}
		made, err := sound.NewWAV(bytes.NewReader(file), name, sound.AllChannels)
		if err != nil {
			if info.Encoding.Decodable() {
				t.Fatal(err)
			}
			return
		}
		converted, err := io.ReadAll(made)
		if err != nil || int64(len(converted)) != made.Size() {
			t.Fatalf("%d bytes instead of %d: %v", len(converted), made.Size(), err)
		}
		r, err := sound.NewReader(bytes.NewReader(file), name, int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		var streamed bytes.Buffer
		if err := sound.Convert(&streamed, r); err != nil || !bytes.Equal(streamed.Bytes(), converted) {
			t.Fatalf("two ways differ: %v", err)
		}
		unknown, err := sound.NewReader(bytes.NewReader(file), name, -1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sound.ReadPeaks(unknown, 16); err != nil {
			t.Fatal(err)
		}
	})
}

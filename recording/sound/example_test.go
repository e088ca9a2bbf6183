package sound_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/asterism-go/asterism/recording/sound"
)

// A file that Asterisk is still writing says that there is nothing in it.
func ExampleInspect() {
	file := wav(0, pcm16, 0, make([]byte, 24_000))
	info, err := sound.Inspect(bytes.NewReader(file), "call.wav", int64(len(file)))
	if err != nil {
		slog.Error("call", "error", err)
		return
	}
	fmt.Println(info.Encoding, info.Rate, info.Duration(), info.Live)
	// Output: 16 bit PCM 8000 1.5s true
}

// Any recording in PCM or G.711, in a browser, with a slider that works.
func ExampleNewWAV() {
	http.HandleFunc("GET /call.wav", func(w http.ResponseWriter, r *http.Request) {
		file, err := os.Open("call.ulaw")
		if err != nil {
			http.NotFound(w, r)
			return
		}
		defer file.Close()
		wav, err := sound.NewWAV(file, "call.ulaw", sound.AllChannels)
		if err != nil {
			http.Error(w, "it cannot be played", http.StatusUnsupportedMediaType)
			return
		}
		w.Header().Set("Content-Type", "audio/wav")
		http.ServeContent(w, r, "", time.Time{}, wav)
	})
}

// A waveform, whatever the length of the call.
func ExampleReadPeaks() {
	file := whole(pcm16, tone(425, 10_000, 8000))
	r, err := sound.NewReader(bytes.NewReader(file), "call.wav", int64(len(file)))
	if err != nil {
		slog.Error("call", "error", err)
		return
	}
	peaks, err := sound.ReadPeaks(r, 4)
	if err != nil {
		slog.Error("call", "error", err)
		return
	}
	fmt.Println(peaks.SamplesPerPixel, peaks.Data)
	// Output: 2000 [-10000 10000 -10000 10000 -10000 10000 -10000 10000]
}

// GSM takes sox or ffmpeg; what to do where there is none is up to the program.
func ExampleTool_Reader() {
	tool := sound.Tool{Sox: "-", FFmpeg: "-"} // that is: there is neither
	r, err := tool.Reader(context.Background(), bytes.NewReader(make([]byte, 33)), "call.gsm", 33)
	switch {
	case errors.Is(err, sound.ErrNoTool):
		fmt.Println("install ffmpeg to hear it")
	case err == nil:
		r.Close()
	}
	// Output: install ffmpeg to hear it
}

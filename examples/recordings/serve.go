package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"io/fs"
	"net/http"
	"strconv"
	"time"

	"github.com/asterism-go/asterism/recording/sound"
)

//go:embed page
var pages embed.FS

// policy lets the page load what comes from here, and nothing else from anywhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// handler serves the page, for requests to this very address only: another name that leads here is somebody else's.
func (pl *player) handler(addr string) http.Handler {
	mux := http.NewServeMux()
	assets, _ := fs.Sub(pages, "page") // it is there
	mux.Handle("GET /player.js", http.FileServerFS(assets))
	mux.Handle("GET /style.css", http.FileServerFS(assets))
	mux.HandleFunc("GET /{$}", pl.index)
	mux.HandleFunc("GET /sound.wav", pl.sound)
	mux.HandleFunc("GET /waveform.svg", pl.waveform)
	mux.HandleFunc("GET /peaks.json", pl.waveformData)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		if r.Host != addr {
			http.Error(w, "not here", http.StatusMisdirectedRequest)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

var index = template.Must(template.ParseFS(pages, "page/index.html"))

func (pl *player) index(w http.ResponseWriter, _ *http.Request) {
	var text bytes.Buffer
	err := index.Execute(&text, pl)
	answer(w, "text/html; charset=utf-8", text.Bytes(), err)
}

func answer(w http.ResponseWriter, kind string, text []byte, err error) {
	if err != nil {
		http.Error(w, "it cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Write(text) //nolint:errcheck // nobody reads it then
}

func (pl *player) sound(w http.ResponseWriter, r *http.Request) {
	channel, err := strconv.Atoi(r.FormValue("channel"))
	if err != nil {
		channel = sound.AllChannels
	}
	wav, src, err := pl.wav(r.Context(), channel)
	if err != nil {
		http.Error(w, "it cannot be played", http.StatusNotFound)
		return
	}
	defer src.Close()
	w.Header().Set("Content-Type", "audio/wav")
	http.ServeContent(w, r, "", time.Time{}, wav)
}

func (pl *player) waveform(w http.ResponseWriter, _ *http.Request) {
	var text bytes.Buffer
	err := pl.peaks.SVG(&text, sound.Drawing{})
	answer(w, "image/svg+xml", text.Bytes(), err)
}

func (pl *player) waveformData(w http.ResponseWriter, _ *http.Request) {
	text, err := json.Marshal(pl.peaks)
	answer(w, "application/json", text, err)
}

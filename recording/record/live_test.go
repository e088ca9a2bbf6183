package record_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami/action"
	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/debpkg"
	"github.com/asterism-go/asterism/recording/record"
	"github.com/asterism-go/asterism/recording/sound"
)

// TestRecord records a call by both engines at once. The secret is told three times: masked, openly, and in a pause.
func TestRecord(t *testing.T) {
	o := openOffice(t)
	all := map[string]*record.Recording{}
	each := func(do func(r *record.Recording) error) {
		for name, r := range all {
			if err := do(r); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
	began := time.Now()
	for name, engine := range o.engines() {
		recorder := &record.Recorder{Engine: engine, Template: "{year}/{direction}-{number}-{id}"}
		r, err := recorder.Start(o.ctx, record.Request{Channel: o.channel, Direction: "in", Number: "x.wav,b,touch /tmp/x"})
		o.must(err)
		all[name] = r
	}
	o.speak()
	each(func(r *record.Recording) error { return r.Mask(o.ctx) })
	o.hold()
	each(func(r *record.Recording) error { return r.Unmask(o.ctx) })
	o.speak()
	o.hold() // openly: that it would be heard
	each(func(r *record.Recording) error { return r.Pause(o.ctx) })
	pausing := time.Now()
	each(func(r *record.Recording) error { return r.Mask(o.ctx) }) // both, and apart again
	o.hold()
	each(func(r *record.Recording) error {
		if err := r.Resume(o.ctx); !errors.Is(err, record.ErrMasked) {
			t.Errorf("resumed while masked: %v", err)
		}
		return r.Unmask(o.ctx)
	})
	paused := time.Since(pausing)
	each(func(r *record.Recording) error { return r.Resume(o.ctx) })
	o.speak()
	each(func(r *record.Recording) error { return r.Stop(o.ctx) })
	took := time.Since(began)
	for name, r := range all {
		file := o.file(name, r.Files()[0])
		if order := file.order(); order != "ama" {
			t.Errorf("%s: the agent and the music are heard as %s in %q", name, order, file.windows)
		}
		if file.silence() < 8 {
			t.Errorf("%s: what is masked is not silent: %q", name, file.windows)
		}
		if file.took > took-paused+time.Second/2 {
			t.Errorf("%s: %v, of which %v paused, is a file of %v", name, took, paused, file.took)
		}
		t.Logf("%s: %v, of which %v paused, is a file of %v", name, took.Round(time.Millisecond), paused.Round(time.Millisecond), file.took)
	}
}

// TestSides has who is heard in which file.
func TestSides(t *testing.T) {
	o := openOffice(t)
	type taken struct {
		engine string
		sides  record.Sides
		*record.Recording
	}
	var all []taken
	each := func(do func(r taken)) {
		for _, r := range all {
			do(r)
		}
	}
	expect := map[record.Sides][]string{record.Mixed: {"ca"}, record.Received: {"c"}, record.Sent: {"a"}, record.Apart: {"c", "a"}}
	for name, engine := range o.engines() {
		for sides := range expect {
			r, err := (&record.Recorder{Engine: engine, Template: "{id}", Sides: sides}).Start(o.ctx, record.Request{Channel: o.channel})
			o.must(err)
			all = append(all, taken{name, sides, r})
		}
	}
	o.speak()
	each(func(r taken) { o.must(r.Pause(o.ctx)) }) // appends to both files
	each(func(r taken) { o.must(r.Resume(o.ctx)) })
	o.speak()
	each(func(r taken) { o.must(r.Stop(o.ctx)) })
	each(func(r taken) {
		for i, file := range r.Files() {
			h := o.file(r.engine, file)
			for _, letter := range []string{"c", "a"} {
				if n := h.has(letter); n >= 4 != strings.Contains(expect[r.sides][i], letter) {
					t.Errorf("%s, sides %d: %s is in %d windows of %q", r.engine, r.sides, letter, n, h.windows)
				}
			}
		}
	})
}

// TestOthers records where the dialplan records too, since before and since after: those are not stopped, nor left muted, and the
// mask is one all the same.
func TestOthers(t *testing.T) {
	o := openOffice(t)
	another := func(file string) {
		_, err := action.Do(o.ctx, o.client, action.MixMonitor{Channel: o.channel, File: file})
		o.must(err)
	}
	another("before.wav")
	r, err := (&record.Recorder{Engine: &record.AMI{Client: o.client}, Template: "{id}"}).Start(o.ctx, record.Request{Channel: o.channel})
	o.must(err)
	another("after.wav")
	o.speak()
	o.must(r.Masked(o.ctx, func(context.Context) error { o.hold(); return nil }))
	o.speak()
	o.must(r.Mask(o.ctx))
	o.must(r.Pause(o.ctx)) // while masked
	o.must(r.Unmask(o.ctx))
	o.hold()
	o.must(r.Resume(o.ctx))
	o.speak()
	o.must(r.Mask(o.ctx))
	o.must(r.Stop(o.ctx)) // while masked
	o.speak()
	if h := o.file("AMI", r.Files()[0]); h.has("m") > 0 || h.has("a") < 8 {
		t.Errorf("the secret is heard, or the agent is not: %q", h.windows)
	}
	for range 2 {
		_, err := action.Do(o.ctx, o.client, action.StopMixMonitor{Channel: o.channel})
		o.must(err)
	}
	for _, file := range []string{"before.wav", "after.wav"} {
		h := o.file("AMI", file)
		if h.has("m") < 4 || !strings.Contains(strings.Join(h.windows[len(h.windows)-8:], ""), "c") {
			t.Errorf("%s was stopped, or remained masked: %q", file, h.windows)
		}
	}
}

// TestFormats lets Asterisk write each format that is known, and reads what it has written: while it does, and then.
func TestFormats(t *testing.T) {
	o := openOffice(t)
	ffmpeg, err := debpkg.Cache{}.Fetch(o.ctx, debpkg.Set{Name: "ffmpeg", Suite: "bookworm", Packages: []string{"ffmpeg"}})
	o.must(err)
	tool := sound.Tool{FFmpeg: "ffmpeg", Sox: "-", Command: func(ctx context.Context, _ string, args ...string) (*exec.Cmd, error) {
		return ffmpeg.Command(ctx, "usr/bin/ffmpeg", args...)
	}}
	all := map[string]*record.Recording{}
	formats := map[string]sound.Encoding{
		"wav": sound.PCM16, "WAV": sound.GSMWAV, "gsm": sound.GSM, "ulaw": sound.MuLaw, "alaw": sound.ALaw, "sln": sound.PCM16,
		"wav16": sound.PCM16, "sln16": sound.PCM16, "g722": sound.G722,
	}
	for name, engine := range o.engines() {
		for format := range formats {
			recorder := &record.Recorder{Engine: engine, Template: "{id}", Format: format}
			all[name+" "+format], err = recorder.Start(o.ctx, record.Request{Channel: o.channel})
			o.must(err)
		}
	}
	o.speak()
	o.speak()
	if info, _ := o.inspect("ARI", all["ARI wav"].Files()[0]); !info.Live {
		t.Errorf("while it is recorded: %+v", info)
	}
	for name, r := range all {
		o.must(r.Stop(o.ctx))
		engine, format, _ := strings.Cut(name, " ")
		info, file := o.inspect(engine, r.Files()[0])
		if info.Encoding != formats[format] || info.Live || info.Duration() < 500*time.Millisecond {
			t.Errorf("%s: %+v, %v", name, info, info.Duration())
		}
		decoded, err := tool.Reader(o.ctx, bytes.NewReader(file), "call."+format, int64(len(file)))
		o.must(err)
		h := listen(decoded)
		o.must(decoded.Close())
		if h.has("c") < 8 || h.has("a") < 8 {
			t.Errorf("%s: the two are not heard in %q", name, h.windows)
		}
	}
}

// TestBeep waits for the beep at the beginning and for one more.
func TestBeep(t *testing.T) {
	o := openOffice(t)
	events, more := o.client.Events(o.ctx), o.app.Events(o.ctx)
	recorder := &record.Recorder{Engine: &record.AMI{Client: o.client}, Template: "{id}", Beep: true, BeepEvery: time.Second}
	r, err := recorder.Start(o.ctx, record.Request{Channel: o.channel})
	o.must(err)
	beeps := 0
	for e, err := range events {
		o.must(err)
		// Asterisk beeps by a channel of its own (funcs/func_periodic_hook.c)
		if e.Event() == "Newchannel" && strings.Contains(e.Get("Channel"), "hook@__func_periodic_hook_context__") && strings.HasSuffix(e.Get("Channel"), ";1") {
			beeps++
		}
		if beeps == 2 {
			break
		}
	}
	o.must(r.Stop(o.ctx))
	recorder = &record.Recorder{Engine: &record.ARI{App: o.app}, Template: "{id}", Beep: true, BeepEvery: time.Second}
	r, err = recorder.Start(o.ctx, record.Request{Channel: o.channel})
	o.must(err)
	beeps = 0
	for e, err := range more {
		o.must(err)
		if e.Type == "PlaybackFinished" {
			decoded, err := e.Decode()
			o.must(err)
			if p := decoded.(*ari.PlaybackFinished).Playback; p.State != "done" || p.MediaURI != "sound:beep" {
				t.Errorf("%+v", p)
			}
			beeps++
		}
		if beeps == 2 {
			break
		}
	}
	o.must(r.Stop(o.ctx))
}

// TestEnds: a recording ends with its channel, and no other is begun there.
func TestEnds(t *testing.T) {
	o := openOffice(t)
	var all []*record.Recording
	for _, engine := range o.engines() {
		for _, sides := range []record.Sides{record.Mixed, record.Apart} {
			r, err := (&record.Recorder{Engine: engine, Template: "{id}", Sides: sides}).Start(o.ctx, record.Request{Channel: o.channel})
			o.must(err)
			all = append(all, r)
		}
	}
	o.speak()
	ends := o.client.Events(o.ctx)
	o.must(o.call.Hangup(o.ctx))
	for e, err := range ends {
		o.must(err)
		if e.Event() == "Hangup" && e.Get("Uniqueid") == o.channel {
			break
		}
	}
	for i, r := range all {
		if i%2 == 0 {
			if err := r.Mask(o.ctx); !errors.Is(err, record.ErrEnded) || r.State() != record.Stopped {
				t.Errorf("%v, %v", err, r.State())
			}
		}
		if err := r.Stop(o.ctx); err != nil || r.State() != record.Stopped {
			t.Errorf("%v, %v", err, r.State())
		}
	}
	for name, engine := range o.engines() {
		if err := start(o.ctx, &record.Recorder{Engine: engine}, o.channel); !errors.Is(err, record.ErrEnded) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAttacksOnAsterisk lets callers be called what they like: there are the files of the template then, and nothing else.
func TestAttacksOnAsterisk(t *testing.T) {
	o := openOffice(t)
	dir := filepath.Join(o.pbx.Dir, "spool", "elsewhere")
	before := files(t, o.pbx.Dir)
	var want []string
	for _, a := range attacks {
		for name, engine := range map[string]record.Engine{"elsewhere": &record.AMI{Client: o.client, Dir: dir}, "recording": &record.ARI{App: o.app}} {
			a = strings.ReplaceAll(a, "/tmp", o.pbx.Dir)
			r, err := (&record.Recorder{Engine: engine, Template: "{number}/{exten}-{id}"}).Start(o.ctx, record.Request{Channel: o.channel, Number: a, Exten: a})
			o.must(err)
			for _, file := range r.Files() {
				want = append(want, filepath.Join("spool", name, file))
			}
			if name == "recording" && len(want)%8 != 0 { // what is empty is an error of ARI: let something be in some
				o.must(r.Pause(o.ctx))
				_ = r.Stop(o.ctx)
				continue
			}
			o.must(ignoreEmpty(r.Stop(o.ctx)))
		}
	}
	slices.Sort(want)
	after := slices.DeleteFunc(files(t, o.pbx.Dir), func(name string) bool {
		return slices.Contains(before, name) || strings.HasPrefix(name, "log/") // the records of other channels
	})
	for _, name := range after {
		if !slices.Contains(want, name) {
			t.Errorf("%s was made", name)
		}
	}
	if len(after) < len(attacks) {
		t.Errorf("%d files of %d", len(after), len(want))
	}
}

// ignoreEmpty is for recordings that are stopped before there was a sound.
func ignoreEmpty(err error) error {
	var failed *ari.RecordingError
	if errors.As(err, &failed) {
		return nil
	}
	return err
}

func files(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			all = append(all, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

package record_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/action"
	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/debpkg"
	"github.com/asterism-go/asterism/internal/sipphone"
	"github.com/asterism-go/asterism/recording/record"
	"github.com/asterism-go/asterism/recording/sound"
)

// What is heard in the files: the customer's and the agent's telephones, and the music on hold of asterisktest.
const (
	customer = 500.0
	agent    = 650.0
	music    = 150.0
)

// office is a real Asterisk with a call of two telephones, which is recorded at the customer's channel.
type office struct {
	t       *testing.T
	ctx     context.Context //nolint:containedctx // of the test
	pbx     *asterisktest.Asterisk
	client  *ami.Client
	app     *ari.App
	call    *sipphone.Call // of the customer
	other   *sipphone.Call // of the agent
	channel string         // the customer's, by its Uniqueid
}

func openOffice(t *testing.T) *office {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	o := &office{t: t, ctx: ctx}
	o.pbx = asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"pjsip.conf":      sipphone.PJSIPConfig("101", "pw101") + sipphone.PJSIPConfig("102", "pw102"),
		"extensions.conf": "[default]\nexten => _10X,1,Dial(PJSIP/${EXTEN},60)\n",
	}})
	t.Cleanup(o.pbx.Kill) // it would wait for its calls to end
	o.client = &ami.Client{Addr: o.pbx.AMI.String(), Username: asterisktest.Username, Secret: asterisktest.Secret}
	o.must(o.client.Connect(ctx))
	t.Cleanup(func() { o.client.Close() })
	rest := &ari.Client{URL: "http://" + o.pbx.HTTP.String() + "/ari", Username: asterisktest.Username, Password: asterisktest.Secret}
	t.Cleanup(func() { rest.Close() })
	o.app = &ari.App{Client: rest, Name: "record"}
	o.must(o.app.Connect(ctx))
	t.Cleanup(func() { o.app.Close() })
	o.talk()
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) phone(user string, tone float64, take func(*sipphone.Call)) *sipphone.Phone {
	o.t.Helper()
	p, err := sipphone.New(o.ctx, sipphone.Config{Server: o.pbx.SIP, User: user, Password: "pw" + user, Tone: tone, OnInvite: take})
	o.must(err)
	o.t.Cleanup(func() { p.Close() })
	return p
}

// talk lets the customer call the agent.
func (o *office) talk() {
	o.t.Helper()
	taken := make(chan *sipphone.Call, 1)
	o.phone("102", agent, func(c *sipphone.Call) {
		if c.Answer(o.ctx) == nil {
			taken <- c
		}
	})
	var err error
	o.call, err = o.phone("101", customer, nil).Dial(o.ctx, "102")
	o.must(err)
	o.must(o.call.WaitAnswered(o.ctx))
	o.other = <-taken
	o.must(o.call.WaitHears(o.ctx, agent))
	o.must(o.other.WaitHears(o.ctx, customer))
	channels, err := o.client.List(o.ctx, ami.Action{Name: "CoreShowChannels"})
	o.must(err)
	for _, ch := range channels.Items {
		if strings.HasPrefix(ch.Get("Channel"), "PJSIP/101-") {
			o.channel = ch.Get("Uniqueid")
		}
	}
	if o.channel == "" {
		o.t.Fatal("no channel of the customer")
	}
}

// hold lets the agent put the customer on hold and back: what the customer hears then is the secret of these tests.
func (o *office) hold() {
	o.t.Helper()
	o.must(o.other.Hold(o.ctx))
	o.must(o.call.WaitSilent(o.ctx, agent))
	o.speak()
	o.must(o.other.Resume(o.ctx))
	o.must(o.call.WaitHears(o.ctx, agent))
	o.speak()
}

// speak lets half a second pass: sound takes time.
func (o *office) speak() {
	select {
	case <-time.After(500 * time.Millisecond):
	case <-o.ctx.Done():
		o.t.Fatal("it took too long")
	}
}

func (o *office) engines() map[string]record.Engine {
	return map[string]record.Engine{"AMI": &record.AMI{Client: o.client}, "ARI": &record.ARI{App: o.app}}
}

// path is where Asterisk has recorded.
func (o *office) path(engine, name string) string {
	return filepath.Join(o.pbx.Dir, "spool", map[string]string{"AMI": "monitor", "ARI": "recording"}[engine], name)
}

// file reads what Asterisk has recorded.
func (o *office) file(engine, name string) heard {
	o.t.Helper()
	info, file := o.inspect(engine, name)
	if info.Live {
		o.t.Errorf("%s is not complete", name)
	}
	reader, err := sound.NewReader(bytes.NewReader(file), name, int64(len(file)))
	o.must(err)
	h := listen(reader)
	h.took = info.Duration()
	return h
}

// listen finds the tones in a sound.
func listen(r *sound.Reader) (h heard) {
	rate := r.Info().Rate
	p := make([]int16, rate/20) // 50 ms: whole periods of all tones
	for have := 0; ; {
		n, err := r.ReadSamples(p[have:])
		if err != nil {
			return h
		}
		if have += n; have == len(p) {
			h.windows = append(h.windows, tonesIn(p, float64(rate)))
			have = 0
		}
	}
}

// heard is what is in a file, in windows of 50 ms: which of the tones, as letters c, a and m.
type heard struct {
	took    time.Duration
	windows []string
}

func tonesIn(p []int16, rate float64) string {
	var tones []byte
	for letter, hz := range map[byte]float64{'c': customer, 'a': agent, 'm': music} {
		var sin, cos float64
		for i, s := range p {
			sin += float64(s) * math.Sin(2*math.Pi*hz*float64(i)/rate)
			cos += float64(s) * math.Cos(2*math.Pi*hz*float64(i)/rate)
		}
		if math.Hypot(sin, cos)/float64(len(p)) > 100 {
			tones = append(tones, letter)
		}
	}
	return string(tones)
}

// order is in which order the agent and the music are heard, each for two windows at least.
func (h heard) order() string {
	order, run, before := "", 0, ""
	for _, w := range h.windows {
		now := strings.Trim(strings.ReplaceAll(w, "c", ""), " ")
		if len(now) != 1 {
			continue
		}
		if run++; now != before {
			before, run = now, 1
		}
		if run == 2 && !strings.HasSuffix(order, now) {
			order += now
		}
	}
	return order
}

// has is how many windows a tone is in.
func (h heard) has(letter string) (n int) {
	for _, w := range h.windows {
		if strings.Contains(w, letter) {
			n++
		}
	}
	return n
}

// silence is the longest one, in windows.
func (h heard) silence() (longest int) {
	run := 0
	for _, w := range h.windows {
		if run++; w != "" {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

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

// inspect tells what a file holds, and returns it.
func (o *office) inspect(engine, name string) (sound.Info, []byte) {
	o.t.Helper()
	file, err := os.ReadFile(o.path(engine, name))
	o.must(err)
	info, err := sound.Inspect(bytes.NewReader(file), name, int64(len(file)))
	o.must(err)
	return info, file
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

package prompts_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/debpkg"
	"github.com/asterism-go/asterism/ivr/prompts"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFromFolder(t *testing.T) {
	sounds := fstest.MapFS{
		"en/welcome.wav": {}, "en/digits/1.gsm": {}, "en/readme.txt": {}, "el/welcome.sln16": {}, "de/welcome.wav": {}, "el_CY/hello.ulaw": {},
	}
	l, err := prompts.FromFolder(sounds, "en", "el", "fa", "el_CY")
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[[2]string]bool{
		{"en", "welcome"}: true, {"en", "digits/1"}: true, {"en", "readme"}: false, {"el", "welcome"}: true, {"el", "digits/1"}: false,
		{"de", "welcome"}: false, {"fa", "welcome"}: false, {"el_CY", "hello"}: true, {"el_CY", "welcome"}: true, {"fa", "/spoken/x"}: true,
	} {
		if got := l.Has(query[0], query[1]); got != want {
			t.Errorf("%v: %v", query, got)
		}
	}
	if got := strings.Join(l.Languages(), " "); got != "el el_CY en" || l.Len("en") != 2 {
		t.Errorf("languages %s, %d in English", got, l.Len("en"))
	}
}

func TestFromARI(t *testing.T) {
	pbx := asterisktest.Start(t, asterisktest.Config{})
	client := &ari.Client{URL: "http://" + pbx.HTTP.String() + "/ari", Username: asterisktest.Username, Password: asterisktest.Secret}
	defer client.Close()
	l, err := prompts.FromARI(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d sounds in English", l.Len("en"))
	if l.Has("en", "no-such-sound") || l.Has("xx", "beep") {
		t.Error("sounds that there are not")
	}
}

// fake is a voice for tests: a click as long as the text.
type fake struct {
	said  atomic.Int32
	err   error
	delay chan struct{}
}

func (f *fake) ID() string { return "fake" }

func (f *fake) Speak(ctx context.Context, _, text string) ([]byte, error) {
	f.said.Add(1)
	if f.delay != nil {
		select {
		case <-f.delay:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return wav(22050, len(text)*1000), f.err
}

func wav(rate uint32, samples int) []byte {
	b := []byte("RIFF\xff\xff\xff\x7fWAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00")
	b = binary.LittleEndian.AppendUint32(b, rate)
	b = binary.LittleEndian.AppendUint32(b, 2*rate)
	b = append(b, "\x02\x00\x10\x00data\xff\xff\xff\x7f"...)
	for i := range samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(i%100*100))
	}
	return b
}

func TestSpeakOnce(t *testing.T) {
	voice := &fake{delay: make(chan struct{})}
	s := &prompts.Speaker{Dir: filepath.Join(t.TempDir(), "spoken"), Voice: voice}
	var wg sync.WaitGroup
	sounds := make([]string, 8)
	for i := range sounds {
		wg.Go(func() {
			var err error
			if sounds[i], err = s.Speak(t.Context(), "el", "$(rm -rf /); καλημέρα"); err != nil {
				t.Error(err)
			}
		})
	}
	close(voice.delay)
	wg.Wait()
	again, err := s.Speak(t.Context(), "el", "$(rm -rf /); καλημέρα")
	if err != nil || voice.said.Load() != 1 || again != sounds[0] || sounds[7] != again {
		t.Errorf("%v, said %d times, as %q", err, voice.said.Load(), sounds)
	}
	file, err := os.ReadFile(again + ".wav")
	if err != nil || binary.LittleEndian.Uint32(file[24:]) != 8000 || len(file) < 10_000 {
		t.Errorf("%v: %d bytes", err, len(file))
	}
	for _, other := range [][2]string{{"en", "$(rm -rf /); καλημέρα"}, {"el", "x"}} {
		if sound, err := s.Speak(t.Context(), other[0], other[1]); err != nil || sound == again {
			t.Errorf("%v: %s, %v", other, sound, err)
		}
	}
}

func TestSpeakWrong(t *testing.T) {
	broken := errors.New("hoarse")
	for name, test := range map[string]struct {
		voice          prompts.Voice
		language, text string
		want           string
	}{
		"a language as a path": {&fake{}, "../x", "a", `prompts: "../x" is no language`},
		"an option":            {&fake{}, "-f", "a", `prompts: "-f" is no language`},
		"no text":              {&fake{}, "el", "", "prompts: a text of 0 bytes: want 1 to 4000"},
		"a long text":          {&fake{}, "el", strings.Repeat("x", 4001), "prompts: a text of 4001 bytes: want 1 to 4000"},
		"a voice that fails":   {&fake{err: broken}, "el", "a", `prompts: speaking in "el": hoarse`},
		"a voice that is slow": {&fake{delay: make(chan struct{})}, "el", "a", `prompts: speaking in "el": not within 20ms`},
		"no command":           {prompts.Command{}, "el", "a", `prompts: speaking in "el": no command`},
		"a program of words":   {prompts.Command{Args: []string{"cat"}}, "el", "a", `prompts: speaking in "el": the voice returns no WAV file`},
		"a program that fails": {prompts.Command{Args: []string{"false"}}, "el", "a", `prompts: speaking in "el": false: exit status 1 `},
	} {
		s := &prompts.Speaker{Dir: t.TempDir(), Voice: test.voice}
		if strings.Contains(test.want, "20ms") {
			s.Timeout = 20 * time.Millisecond
		}
		if _, err := s.Speak(t.Context(), test.language, test.text); err == nil || err.Error() != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

func TestSpeakerForgets(t *testing.T) {
	s := &prompts.Speaker{Dir: t.TempDir(), Voice: &fake{}, Max: 10}
	for i := range 40 {
		if _, err := s.Speak(t.Context(), "en", strings.Repeat("x", i+1)); err != nil {
			t.Fatal(err)
		}
	}
	if files, err := filepath.Glob(filepath.Join(s.Dir, "*.wav")); err != nil || len(files) > 10 || len(files) < 5 {
		t.Errorf("%d files are kept, %v", len(files), err)
	}
}

func TestServer(t *testing.T) {
	var got string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, "/", http.StatusFound)
		case "/":
			body, _ := io.ReadAll(r.Body)
			got = r.Header.Get("Authorization") + string(body)
			if _, err := w.Write(wav(16000, 16000)); err != nil {
				t.Error(err)
			}
		}
	}))
	defer srv.Close()
	s := &prompts.Speaker{Dir: t.TempDir(), Voice: prompts.Server{URL: srv.URL, Header: http.Header{"Authorization": {"Bearer x"}}, Client: srv.Client()}}
	sound, err := s.Speak(t.Context(), "fa", "سلام")
	if err != nil || got != `Bearer x{"language":"fa","text":"سلام"}` {
		t.Fatalf("%v; it was sent %s", err, got)
	}
	if info, err := os.Stat(sound + ".wav"); err != nil || info.Size() != 44+16000 {
		t.Errorf("%v, %v", info, err)
	}
	s.Voice = prompts.Server{URL: srv.URL + "/away", Client: srv.Client()}
	if _, err := s.Speak(t.Context(), "fa", "سلام"); err == nil || !strings.Contains(err.Error(), "302") {
		t.Errorf("a redirect: %v", err)
	}
}

// TestEspeak has espeak-ng of Debian speak Greek, Persian and English.
func TestEspeak(t *testing.T) {
	root, err := (debpkg.Cache{}).Fetch(t.Context(), debpkg.Set{Name: "espeak-ng", Suite: "bookworm", Packages: []string{"espeak-ng"}})
	if err != nil {
		t.Fatal(err)
	}
	data, err := root.Path("usr/lib/*/espeak-ng-data")
	if err != nil {
		t.Fatal(err)
	}
	cmd, err := root.Command(t.Context(), "usr/bin/espeak-ng", "--path="+filepath.Dir(data), "-v", "{language}", "--stdin", "--stdout")
	if err != nil {
		t.Fatal(err)
	}
	if pulse, err := root.Path("usr/lib/*/pulseaudio"); err == nil { // where the path of the package's own libraries leads
		cmd.Args[2] += ":" + pulse
	}
	s := &prompts.Speaker{Dir: t.TempDir(), Voice: prompts.Command{Args: cmd.Args}, Timeout: time.Minute}
	for language, text := range map[string]string{"el": "Καλώς ήρθατε; `touch x`", "fa": "خوش آمدید", "en": "Welcome -w x.wav"} {
		sound, err := s.Speak(t.Context(), language, text)
		if err != nil {
			t.Errorf("%s: %v", language, err)
			continue
		}
		file, err := os.ReadFile(sound + ".wav")
		loud := 0
		for i := 44; i+1 < len(file); i += 2 {
			if v := int16(binary.LittleEndian.Uint16(file[i:])); v > 2000 || v < -2000 {
				loud++
			}
		}
		if err != nil || len(file) < 8000 || loud < 500 {
			t.Errorf("%s: %d bytes, %d of them loud, %v", language, len(file), loud, err)
		}
	}
}

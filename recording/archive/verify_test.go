package archive_test

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/recording/archive"
)

// TestVerify finds each thing that can be wrong, and nothing else.
func TestVerify(t *testing.T) {
	const data, manifest, deletion = "data/" + call, "manifest/" + call + ".json", "deleted/gone.wav.json"
	remove := func(name string) func(*shelf) {
		return func(s *shelf) {
			if err := os.Remove(s.path(name)); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	write := func(name, content string) func(*shelf) { return func(s *shelf) { s.overwrite(name, []byte(content)) } }
	replace := func(name, old, by string) func(*shelf) {
		return func(s *shelf) {
			content := s.content(name)
			if !bytes.Contains(content, []byte(old)) {
				s.t.Fatalf("%s has no %q: %s", name, old, content)
			}
			s.overwrite(name, bytes.ReplaceAll(content, []byte(old), []byte(by)))
		}
	}
	for what, test := range map[string]struct {
		harm func(*shelf)
		want string
	}{
		"nothing":                       {func(*shelf) {}, ""},
		"data gone":                     {remove(data), "missing " + data},
		"data shorter":                  {func(s *shelf) { s.overwrite(data, sound(1000)[:999]) }, "altered " + data},
		"data longer":                   {func(s *shelf) { s.overwrite(data, append(sound(1000), 0)) }, "altered " + data},
		"a byte changed":                {func(s *shelf) { s.overwrite(data, append([]byte{sound(1000)[0] + 1}, sound(1000)[1:]...)) }, "altered " + data},
		"manifest gone":                 {remove(manifest), "extra " + data},
		"manifest of another time":      {replace(manifest, `"keep_until":"2`, `"keep_until":"1`), "altered " + manifest},
		"manifest of another":           {replace(manifest, call, "2026/11/25/in-200-102.wav"), "altered " + manifest},
		"manifest cut":                  {replace(manifest, `"}`, ``), "altered " + manifest},
		"manifest without a seal":       {replace(manifest, `"seal"`, `"sail"`), "altered " + manifest},
		"a manifest under a wrong name": {func(s *shelf) { s.overwrite("manifest/x.wav.json", s.content(manifest)) }, "altered manifest/x.wav.json"},
		"data of nobody":                {write("data/2026/x.wav", "x"), "extra data/2026/x.wav"},
		"data in another form":          {write(data+".age", "x"), "extra " + data + ".age"},
		"a half file":                   {write("data/x.wav.12345678.part", "x"), "unfinished data/x.wav.12345678.part"},
		"half a manifest":               {write(manifest+".12345678.part", "x"), "unfinished " + manifest + ".12345678.part"},
		"something else":                {write("readme.txt", "x"), "extra readme.txt"},
		"something among documents":     {write("manifest/readme.txt", "x"), "extra manifest/readme.txt"},
		"a hold changed":                {replace("hold/"+call+"/1.json", "court", "thief"), "altered hold/" + call + "/1.json"},
		"what was deleted comes back":   {write("data/gone.wav", "x"), "extra data/gone.wav, undeleted data/gone.wav"},
		"a deletion changed":            {replace(deletion, "by law", "by fun"), "altered " + deletion},
	} {
		s := newShelf(t)
		s.Keep = time.Hour
		for name, size := range map[string]int{call: 1000, "gone.wav": 10, "other.wav": 20} {
			s.record(name, sound(size))
			s.move(name)
		}
		if err := s.Hold(t.Context(), archive.Hold{Name: call, ID: "1", By: "court"}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Delete(t.Context(), archive.Order{Name: "gone.wav", Reason: "by law", Early: true}); err != nil {
			t.Fatal(err)
		}
		test.harm(s)
		if found := s.findings(); found != test.want {
			t.Errorf("%s: %q instead of %q", what, found, test.want)
		}
	}
}

// TestHoldsThatCannotBeRead hold all the same, and a manifest that is not sealed is not believed.
func TestHoldsThatCannotBeRead(t *testing.T) {
	s := newShelf(t)
	s.record(call, sound(10))
	s.move(call)
	if err := s.Hold(t.Context(), archive.Hold{Name: call, ID: "1", By: "court"}); err != nil {
		t.Fatal(err)
	}
	s.overwrite("hold/"+call+"/1.json", []byte("{}"))
	if _, err := s.Delete(t.Context(), archive.Order{Name: call}); !errors.Is(err, archive.ErrSeal) {
		t.Error(err)
	}
	s.Key = []byte("another key, which is as long as it must be")
	if _, err := s.Move(t.Context(), s.source, call); !errors.Is(err, archive.ErrSeal) {
		t.Error(err)
	}
	if _, err := s.read(call); !errors.Is(err, archive.ErrSeal) {
		t.Error(err)
	}
}

// TestTidy removes what nobody finishes, when it is old enough, and nothing else.
func TestTidy(t *testing.T) {
	s := newShelf(t)
	s.record(call, sound(10))
	s.move(call)
	s.overwrite("data/x.wav.12345678.part", []byte("x"))
	s.overwrite("data/2026/nobody.wav", []byte("x"))
	if removed, err := s.Tidy(t.Context(), time.Hour); err != nil || len(removed) > 0 {
		t.Errorf("%q, %v", removed, err)
	}
	s.now = s.now.Add(25 * time.Hour)
	removed, err := s.Tidy(t.Context(), time.Hour)
	if diff := cmp.Diff([]string{"data/2026/nobody.wav", "data/x.wav.12345678.part"}, removed); err != nil || diff != "" {
		t.Errorf("%s, %v", diff, err)
	}
	if found := s.findings(); found != "" {
		t.Error(found)
	}
	s.holds(call, sound(10))
}

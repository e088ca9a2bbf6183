package prompts_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ivr/prompts"
)

// TestSpeakerLeavesForeignFiles holds that a Speaker removes only what it made, in a folder of any name.
func TestSpeakerLeavesForeignFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[b")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		name := filepath.Join(dir, fmt.Sprintf("customer-%d.wav", i))
		if err := os.WriteFile(name, []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, time.Unix(1, 0), time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
	}
	s := &prompts.Speaker{Dir: dir, Voice: &fake{}, Max: 5}
	for i := range 12 {
		if _, err := s.Speak(t.Context(), "en", fmt.Sprint("text ", i)); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	foreign := 0
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && info.Size() == 1 {
			foreign++
		}
	}
	if made := len(entries) - foreign; foreign != 20 || made < 1 || made > 5 {
		t.Errorf("%d of 20 foreign files are left, and %d sounds", foreign, made)
	}
}

// TestSpeakerPartIsItsOwn holds that the file of another process that makes the same sound is left alone, and that no part stays.
func TestSpeakerPartIsItsOwn(t *testing.T) {
	s := &prompts.Speaker{Dir: t.TempDir(), Voice: &fake{}}
	sound, err := s.Speak(t.Context(), "en", "hello")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(sound + ".wav"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(sound+".part", []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Speak(t.Context(), "en", "hello"); err != nil {
		t.Fatal(err)
	}
	if half, err := os.ReadFile(sound + ".part"); err != nil || string(half) != "half" {
		t.Errorf("the other's file has %d bytes, %v", len(half), err)
	}
	info, err := os.Stat(sound + ".wav")
	if err != nil || info.Mode().Perm()&0o444 != 0o444 {
		t.Errorf("%v, %v: Asterisk cannot read it", info, err)
	}
	if entries, err := os.ReadDir(s.Dir); err != nil || len(entries) != 2 {
		t.Errorf("%v, %v", entries, err)
	}
}

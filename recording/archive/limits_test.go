package archive_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/archive"
)

// TestLongReasons are refused before anything is written, also those that would only be too long once the deletion is done.
func TestLongReasons(t *testing.T) {
	s := newShelf(t)
	refused, done := 0, 0
	for length := 65_536 - 1000; length <= 65_536-300; length += 10 {
		s.record(call, sound(10))
		s.move(call)
		_, err := s.Delete(t.Context(), archive.Order{Name: call, Reason: strings.Repeat("x", length)})
		switch {
		case err == nil:
			done++
			if err := s.kept.Delete(t.Context(), "deleted/"+call+".json"); err != nil {
				t.Fatal(err)
			}
		case errors.Is(err, archive.ErrTooLong):
			refused++
			if _, err := s.Deletion(t.Context(), call); !errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("%d bytes: %v", length, err)
			}
			s.holds(call, sound(10))
		default:
			t.Fatalf("%d bytes: %v", length, err)
		}
	}
	if refused < 10 || done < 10 {
		t.Errorf("%d refused, %d done", refused, done)
	}
	if err := s.Hold(t.Context(), archive.Hold{Name: call, ID: "1", Reason: strings.Repeat("<", 20_000)}); !errors.Is(err, archive.ErrTooLong) {
		t.Error(err)
	}
	if _, err := s.Delete(t.Context(), archive.Order{Name: call, Reason: "shorter"}); err != nil {
		t.Error(err)
	}
}

// TestShortKeys are refused by all that would use them, and nothing is written or removed.
func TestShortKeys(t *testing.T) {
	s := newShelf(t)
	s.record(call, sound(10))
	s.move(call)
	s.record("2.wav", sound(10))
	s.overwrite("data/nobody.wav", []byte("x"))
	for _, key := range [][]byte{{}, []byte("a secret of the tests"), make([]byte, archive.MinKey-1)} {
		a := s.another(nothing)
		a.Key = key
		_, moved := a.Move(t.Context(), s.source, "2.wav")
		_, deleted := a.Delete(t.Context(), archive.Order{Name: call})
		_, verified := a.Verify(t.Context())
		_, tidied := a.Tidy(t.Context(), 0)
		_, known := a.Manifest(t.Context(), call)
		_, _, opened := a.Open(t.Context(), call)
		held := a.Hold(t.Context(), archive.Hold{Name: call, ID: "1"})
		for what, err := range map[string]error{
			"moved": moved, "deleted": deleted, "verified": verified, "tidied": tidied, "known": known, "opened": opened, "held": held,
		} {
			if !errors.Is(err, archive.ErrKey) {
				t.Errorf("%d bytes: %s: %v", len(key), what, err)
			}
		}
	}
	if found := s.findings(); found != "extra data/nobody.wav" {
		t.Error(found)
	}
	s.Key = make([]byte, archive.MinKey)
	if _, err := s.Manifest(t.Context(), call); !errors.Is(err, archive.ErrSeal) {
		t.Error(err)
	}
}

// TestPausedIsNotMoved: what has not changed for long may be paused, which only who records knows; what has no time cannot be judged.
func TestPausedIsNotMoved(t *testing.T) {
	s := newShelf(t)
	s.record(call, sound(10))
	s.Settle, s.now = 0, s.now.Add(time.Hour)
	away := errors.New("nobody answers")
	busy, asked := true, ""
	var fails error
	s.Busy = func(_ context.Context, name string) (bool, error) {
		asked = name
		return busy, fails
	}
	try := func(from recording.Store, want error) {
		t.Helper()
		if _, err := s.Move(t.Context(), from, call); !errors.Is(err, want) {
			t.Errorf("%v instead of %v", err, want)
		}
	}
	try(s.source, recording.ErrLive)
	if asked != call {
		t.Errorf("asked for %q", asked)
	}
	busy, fails = false, away
	try(s.source, away)
	fails = nil
	try(timeless{s.source}, recording.ErrLive)
	s.Settle, busy = -1, true
	try(timeless{s.source}, recording.ErrLive)
	if _, err := s.source.Stat(t.Context(), call); err != nil {
		t.Fatal(err)
	}
	busy = false
	try(timeless{s.source}, nil)
	s.holds(call, sound(10))
}

package archive_test

import (
	"errors"
	"io/fs"
	"testing"
	"time"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/archive"
)

// TestRetention keeps what must be kept, deletes what must be deleted, and proves it.
func TestRetention(t *testing.T) {
	s := newShelf(t)
	ctx := t.Context()
	s.Keep = time.Hour
	for _, name := range []string{"old.wav", "held.wav", "new.wav", "asked.wav"} {
		s.record(name, sound(len(name)))
		if name == "new.wav" {
			s.Keep = 100 * time.Hour
		}
		s.move(name)
	}
	if _, err := s.Delete(ctx, archive.Order{Name: "asked.wav", By: "anna"}); !errors.Is(err, archive.ErrKept) {
		t.Error(err)
	}
	d, err := s.Delete(ctx, archive.Order{Name: "asked.wav", By: "anna", Reason: "asked for", Early: true})
	if err != nil || d.By != "anna" || d.Reason != "asked for" || d.Recording.SHA256 == "" || d.Done.IsZero() {
		t.Errorf("%+v, %v", d, err)
	}
	hold := archive.Hold{Name: "held.wav", ID: "case-7", By: "court", Reason: "case 7"}
	if err := s.Hold(ctx, hold); err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(2 * time.Hour)
	if _, err := s.Delete(ctx, archive.Order{Name: "held.wav", Early: true}); !errors.Is(err, archive.ErrHeld) {
		t.Error(err)
	}
	expire := func() (names []string) {
		for d, err := range s.Expire(ctx, "nightly", "its time is over") {
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, d.Recording.Name)
		}
		return names
	}
	if names := expire(); len(names) != 1 || names[0] != "old.wav" {
		t.Errorf("%q", names)
	}
	if holds, err := s.Holds(ctx, "held.wav"); err != nil || len(holds) != 1 || holds[0].Reason != "case 7" || holds[0].At.IsZero() {
		t.Errorf("%+v, %v", holds, err)
	}
	if err := s.Release(ctx, hold); err != nil {
		t.Fatal(err)
	}
	if err := s.Release(ctx, hold); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if names := expire(); len(names) != 1 || names[0] != "held.wav" {
		t.Errorf("%q", names)
	}
	s.holds("new.wav", sound(len("new.wav")))
	if _, err := s.read("old.wav"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	proof, err := s.Deletion(ctx, "old.wav")
	if err != nil || proof.By != "nightly" || proof.Done.IsZero() {
		t.Errorf("%+v, %v", proof, err)
	}
	report, err := s.Verify(ctx)
	if err != nil || len(report.Findings) > 0 || report.Recordings != 1 || report.Deletions != 3 {
		t.Errorf("%+v, %v", report, err)
	}
	deletions := 0
	for _, e := range s.entries {
		if e.Op == "delete" && e.Err == nil {
			deletions++
			if e.SHA256 == "" || e.By == "" || e.Reason == "" {
				t.Errorf("audited %+v", e)
			}
		}
	}
	if deletions != 3 {
		t.Errorf("%d deletions audited", deletions)
	}
}

// TestHoldRefuses what is not there, what is deleted, and names that are none.
func TestHoldRefuses(t *testing.T) {
	s := newShelf(t)
	s.record(call, sound(10))
	s.move(call)
	for _, id := range []string{"", "..", "a/b", "../x", ".hidden", "a b", "a\n"} {
		if err := s.Hold(t.Context(), archive.Hold{Name: call, ID: id}); !errors.Is(err, recording.ErrUnsafeName) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if err := s.Hold(t.Context(), archive.Hold{Name: "../x", ID: "1"}); !errors.Is(err, recording.ErrUnsafeName) {
		t.Error(err)
	}
	if err := s.Hold(t.Context(), archive.Hold{Name: "none.wav", ID: "1"}); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := s.Delete(t.Context(), archive.Order{Name: "../x"}); !errors.Is(err, recording.ErrUnsafeName) {
		t.Error(err)
	}
	if _, err := s.Delete(t.Context(), archive.Order{Name: "none.wav"}); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := s.Delete(t.Context(), archive.Order{Name: call}); err != nil {
		t.Fatal(err)
	}
	if err := s.Hold(t.Context(), archive.Hold{Name: call, ID: "1"}); !errors.Is(err, archive.ErrDeleted) {
		t.Error(err)
	}
}

// TestHoldMeetsDeletion lets the one come at each step of the other: never do both succeed, and what is held is there.
func TestHoldMeetsDeletion(t *testing.T) {
	for _, holdFirst := range []bool{true, false} {
		for at := 1; ; at++ {
			s := newShelf(t)
			s.record(call, sound(1000))
			s.move(call)
			hold := func() error { return s.Hold(t.Context(), archive.Hold{Name: call, ID: "1"}) }
			deletion := func() error { _, err := s.Delete(t.Context(), archive.Order{Name: call}); return err }
			outer, inner := deletion, hold
			if holdFirst {
				outer, inner = hold, deletion
			}
			steps, innerErr := 0, error(nil)
			s.Store = stepped{s.kept, func(string) error {
				if steps++; steps == at {
					s.Store = s.kept
					innerErr = inner()
				}
				return nil
			}}
			outerErr := outer()
			if steps < at {
				break
			}
			s.Store = s.kept
			if outerErr == nil && innerErr == nil {
				t.Errorf("step %d: both", at)
			}
			held := outerErr == nil
			if !holdFirst {
				held = innerErr == nil
			}
			if held {
				s.holds(call, sound(1000))
			}
		}
	}
}

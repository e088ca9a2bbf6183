package archive_test

import (
	"errors"
	"testing"

	"github.com/asterism-go/asterism/recording/archive"
)

// TestHoldRepeated while a deletion that died is begun: the hold that was there before stays, and the recording with it.
func TestHoldRepeated(t *testing.T) {
	s := newShelf(t)
	s.record(call, sound(1000))
	s.move(call)
	hold := archive.Hold{Name: call, ID: "1", By: "court"}
	for at := 1; ; at++ {
		died, steps := errors.New("died"), 0
		s.Store = stepped{s.kept, func(string) error {
			if steps++; steps == at {
				return died
			}
			return nil
		}}
		_, err := s.Delete(t.Context(), archive.Order{Name: call})
		s.Store = s.kept
		if _, begun := s.Deletion(t.Context(), call); begun == nil {
			break
		}
		if !errors.Is(err, died) {
			t.Fatalf("step %d: %v", at, err)
		}
	}
	s.overwriteHold(hold)
	if err := s.Hold(t.Context(), hold); !errors.Is(err, archive.ErrDeleted) {
		t.Fatal(err)
	}
	if holds, err := s.Holds(t.Context(), call); err != nil || len(holds) != 1 {
		t.Errorf("%+v, %v", holds, err)
	}
	if _, err := s.Delete(t.Context(), archive.Order{Name: call}); !errors.Is(err, archive.ErrHeld) {
		t.Error(err)
	}
	s.holds(call, sound(1000))
}

// overwriteHold puts a hold there that came just before the deletion was written.
func (s *shelf) overwriteHold(h archive.Hold) {
	s.t.Helper()
	deletion := s.content("deleted/" + call + ".json")
	if err := s.kept.Delete(s.t.Context(), "deleted/"+call+".json"); err != nil {
		s.t.Fatal(err)
	}
	if err := s.Hold(s.t.Context(), h); err != nil {
		s.t.Fatal(err)
	}
	s.overwrite("deleted/"+call+".json", deletion)
}

package archive_test

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

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

// TestHoldsAtOnce puts holds of one ID at once, by several programs: one is there then, and the others are told.
func TestHoldsAtOnce(t *testing.T) {
	s := newShelf(t)
	for round := range 3 {
		name := fmt.Sprintf("%d.wav", round)
		s.record(name, sound(10))
		s.move(name)
		const all = 6
		errs := make([]error, all)
		var work sync.WaitGroup
		for i := range all {
			work.Go(func() {
				errs[i] = s.another(nothing).Hold(t.Context(), archive.Hold{Name: name, ID: "7", By: strconv.Itoa(i)})
			})
		}
		work.Wait()
		s.oneHold(name, errs)
	}
}

// oneHold: one has put its hold, and it is there; the others were told.
func (s *shelf) oneHold(name string, errs []error) {
	s.t.Helper()
	holds, err := s.Holds(s.t.Context(), name)
	if err != nil {
		s.t.Fatal(err)
	}
	var won []string
	for i, err := range errs {
		switch {
		case err == nil:
			won = append(won, strconv.Itoa(i))
		case !errors.Is(err, archive.ErrHold):
			s.t.Errorf("%s: %d: %v", name, i, err)
		}
	}
	if len(won) != 1 || len(holds) != 1 || holds[0].By != won[0] {
		s.t.Errorf("%s: %q have put it, there is %+v", name, won, holds)
	}
}

// TestHoldInHold puts a hold at each step of another one of the same ID, and ends in time.
func TestHoldInHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for at := 1; ; at++ {
			s := newShelf(t)
			s.record(call, sound(10))
			s.move(call)
			steps, errs := 0, make([]error, 2)
			errs[0] = s.another(func(string) error {
				if steps++; steps == at {
					errs[1] = s.another(nothing).Hold(t.Context(), archive.Hold{Name: call, ID: "7", By: "1"})
				}
				return nil
			}).Hold(t.Context(), archive.Hold{Name: call, ID: "7", By: "0"})
			if steps < at {
				break
			}
			s.oneHold(call, errs)
		}
	})
}

// TestHoldOfADeadProgram keeps others from the same ID, with an error, until Tidy removes what it has left; a hold that fails at the last
// step is there, and putting it again says so.
func TestHoldOfADeadProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		died := errors.New("died")
		for at := 1; ; at++ {
			s := newShelf(t)
			s.record(call, sound(10))
			s.move(call)
			steps := 0
			hold := archive.Hold{Name: call, ID: "7", By: "court"}
			err := s.another(func(string) error {
				if steps++; steps >= at {
					return died
				}
				return nil
			}).Hold(t.Context(), hold)
			if steps < at {
				break
			}
			if !errors.Is(err, died) {
				t.Errorf("step %d: %v", at, err)
			}
			if err := s.Hold(t.Context(), hold); errors.Is(err, archive.ErrHold) {
				s.now = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC) // files have the time of the disk, not of the bubble
				if _, err := s.another(nothing).Tidy(t.Context(), 0); err != nil {
					t.Errorf("step %d: %v", at, err)
				}
				err = s.Hold(t.Context(), hold)
				if err != nil {
					t.Errorf("step %d: %v", at, err)
				}
			} else if err != nil {
				t.Errorf("step %d: %v", at, err)
			}
			if _, err := s.Delete(t.Context(), archive.Order{Name: call}); !errors.Is(err, archive.ErrHeld) {
				t.Errorf("step %d: %v", at, err)
			}
		}
	})
}

// TestHoldOfAnother is refused, and the one that is there stays; the same one may be put again.
func TestHoldOfAnother(t *testing.T) {
	s := newShelf(t)
	s.record(call, sound(10))
	s.move(call)
	first := archive.Hold{Name: call, ID: "7", By: "court", Reason: "fraud"}
	for _, h := range []struct {
		archive.Hold
		want error
	}{
		{first, nil},
		{first, nil},
		{archive.Hold{Name: call, ID: "7", By: "thief", Reason: "fraud"}, archive.ErrHold},
		{archive.Hold{Name: call, ID: "7", By: "court"}, archive.ErrHold},
		{archive.Hold{Name: call, ID: "8", By: "court"}, nil},
	} {
		if err := s.Hold(t.Context(), h.Hold); !errors.Is(err, h.want) {
			t.Errorf("%+v: %v", h.Hold, err)
		}
	}
	if holds, err := s.Holds(t.Context(), call); err != nil || len(holds) != 2 || holds[0].Reason != "fraud" {
		t.Errorf("%+v, %v", holds, err)
	}
}

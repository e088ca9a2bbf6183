package archive_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"testing"
	"time"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/archive"
)

// another is the archive as another program has it, whose clock is two days ahead, with a step before and after all that it does.
func (s *shelf) another(step func(string) error) *archive.Archive {
	a := *s.Archive
	a.Audit, a.Store = nil, stepped{s.kept, step}
	a.Now = func() time.Time { return s.now.Add(48 * time.Hour) }
	return &a
}

func nothing(string) error { return nil }

// TestTidyWhileMoving lets another program, whose clock goes wrong by days, tidy up at each step of a move: the recording is whole in one
// of the two places, and moving it again finishes that.
func TestTidyWhileMoving(t *testing.T) {
	content, tidied := sound(100_000), 0
	for at := 1; ; at++ {
		s := newShelf(t)
		s.record(call, content)
		steps, when := 0, fmt.Sprintf("step %d", at)
		s.Store = stepped{s.kept, func(string) error {
			if steps++; steps != at {
				return nil
			}
			removed, err := s.another(nothing).Tidy(t.Context(), time.Minute)
			tidied += len(removed)
			return err
		}}
		_, err := s.Move(t.Context(), s.source, call)
		s.Store = s.kept
		if steps < at {
			break
		}
		if _, left := os.Stat(s.sourceDir + "/" + call); err != nil && left != nil {
			t.Errorf("%s: the source is gone: %v", when, err)
		}
		if _, kept := s.read(call); err == nil && kept != nil {
			t.Errorf("%s: it is lost: %v", when, kept)
		}
		s.move(call)
		checkDone(t, s, content)
	}
	if tidied < 4 {
		t.Errorf("only %d files were removed", tidied)
	}
}

// TestMoveWhileTidying moves a recording, whose data is left over since days, at each step of a Tidy of another program.
func TestMoveWhileTidying(t *testing.T) {
	content, refused := sound(100_000), 0
	for at := 1; ; at++ {
		s := newShelf(t)
		s.record(call, content)
		s.overwrite("data/"+call, content)
		steps, when := 0, fmt.Sprintf("step %d", at)
		_, err := s.another(func(string) error {
			if steps++; steps != at {
				return nil
			}
			_, err := s.Move(t.Context(), s.source, call)
			if errors.Is(err, archive.ErrTidied) {
				refused++
			} else if err != nil {
				t.Errorf("%s: %v", when, err)
			}
			return nil
		}).Tidy(t.Context(), time.Minute)
		if steps < at {
			break
		}
		if err != nil {
			t.Errorf("%s: %v", when, err)
		}
		if _, left := os.Stat(s.sourceDir + "/" + call); left != nil {
			s.holds(call, content)
		}
		s.move(call)
		checkDone(t, s, content)
	}
	if refused < 2 {
		t.Errorf("only %d moves met the Tidy", refused)
	}
}

// TestTidyFails at each step, and as it does when the connection is lost, also after the server has done what was asked for: what is
// left is removed by the next one.
func TestTidyFails(t *testing.T) {
	lost := fmt.Errorf("%w: it is cut", recording.ErrConnection)
	for at := 1; ; at++ {
		s := newShelf(t)
		s.overwrite("data/"+call, sound(10))
		steps := 0
		_, err := s.another(func(string) error {
			if steps++; steps == at {
				return lost
			}
			return nil
		}).Tidy(t.Context(), 0)
		if steps < at {
			break
		}
		if !errors.Is(err, recording.ErrConnection) {
			t.Errorf("step %d: %v", at, err)
		}
		if _, err := s.another(nothing).Tidy(t.Context(), 0); err != nil {
			t.Errorf("step %d: %v", at, err)
		}
		if found := s.findings(); found != "" {
			t.Errorf("step %d: %s", at, found)
		}
	}
}

// TestTidyLeavesWhatIsYoung, whatever it is asked for, and what has no time.
func TestTidyLeavesWhatIsYoung(t *testing.T) {
	s := newShelf(t)
	s.overwrite("data/x.wav.12345678.part", []byte("x"))
	s.overwrite("data/nobody.wav", []byte("x"))
	s.now = time.Now().Add(archive.MinTidy - time.Hour)
	if removed, err := s.Tidy(t.Context(), time.Second); err != nil || len(removed) > 0 {
		t.Errorf("%q, %v", removed, err)
	}
	s.now = time.Now().Add(archive.MinTidy + time.Hour)
	s.Store = timeless{s.kept}
	if removed, err := s.Tidy(t.Context(), time.Second); err != nil || len(removed) > 0 {
		t.Errorf("%q, %v", removed, err)
	}
}

// TestMissingDataIsStoredAgain while the source is there, in plain and encrypted, and not once a deletion was ordered.
func TestMissingDataIsStoredAgain(t *testing.T) {
	for _, encrypted := range []bool{false, true} {
		s := newShelf(t)
		s.Keep = time.Hour
		if encrypted {
			s.encrypt()
		}
		content := sound(1000)
		s.record(call, content)
		first := s.move(call)
		s.record(call, content)
		if err := os.Remove(s.path(first.Data)); err != nil {
			t.Fatal(err)
		}
		s.now = s.now.Add(time.Minute)
		again := s.move(call)
		if !again.KeepUntil.Equal(first.KeepUntil) || !again.Archived.Equal(first.Archived) || again.SHA256 != first.SHA256 {
			t.Errorf("%+v instead of %+v", again, first)
		}
		checkDone(t, s, content)
		s.record(call, content)
		died := errors.New("died")
		a := s.another(nothing)
		a.Store = stepped{s.kept, func(what string) error {
			if what == "after delete" {
				return died
			}
			return nil
		}}
		if _, err := a.Delete(t.Context(), archive.Order{Name: call, Early: true}); !errors.Is(err, died) {
			t.Fatal(err)
		}
		if _, err := s.Move(t.Context(), s.source, call); !errors.Is(err, archive.ErrDeleted) {
			t.Errorf("what is being deleted is stored again: %v", err)
		}
		if _, err := s.Store.Stat(t.Context(), again.Data); !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	}
}

// timeless is a store that tells no times.
type timeless struct{ recording.Store }

func (s timeless) Stat(ctx context.Context, name string) (recording.Info, error) {
	info, err := s.Store.Stat(ctx, name)
	info.Time = time.Time{}
	return info, err
}

func (s timeless) List(ctx context.Context, prefix string) iter.Seq2[recording.Info, error] {
	return func(yield func(recording.Info, error) bool) {
		for info, err := range s.Store.List(ctx, prefix) {
			info.Time = time.Time{}
			if !yield(info, err) {
				return
			}
		}
	}
}

package storetest

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/asterism-go/asterism/recording"
)

func testPut(t *testing.T, s Subject) {
	for i, size := range []int64{0, 1, 32768, 5<<20 + 3} {
		data := content(int(size), uint64(i))
		for name, told := range map[string]int64{"new/folder/known.wav": size, "new/unknown.wav": -1, "top.wav": size} {
			if err := s.Store.Put(t.Context(), name, bytes.NewReader(data), told); err != nil {
				t.Errorf("Put(%q) of %d bytes: %v", name, size, err)
				continue
			}
			s.holds(t, name, data)
			info, err := s.Store.Stat(t.Context(), name)
			if err != nil || info.Size != size || !recent(info.Time) {
				t.Errorf("Stat(%q) = %+v, %v; want size %d", name, info, err, size)
			}
		}
	}
	// The reader gives its bytes in its own way.
	data := content(70_001, 9)
	check(t, s.Store.Put(t.Context(), "slow.wav", iotest.DataErrReader(iotest.HalfReader(bytes.NewReader(data))), int64(len(data))))
	s.holds(t, "slow.wav", data)
	for _, name := range oddNames {
		if err := s.Store.Put(t.Context(), "odd/"+name, bytes.NewReader([]byte(name)), -1); err != nil {
			t.Errorf("Put(%q): %v", name, err)
		}
		s.holds(t, "odd/"+name, []byte(name))
	}
	if got := s.names(t, ""); !slices.Equal(got, []string{"new/", "odd/", "slow.wav", "top.wav"}) {
		t.Errorf("the store has %q", got)
	}
}

func testPutReplaces(t *testing.T, s Subject) {
	for _, size := range []int{1000, 100, 0, 5000} {
		data := content(size, uint64(size))
		check(t, s.Store.Put(t.Context(), "day/a.wav", bytes.NewReader(data), int64(size)))
		s.holds(t, "day/a.wav", data)
	}
	if got := s.names(t, "day/"); !slices.Equal(got, []string{"day/a.wav"}) {
		t.Errorf("the folder has %q", got)
	}
	if s.NoFolders {
		return
	}
	if err := s.Store.Put(t.Context(), "day", bytes.NewReader([]byte("x")), 1); err == nil {
		t.Error("a folder was replaced by a file")
	}
	s.holds(t, "day/a.wav", content(5000, 5000))
}

func testPutFails(t *testing.T, s Subject) {
	old, data := []byte("old"), content(300_000, 4)
	broken := errors.New("the source is broken")
	check(t, s.Store.Put(t.Context(), "day/old.wav", bytes.NewReader(old), 3))
	for _, name := range []string{"day/old.wav", "day/new.wav"} {
		for _, c := range []struct {
			what string
			r    io.Reader
			size int64
			want error
		}{
			{"a byte too few", bytes.NewReader(data), int64(len(data)) + 1, recording.ErrSize},
			{"a byte too many", bytes.NewReader(data), int64(len(data)) - 1, recording.ErrSize},
			{"something for nothing", bytes.NewReader(data), 0, recording.ErrSize},
			{"nothing", bytes.NewReader(nil), 10, recording.ErrSize},
			{"broken", io.MultiReader(bytes.NewReader(data), iotest.ErrReader(broken)), -1, broken},
			{"broken at the end", io.MultiReader(bytes.NewReader(data), iotest.ErrReader(broken)), int64(len(data)), broken},
			{"broken from the start", iotest.ErrReader(broken), 10, broken},
		} {
			if err := s.Store.Put(t.Context(), name, c.r, c.size); !errors.Is(err, c.want) {
				t.Errorf("Put(%q) of %s: %v, want %v", name, c.what, err, c.want)
			}
		}
	}
	s.holds(t, "day/old.wav", old)
	if got := s.names(t, "day/"); !slices.Equal(got, []string{"day/old.wav"}) {
		t.Errorf("the folder has %q", got)
	}
	if err := s.Store.Put(t.Context(), "day/old.wav/below.wav", bytes.NewReader(old), 3); err == nil && !s.NoFolders {
		t.Error("a file was put below a file")
	}
	s.holds(t, "day/old.wav", old)
}

func testDelete(t *testing.T, s Subject) {
	for _, name := range []string{"day/a.wav", "day/b.wav", "c.wav"} {
		s.plant(t, name, []byte(name))
	}
	check(t, s.Store.Delete(t.Context(), "day/a.wav"))
	check(t, s.Store.Delete(t.Context(), "c.wav"))
	if _, err := s.Store.Stat(t.Context(), "day/a.wav"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Stat of what was deleted: %v", err)
	}
	for _, name := range []string{"day/a.wav", "c.wav", "nothing/x.wav"} {
		if err := s.Store.Delete(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Delete(%q): %v, want fs.ErrNotExist", name, err)
		}
	}
	if err := s.Store.Delete(t.Context(), "day"); err == nil {
		t.Error("a folder was deleted")
	}
	s.holds(t, "day/b.wav", []byte("day/b.wav"))
	check(t, s.Store.Delete(t.Context(), "day/b.wav"))
}

// testReadOnly tells whether a store says that it cannot be written to.
func testReadOnly(t *testing.T, s Subject) {
	s.plant(t, "a.wav", []byte("a"))
	if err := s.Store.Put(t.Context(), "b.wav", bytes.NewReader([]byte("b")), 1); !errors.Is(err, recording.ErrUnsupported) {
		t.Errorf("Put: %v, want ErrUnsupported", err)
	}
	s.holds(t, "a.wav", []byte("a"))
}

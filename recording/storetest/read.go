package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"
	"testing"

	"github.com/asterism-go/asterism/recording"
)

func testRead(t *testing.T, s Subject) {
	for i, size := range []int{0, 1, 4096, 1<<20 + 7} {
		name, data := fmt.Sprintf("2026/11/25/in-%d.wav", i), content(size, 1)
		s.plant(t, name, data)
		s.holds(t, name, data)
		info, err := s.Store.Stat(t.Context(), name)
		check(t, err)
		if info.Name != name || info.Size != int64(size) || info.Dir || !recent(info.Time) {
			t.Errorf("Stat(%q) = %+v, want size %d", name, info, size)
		}
	}
	info, err := s.Store.Stat(t.Context(), "2026/11")
	if !s.NoFolders && (err != nil || !info.Dir || info.Name != "2026/11") {
		t.Errorf("Stat of a folder = %+v, %v", info, err)
	}
}

func testRanges(t *testing.T, s Subject) {
	const size = 300_000
	data := content(size, 2)
	s.plant(t, "a.wav", data)
	for _, c := range []struct{ off, n, from, to int64 }{
		{0, -1, 0, size},
		{0, 0, 0, 0},
		{0, 1, 0, 1},
		{1, 1, 1, 2},
		{32767, 2, 32767, 32769},
		{100_000, 100_000, 100_000, 200_000},
		{250_000, -1, 250_000, size},
		{250_000, 100_000, 250_000, size},
		{size - 1, -1, size - 1, size},
		{size, -1, size, size},
		{size, 10, size, size},
		{size + 10, -1, size, size},
		{size + 10, 10, size, size},
	} {
		got, err := s.read(t.Context(), "a.wav", c.off, c.n)
		if err != nil || !bytes.Equal(got, data[c.from:c.to]) {
			t.Errorf("Open(%d, %d) gives %d bytes, %v; want %d to %d", c.off, c.n, len(got), err, c.from, c.to)
		}
	}
	// Closed early, many times: nothing is used up by it.
	for range 20 {
		rc, err := s.Store.Open(t.Context(), "a.wav", 10, -1)
		check(t, err)
		first := make([]byte, 5)
		_, err = io.ReadFull(rc, first)
		if err != nil || !bytes.Equal(first, data[10:15]) {
			t.Fatalf("first bytes are %v, %v", first, err)
		}
		check(t, rc.Close())
	}
	s.holds(t, "a.wav", data)
}

func testList(t *testing.T, s Subject) {
	for _, name := range []string{
		"2026/11/25/in-200.wav", "2026/11/25/in-201.wav", "2026/11/25/out-1.wav", "2026/11/25/sub/deep.wav",
		"2026/11/24/in-200.wav", "top.wav", "zebra/x.wav",
	} {
		s.plant(t, name, []byte(name))
	}
	for _, c := range []struct {
		prefix string
		want   []string
	}{
		{"", []string{"2026/", "top.wav", "zebra/"}},
		{"2026/11/25/", []string{"2026/11/25/in-200.wav", "2026/11/25/in-201.wav", "2026/11/25/out-1.wav", "2026/11/25/sub/"}},
		{"2026/11/25/in-", []string{"2026/11/25/in-200.wav", "2026/11/25/in-201.wav"}},
		{"2026/11/2", []string{"2026/11/24/", "2026/11/25/"}},
		{"t", []string{"top.wav"}},
		{"2026/11/25/nothing", nil},
		{"2025/01/01/", nil},
		{"2026/11/26/in-", nil},
	} {
		if got := s.names(t, c.prefix); !slices.Equal(got, c.want) {
			t.Errorf("List(%q) gives %q, want %q", c.prefix, got, c.want)
		}
	}
	for info, err := range s.Store.List(t.Context(), "2026/11/25/in-") {
		if size := int64(len(info.Name)); err != nil || info.Size != size && !s.NoSizes || !recent(info.Time) {
			t.Errorf("List tells %+v, %v; want size %d", info, err, size)
		}
		break // leaving early is allowed
	}
}

// Names that have a meaning to some protocol or shell, and are just names.
var oddNames = []string{
	"with space.wav", "two  spaces.wav", "-rf.wav", "100%25.wav", "plus+.wav", "q?.wav", "star*.wav", "[x].wav", "{a,b}.wav", "~root.wav",
	"'quoted'.wav", `"double".wav`, "semi;colon.wav", "amp&.wav", "hash#1.wav", "$HOME.wav", "a:b.wav", "Grüße.wav", "καλημέρα.wav",
	"سلام.wav", "..wav", "...wav", ".hidden.wav", "a -> b.wav", "comma,.wav", "at@host.wav", "a|b.wav", "<x>.wav",
}

func testNames(t *testing.T, s Subject) {
	want := slices.Clone(oddNames)
	for _, name := range want {
		s.plant(t, "odd/"+name, []byte(name))
	}
	s.plant(t, "deep/"+long+"/"+long, []byte("long"))
	s.holds(t, "deep/"+long+"/"+long, []byte("long"))
	for _, name := range want {
		s.holds(t, "odd/"+name, []byte(name))
		info, err := s.Store.Stat(t.Context(), "odd/"+name)
		if err != nil || info.Size != int64(len(name)) {
			t.Errorf("Stat(%q) = %+v, %v", name, info, err)
		}
	}
	for i := range want {
		want[i] = "odd/" + want[i]
	}
	slices.Sort(want)
	if got := s.names(t, "odd/"); !slices.Equal(got, want) {
		t.Errorf("List gives %q, want %q", got, want)
	}
}

func testMissing(t *testing.T, s Subject) {
	s.plant(t, "2026/a.wav", []byte("a"))
	for _, name := range []string{"nothing.wav", "2026/b.wav", "2025/a.wav", "2026/a.wav/b.wav"} {
		if _, err := s.Store.Stat(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Stat(%q): %v, want fs.ErrNotExist", name, err)
		}
		_, err := s.read(t.Context(), name, 0, -1)
		var told *recording.StoreError
		if !errors.Is(err, fs.ErrNotExist) || !errors.As(err, &told) || told.Name != name || recording.SafeToRetry(err) {
			t.Errorf("Open(%q): %v, want a StoreError of fs.ErrNotExist", name, err)
		}
	}
	if _, err := s.read(t.Context(), "2026", 0, -1); err == nil {
		t.Error("a folder was read as a file")
	}
}

func testCancel(t *testing.T, s Subject) {
	data := content(3<<20, 3)
	s.plant(t, "a.wav", data)
	s.holds(t, "a.wav", data)
	ctx, cancel := context.WithCancel(t.Context())
	rc, err := s.Store.Open(ctx, "a.wav", 0, -1)
	check(t, err)
	_, err = io.ReadFull(rc, make([]byte, 10))
	check(t, err)
	cancel()
	if n, err := io.Copy(io.Discard, rc); !errors.Is(err, context.Canceled) {
		t.Errorf("reading on gives %d bytes, %v; want context.Canceled", n, err)
	}
	_ = rc.Close() // may say so once more
	if _, err := s.read(ctx, "a.wav", 0, -1); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: %v, want context.Canceled", err)
	}
	if _, err := s.Store.Stat(ctx, "a.wav"); !errors.Is(err, context.Canceled) {
		t.Errorf("Stat: %v, want context.Canceled", err)
	}
	for _, err := range s.Store.List(ctx, "") {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("List: %v, want context.Canceled", err)
		}
	}
	if err := s.Store.Put(ctx, "b.wav", bytes.NewReader(data), -1); !errors.Is(err, context.Canceled) && !s.ReadOnly {
		t.Errorf("Put: %v, want context.Canceled", err)
	}
	if err := s.Store.Delete(ctx, "a.wav"); !errors.Is(err, context.Canceled) && !s.ReadOnly {
		t.Errorf("Delete: %v, want context.Canceled", err)
	}
	s.holds(t, "a.wav", data)
	if got := s.names(t, "b"); got != nil {
		t.Errorf("the cancelled Put has left %q", got)
	}
}

func testParallel(t *testing.T, s Subject) {
	const files = 12
	for i := range files {
		s.plant(t, fmt.Sprintf("p/%02d.wav", i), content(100_000, uint64(i)))
	}
	var all sync.WaitGroup
	for i := range files {
		all.Go(func() {
			name := fmt.Sprintf("p/%02d.wav", i)
			s.holds(t, name, content(100_000, uint64(i)))
			if got := s.names(t, "p/"); len(got) < files {
				t.Errorf("List gives %q", got)
			}
			if s.ReadOnly {
				return
			}
			if err := s.Store.Put(t.Context(), "q/"+name, bytes.NewReader(content(50_000, uint64(i))), -1); err != nil {
				t.Error(err)
			}
			s.holds(t, "q/"+name, content(50_000, uint64(i)))
		})
	}
	all.Wait()
}

func testClosed(t *testing.T, s Subject) {
	s.plant(t, "a.wav", []byte("a"))
	s.holds(t, "a.wav", []byte("a"))
	check(t, s.Store.Close())
	if _, err := s.read(t.Context(), "a.wav", 0, -1); !errors.Is(err, recording.ErrClosed) {
		t.Errorf("Open: %v, want ErrClosed", err)
	}
	if _, err := s.Store.Stat(t.Context(), "a.wav"); !errors.Is(err, recording.ErrClosed) {
		t.Errorf("Stat: %v, want ErrClosed", err)
	}
	told := false
	for _, err := range s.Store.List(t.Context(), "") {
		told = errors.Is(err, recording.ErrClosed)
	}
	if !told {
		t.Error("List does not say ErrClosed")
	}
}

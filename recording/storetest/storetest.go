// Package storetest tests that a store of recordings does what [recording.Store] says, with the attacks on its root that it must
// withstand. Every store of this house passes it; so should one of your own:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) storetest.Subject { ... })
//	}
package storetest

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/recording"
)

// Subject is a store to test, and what there is of it beside.
type Subject struct {
	// Store is empty. The suite closes it.
	Store recording.Store
	// Dir is the folder on this machine that the store shows, if there is one: the suite puts links and pipes into it. It must
	// be the folder "root" of a folder that the suite has for itself: the files that nobody may reach lie in that one.
	Dir string
	// Plant puts a file there behind the back of the store. Default: a file in Dir, or Store.Put without one.
	Plant func(t *testing.T, name string, content []byte)
	// NoLinks is a store whose server follows links by itself, and where nobody can see that: nothing is tested of them.
	NoLinks bool
	// ReadOnly is a store that can neither put nor delete: it says ErrUnsupported.
	ReadOnly bool
	// NoFolders is a store that has files only, as S3: Stat does not know folders.
	NoFolders bool
	// NoSizes is a store whose listings have no sizes.
	NoSizes bool
}

// Run tests the stores that open makes, one for each test.
func Run(t *testing.T, open func(t *testing.T) Subject) {
	t.Helper()
	for _, test := range []struct {
		name   string
		run    func(t *testing.T, s Subject)
		writes bool // it puts or deletes
	}{
		{"Read", testRead, false},
		{"Ranges", testRanges, false},
		{"List", testList, false},
		{"Names", testNames, false},
		{"Missing", testMissing, false},
		{"Attacks", testAttacks, false},
		{"Links", testLinks, false},
		{"Cancel", testCancel, false},
		{"Parallel", testParallel, false},
		{"Closed", testClosed, false},
		{"Put", testPut, true},
		{"PutReplaces", testPutReplaces, true},
		{"PutFails", testPutFails, true},
		{"PutLinks", testPutLinks, true},
		{"Delete", testDelete, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t)
			t.Cleanup(func() { _ = s.Store.Close() })
			if test.writes && s.ReadOnly {
				testReadOnly(t, s)
				return
			}
			test.run(t, s)
		})
	}
}

// plant puts a file there.
func (s Subject) plant(t *testing.T, name string, content []byte) {
	t.Helper()
	switch {
	case s.Plant != nil:
		s.Plant(t, name, content)
	case s.Dir != "":
		file := filepath.Join(s.Dir, filepath.FromSlash(name))
		mkdirAll(t, s.Dir, filepath.Dir(file))
		check(t, os.WriteFile(file, content, 0o666))
		check(t, os.Chmod(file, 0o666))
	default:
		check(t, s.Store.Put(t.Context(), name, bytes.NewReader(content), int64(len(content))))
	}
}

// mkdirAll makes folders that everybody may write to: the store may be served by another user.
func mkdirAll(t *testing.T, root, dir string) {
	t.Helper()
	if dir == root {
		return
	}
	mkdirAll(t, root, filepath.Dir(dir))
	check(t, os.MkdirAll(dir, 0o777))
	check(t, os.Chmod(dir, 0o777))
}

// read reads a range.
func (s Subject) read(ctx context.Context, name string, off, n int64) ([]byte, error) {
	rc, err := s.Store.Open(ctx, name, off, n)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(rc)
	if closing := rc.Close(); err == nil {
		err = closing
	}
	return data, err
}

// holds tells whether a file has this content, and says so if not.
func (s Subject) holds(t *testing.T, name string, want []byte) {
	t.Helper()
	got, err := s.read(t.Context(), name, 0, -1)
	if err != nil {
		t.Errorf("reading %q: %v", name, err)
		return
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%q has %d bytes (first difference at %d), want %d", name, len(got), difference(got, want), len(want))
	}
}

// names lists names.
func (s Subject) names(t *testing.T, prefix string) []string {
	t.Helper()
	var names []string
	for info, err := range s.Store.List(t.Context(), prefix) {
		if err != nil {
			t.Errorf("listing %q: %v", prefix, err)
			return names
		}
		if info.Dir {
			info.Name += "/"
		}
		names = append(names, info.Name)
	}
	return names
}

// content makes bytes that are the same for the same seed.
func content(n int, seed uint64) []byte {
	data := make([]byte, n)
	random := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	_, _ = random.Read(data) // never fails
	return data
}

func difference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// recent tells whether a time is about now; zero is unknown. Listings of FTP have no year and no zone.
func recent(at time.Time) bool {
	return at.IsZero() || time.Since(at).Abs() < 26*time.Hour
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// long is a name of 200 bytes.
var long = strings.Repeat("a", 196) + ".wav"

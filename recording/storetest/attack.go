package storetest

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/recording"
)

// attacks are names that must not be asked for.
var attacks = []string{
	"", ".", "..", "/", "//", "/etc/passwd", "/secret.wav", "//secret.wav", "../secret.wav", "./a.wav", "a/../../secret.wav", "a/./b.wav",
	"a/..", "a/.", "a//b.wav", "a/", "/a/", "..\\secret.wav", "a\\..\\..\\secret.wav", "\\secret.wav", "\\\\host\\share\\x", "C:\\x.wav",
	"a.wav\x00", "a.wav\x00.txt", "..\x00/secret.wav", "a.wav\r\nDELE secret.wav", "a.wav\nDELE secret.wav", "a.wav\r", "\ra.wav",
	"a\x7f.wav", "a\x01.wav", "a\x1b[2J.wav", "a\u0085b.wav", "a\u2028b.wav", "a\xff.wav", "\xc0\xae\xc0\xae/secret.wav",
	"../" + "root2/secret.wav", "a/../../root/../secret.wav", strings.Repeat("../", 40) + "etc/passwd",
	strings.Repeat("a", recording.MaxElement+1), strings.Repeat("abcdefgh/", 200) + "x",
}

// secret is what nobody may reach.
var secret = []byte("not for you")

// outside lays the secrets out: beside the root, and in a folder whose name begins with that of the root.
func outside(t *testing.T, s Subject) (untouched func()) {
	t.Helper()
	if s.Dir == "" {
		return func() {}
	}
	up := filepath.Dir(s.Dir)
	mkdirAll(t, up, filepath.Join(up, "root2"))
	files := []string{filepath.Join(up, "secret.wav"), filepath.Join(up, "root2", "secret.wav")}
	for _, file := range files {
		check(t, os.WriteFile(file, secret, 0o666))
		check(t, os.Chmod(file, 0o666)) // only the store stands before it
	}
	before := tree(t, up, s.Dir)
	return func() {
		t.Helper()
		if after := tree(t, up, s.Dir); !slices.Equal(before, after) {
			t.Errorf("outside the root there was %q and is %q", before, after)
		}
	}
}

// tree is all that is below a folder, but for one, with its content.
func tree(t *testing.T, dir, without string) []string {
	t.Helper()
	var all []string
	check(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path == without:
			return filepath.SkipDir
		case d.Type().IsRegular():
			text, err := os.ReadFile(path)
			all = append(all, path+" "+string(text))
			return err
		}
		all = append(all, path)
		return nil
	}))
	return all
}

func testAttacks(t *testing.T, s Subject) {
	s.plant(t, "a/b.wav", []byte("b"))
	s.plant(t, "a.wav", []byte("a"))
	untouched := outside(t, s)
	for _, name := range attacks {
		s.refuses(t, name, recording.ErrUnsafeName)
	}
	for _, prefix := range []string{
		"/", "..", "../", "../root2/", "a/../../", "a/..", "./", "a//", "//", "\\", "a\\", "a/\x00", "a\r\nDELE a.wav\r\n", "a\n/", "/etc/",
		strings.Repeat("a", recording.MaxElement+1),
	} {
		for info, err := range s.Store.List(t.Context(), prefix) {
			if !errors.Is(err, recording.ErrUnsafeName) {
				t.Errorf("List(%q) gives %+v, %v; want ErrUnsafeName", prefix, info, err)
			}
		}
	}
	untouched()
	s.holds(t, "a.wav", []byte("a"))
	s.holds(t, "a/b.wav", []byte("b"))
}

// refuses tells whether nothing can be done with a name.
func (s Subject) refuses(t *testing.T, name string, want error) {
	t.Helper()
	if data, err := s.read(t.Context(), name, 0, -1); !errors.Is(err, want) {
		t.Errorf("Open(%q) gives %q, %v; want %v", name, data, err, want)
	}
	if info, err := s.Store.Stat(t.Context(), name); !errors.Is(err, want) {
		t.Errorf("Stat(%q) gives %+v, %v; want %v", name, info, err, want)
	}
	if s.ReadOnly {
		return
	}
	if err := s.Store.Put(t.Context(), name, bytes.NewReader([]byte("evil")), 4); !errors.Is(err, want) {
		t.Errorf("Put(%q): %v, want %v", name, err, want)
	}
	if err := s.Store.Delete(t.Context(), name); !errors.Is(err, want) {
		t.Errorf("Delete(%q): %v, want %v", name, err, want)
	}
}

// testLinks lays links that lead out of the root, and pipes.
func testLinks(t *testing.T, s Subject) {
	if s.Dir == "" || s.NoLinks {
		t.Log("the store has no links, or none that could be seen")
		return
	}
	s.plant(t, "day/in.wav", []byte("inside"))
	untouched := outside(t, s)
	up := filepath.Dir(s.Dir)
	for name, target := range map[string]string{
		"abs.wav":       filepath.Join(up, "secret.wav"),
		"rel.wav":       "../secret.wav",
		"chain.wav":     "rel.wav",
		"up":            "..",
		"folder":        filepath.Join(up, "root2"),
		"day/rel.wav":   "../../secret.wav",
		"day/passwd":    "/etc/passwd",
		"day/slash":     "/",
		"loop":          "loop",
		"good.wav":      "day/in.wav",
		"goodfolder":    "day",
		"day/back.wav":  "../day/in.wav",
		"dangling.wav":  "day/nothing.wav",
		"almost2.wav":   filepath.Join(s.Dir+"2", "secret.wav"), // a path that begins as the root does
		"day/again.wav": "../up/secret.wav",
	} {
		check(t, os.Symlink(target, filepath.Join(s.Dir, filepath.FromSlash(name))))
	}
	makePipe(t, filepath.Join(s.Dir, "pipe.wav"))
	for _, name := range []string{
		"abs.wav", "rel.wav", "chain.wav", "up/secret.wav", "folder/secret.wav", "day/rel.wav", "day/passwd", "day/slash/etc/passwd", "almost2.wav",
		"day/again.wav", "pipe.wav", "folder", "up",
	} {
		if data, err := s.read(t.Context(), name, 0, -1); err == nil || data != nil {
			t.Errorf("Open(%q) gives %q, %v; want an error", name, data, err)
		}
		info, err := s.Store.Stat(t.Context(), name)
		if !errors.Is(err, recording.ErrOutside) && (name != "pipe.wav" || !errors.Is(err, fs.ErrNotExist)) {
			t.Errorf("Stat(%q) gives %+v, %v; want ErrOutside", name, info, err)
		}
	}
	if data, err := s.read(t.Context(), "loop", 0, -1); err == nil || data != nil {
		t.Errorf("Open of a loop gives %q, %v; want an error", data, err)
	}
	s.listsNoLinks(t)
	untouched()
}

func (s Subject) listsNoLinks(t *testing.T) {
	t.Helper()
	for _, prefix := range []string{"folder/", "up/", "day/slash/", "up/root2/"} {
		if got := s.list(t, prefix); got != nil {
			t.Errorf("List(%q) gives %q, want nothing", prefix, got)
		}
	}
	for _, name := range []string{"good.wav", "goodfolder/in.wav", "day/back.wav"} {
		s.holds(t, name, []byte("inside"))
	}
	for prefix, want := range map[string][]string{
		"":            {"day/", "good.wav", "goodfolder/"},
		"day/":        {"day/back.wav", "day/in.wav"},
		"goodfolder/": {"goodfolder/back.wav", "goodfolder/in.wav"},
	} {
		if got := s.names(t, prefix); !slices.Equal(got, want) {
			t.Errorf("List(%q) gives %q, want %q", prefix, got, want)
		}
	}
}

// list lists names; an error, which must be ErrOutside, is none.
func (s Subject) list(t *testing.T, prefix string) []string {
	t.Helper()
	var names []string
	for info, err := range s.Store.List(t.Context(), prefix) {
		switch {
		case err == nil:
			names = append(names, info.Name)
		case !errors.Is(err, recording.ErrOutside):
			t.Errorf("List(%q): %v, want ErrOutside", prefix, err)
		}
	}
	return names
}

// testPutLinks puts and deletes by way of links that lead out.
func testPutLinks(t *testing.T, s Subject) {
	if s.Dir == "" || s.NoLinks {
		t.Log("the store has no links, or none that could be seen")
		return
	}
	s.plant(t, "day/in.wav", []byte("inside"))
	untouched := outside(t, s)
	for name, target := range map[string]string{
		"rel.wav": "../secret.wav", "up": "..", "folder": "../root2", "new.wav": "../new.wav", "good.wav": "day/in.wav", "goodfolder": "day",
	} {
		check(t, os.Symlink(target, filepath.Join(s.Dir, name)))
	}
	for _, name := range []string{"up/secret.wav", "up/evil.wav", "folder/secret.wav", "folder/evil.wav", "folder/new/evil.wav"} {
		if err := s.Store.Put(t.Context(), name, bytes.NewReader([]byte("evil")), 4); !errors.Is(err, recording.ErrOutside) {
			t.Errorf("Put(%q): %v, want ErrOutside", name, err)
		}
	}
	for _, name := range []string{"up/secret.wav", "folder/secret.wav", "rel.wav", "up", "folder", "good.wav"} {
		if err := s.Store.Delete(t.Context(), name); err == nil {
			t.Errorf("Delete(%q) succeeds", name)
		}
	}
	for _, name := range []string{"rel.wav", "new.wav"} { // the link may be replaced, what it leads to may not
		_ = s.Store.Put(t.Context(), name, bytes.NewReader([]byte("evil")), 4)
	}
	check(t, s.Store.Put(t.Context(), "goodfolder/new.wav", bytes.NewReader([]byte("new")), 3))
	s.holds(t, "day/new.wav", []byte("new"))
	s.holds(t, "day/in.wav", []byte("inside"))
	untouched()
}

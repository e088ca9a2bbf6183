package recording

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// faulty is a store with one file, whose connections break.
type faulty struct {
	mu      sync.Mutex
	content []byte
	time    time.Time
	cut     []int // after how many bytes the next connections break; then they hold
	opens   int
	onOpen  func(s *faulty)
}

func (s *faulty) Open(_ context.Context, _ string, off, n int64) (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opens++
	if s.onOpen != nil {
		s.onOpen(s)
	}
	if s.content == nil {
		return nil, fs.ErrNotExist
	}
	rest := s.content[min(off, int64(len(s.content))):]
	if n >= 0 {
		rest = rest[:min(n, int64(len(rest)))]
	}
	if len(s.cut) == 0 {
		return io.NopCloser(bytes.NewReader(rest)), nil
	}
	broken := io.MultiReader(bytes.NewReader(rest[:min(s.cut[0], len(rest))]), cutReader{})
	s.cut = s.cut[1:]
	return io.NopCloser(broken), nil
}

type cutReader struct{}

func (cutReader) Read([]byte) (int, error) { return 0, fmt.Errorf("%w: cut", ErrConnection) }

func (s *faulty) Stat(_ context.Context, name string) (Info, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.content == nil {
		return Info{}, fs.ErrNotExist
	}
	return Info{Name: name, Size: int64(len(s.content)), Time: s.time}, nil
}

func (*faulty) List(context.Context, string) iter.Seq2[Info, error] { panic("not asked for") }
func (*faulty) Put(context.Context, string, io.Reader, int64) error { panic("not asked for") }
func (*faulty) Delete(context.Context, string) error                { panic("not asked for") }
func (*faulty) Close() error                                        { return nil }
func newFaulty(size int, cut ...int) *faulty {
	return &faulty{content: bytes.Repeat([]byte("recording "), size/10), time: time.Now().Add(-time.Hour), cut: cut}
}

func get(t *testing.T, store Store, change func(d *Download)) (Downloaded, string, error) {
	t.Helper()
	d := Download{Store: store, Name: "a.wav", To: filepath.Join(t.TempDir(), "deep", "a.wav"), Wait: time.Millisecond}
	if change != nil {
		change(&d)
	}
	done, err := d.Run(t.Context())
	return done, d.To, err
}

// holds tells whether a file is there and right, and nothing beside it.
func holds(t *testing.T, file string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes are there, %v; want %d", len(got), err, len(want))
	}
	if left, _ := filepath.Glob(file + ".*"); len(left) > 0 {
		t.Errorf("left over: %q", left)
	}
}

func TestDownload(t *testing.T) {
	for _, size := range []int{0, 10, 1_000_000} {
		store := newFaulty(size)
		store.content = append([]byte{}, store.content...)
		var last int64
		done, file, err := get(t, store, func(d *Download) { d.Progress = func(at, _ int64) { last = at } })
		if err != nil {
			t.Fatal(err)
		}
		holds(t, file, store.content)
		if done.SHA256 != sha256.Sum256(store.content) || last != int64(size) || done.Size != int64(size) {
			t.Errorf("done %+v, progress to %d", done, last)
		}
		if info, err := os.Stat(file); err != nil || !info.ModTime().Equal(store.time) {
			t.Errorf("the time is %v, want %v: %v", info.ModTime(), store.time, err)
		}
	}
}

// A connection that breaks again and again: what has come is kept, and there is never a part under the final name.
func TestDownloadBroken(t *testing.T) {
	store := newFaulty(1_000_000, 0, 1000, 1, 0, 0, 500_000, 0, 0, 0, 10)
	done, file, err := get(t, store, func(d *Download) {
		d.Progress = func(int64, int64) {
			if _, err := os.Lstat(d.To); err == nil {
				t.Error("there is a part under the final name")
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	holds(t, file, store.content)
	if done.Connections != 11 {
		t.Errorf("%d connections, want 11", done.Connections)
	}
}

// Attempts without progress come to an end; the next run goes on, if the file is still the same.
func TestDownloadResumed(t *testing.T) {
	to := filepath.Join(t.TempDir(), "a.wav")
	resume := func(d *Download) { d.To, d.Attempts = to, 2 }
	store := newFaulty(1_000_000, 300_000, 0, 0, 0)
	_, _, err := get(t, store, resume)
	if !errors.Is(err, ErrConnection) || !SafeToRetry(err) {
		t.Fatalf("error %v, want ErrConnection", err)
	}
	if _, err := os.Lstat(to); err == nil {
		t.Error("there is a part under the final name")
	}
	store.cut = nil
	done, _, err := get(t, store, resume)
	if err != nil || done.Kept != 300_000 {
		t.Errorf("kept %d, %v; want 300000", done.Kept, err)
	}
	holds(t, to, store.content)

	for name, spoil := range map[string]func(s *faulty){
		"other time": func(s *faulty) { s.time = s.time.Add(time.Second) },
		"other size": func(s *faulty) { s.content = s.content[:900_000] },
		"other content at the seam": func(s *faulty) {
			s.content = append([]byte{}, s.content...)
			s.content[299_000] ^= 1
		},
		"the part is longer": func(*faulty) {
			_ = os.WriteFile(to+PartSuffix, make([]byte, 2_000_000), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := newFaulty(1_000_000, 300_000, 0, 0, 0)
			if _, _, err := get(t, store, resume); !errors.Is(err, ErrConnection) {
				t.Fatalf("error %v, want ErrConnection", err)
			}
			spoil(store)
			store.cut = nil
			done, _, err := get(t, store, resume)
			if err != nil || done.Kept != 0 {
				t.Errorf("kept %d, %v; want 0", done.Kept, err)
			}
			holds(t, to, store.content)
		})
	}
}

func TestDownloadRefused(t *testing.T) {
	other := sha256.Sum256([]byte("something else"))
	for name, c := range map[string]struct {
		store  *faulty
		change func(d *Download)
		want   error
	}{
		"not there": {&faulty{}, nil, fs.ErrNotExist},
		"vanished": {
			&faulty{content: []byte("x"), time: time.Now().Add(-time.Hour), onOpen: func(s *faulty) { s.content = nil }}, nil, fs.ErrNotExist,
		},
		"vanished in the middle": {
			&faulty{
				content: []byte("0123456789"), time: time.Now().Add(-time.Hour), cut: []int{5},
				onOpen: func(s *faulty) {
					if s.opens == 2 {
						s.content = nil
					}
				},
			}, nil, fs.ErrNotExist,
		},
		"shorter now": {
			&faulty{content: []byte("0123456789"), time: time.Now().Add(-time.Hour), onOpen: func(s *faulty) { s.content = s.content[:4] }},
			nil, ErrChanged,
		},
		"another one when it is there": {
			&faulty{content: []byte("0123456789"), time: time.Now().Add(-time.Hour), onOpen: func(s *faulty) { s.time = s.time.Add(time.Minute) }},
			nil, ErrChanged,
		},
		"grows": {
			&faulty{content: []byte("0123456789"), time: time.Now().Add(-time.Hour), onOpen: func(s *faulty) { s.content = append(s.content, 'x') }},
			nil, ErrLive,
		},
		"wrong hash": {newFaulty(1000), func(d *Download) { d.SHA256 = other[:] }, ErrHash},
		"disk full": {newFaulty(1_000_000), func(d *Download) {
			d.create = func(name string) (partFile, error) {
				f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
				return &small{f, 5000}, err
			}
		}, ErrNoSpace},
	} {
		t.Run(name, func(t *testing.T) {
			_, file, err := get(t, c.store, c.change)
			if !errors.Is(err, c.want) || SafeToRetry(err) || !strings.Contains(err.Error(), `"a.wav"`) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if _, err := os.Lstat(file); err == nil {
				t.Error("there is something under the final name")
			}
		})
	}
}

// small is a disk with little room.
type small struct {
	*os.File
	room int
}

func (s *small) Write(p []byte) (int, error) {
	n, err := s.File.Write(p[:min(len(p), s.room)])
	s.room -= n
	if n < len(p) && err == nil {
		err = &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	}
	return n, err
}

// TestDiskFull runs a download in a process that may write files of 1 MB only (setrlimit(2)): the system itself says no.
func TestDiskFull(t *testing.T) {
	if to := os.Getenv("ASTERISM_TEST_FULL"); to != "" {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1 << 20, Max: 1 << 20}); err != nil {
			t.Fatal(err)
		}
		_, err := Download{Store: newFaulty(5_000_000), Name: "a.wav", To: to}.Run(t.Context())
		if !errors.Is(err, ErrNoSpace) {
			t.Fatalf("error %v, want ErrNoSpace", err)
		}
		return
	}
	to := filepath.Join(t.TempDir(), "a.wav")
	cmd := exec.Command(os.Args[0], "-test.run=^TestDiskFull$")
	cmd.Env = append(os.Environ(), "ASTERISM_TEST_FULL="+to)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if _, err := os.Lstat(to); err == nil {
		t.Error("there is something under the final name")
	}
	store := newFaulty(5_000_000)
	info, err := os.Stat(to + PartSuffix)
	if err != nil || info.Size() > 1<<20 {
		t.Errorf("the part: %v, %v", info, err)
	}
	_, err = Download{Store: store, Name: "a.wav", To: to}.Run(t.Context()) // there is room now
	if err != nil {
		t.Fatal(err)
	}
	holds(t, to, store.content)
}

// A file that was changed a moment ago is looked at twice.
func TestSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &faulty{content: []byte("1"), time: time.Now().Add(-time.Second)}
		info, err := store.Stat(t.Context(), "a.wav")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Settled(t.Context(), store, info); err != nil {
			t.Errorf("nothing was written: %v", err)
		}
		go func() {
			<-time.After(500 * time.Millisecond)
			store.mu.Lock()
			defer store.mu.Unlock()
			store.content = append(store.content, '2')
			store.time = time.Now()
		}()
		if now, err := Settled(t.Context(), store, info); !errors.Is(err, ErrLive) || now.Size != 2 {
			t.Errorf("it has grown: %+v, %v; want ErrLive", now, err)
		}
		synctest.Wait()
	})
}

// Live takes what is there.
func TestDownloadLive(t *testing.T) {
	store := &faulty{content: []byte("0123456789"), time: time.Now(), onOpen: func(s *faulty) { s.content = append(s.content, 'x') }}
	_, file, err := get(t, store, func(d *Download) { d.Live = true })
	if err != nil {
		t.Fatal(err)
	}
	holds(t, file, []byte("0123456789"))
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	store := newFaulty(1_000_000, 1000, 0)
	to := filepath.Join(t.TempDir(), "a.wav")
	_, err := Download{Store: store, Name: "a.wav", To: to, Wait: time.Hour, Progress: func(int64, int64) { cancel() }}.Run(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if _, err := os.Lstat(to); err == nil {
		t.Error("there is a part under the final name")
	}
}

// A file goes on where its connection broke, and jumps.
func TestFile(t *testing.T) {
	store := newFaulty(10_000, 100, 0, 4000)
	file, err := OpenFile(t.Context(), store, Candidate{Info: Info{Name: "a.WAV"}})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	got, err := io.ReadAll(file)
	if err != nil || !bytes.Equal(got, store.content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if file.MediaType != "audio/wav" || file.Size != 10_000 {
		t.Errorf("file %+v", file)
	}
	if at, err := file.Seek(-5, io.SeekEnd); err != nil || at != 9_995 {
		t.Errorf("at %d, %v", at, err)
	}
	if rest, err := io.ReadAll(file); err != nil || !bytes.Equal(rest, store.content[9_995:]) {
		t.Errorf("rest %q, %v", rest, err)
	}
	if _, err := file.Seek(-1, io.SeekStart); err == nil {
		t.Error("a place before the beginning was found")
	}
	if _, err := file.Seek(0, 7); err == nil {
		t.Error("a seventh way to seek was found")
	}
	_, _ = file.Seek(0, io.SeekStart)
	store.content = store.content[:50]
	if _, err := io.ReadAll(file); !errors.Is(err, ErrChanged) {
		t.Errorf("error %v, want ErrChanged", err)
	}
}

func TestSafeFileName(t *testing.T) {
	for name, want := range map[string]string{
		"2026/11/25/in-200.wav": "in-200.wav", "..wav": "wav", "-rf.wav": "rf.wav", "a\"b;c.wav": "a_b_c.wav", "καλή.wav": "καλή.wav",
		"a\r\nb": "a__b", "...": "recording", "+30 210@x.wav": "+30 210@x.wav",
		"in\u202evaw.exe": "in_vaw.exe", "a\u200bb\u2028c\ufeffd\u0085.wav": "a_b_c_d_.wav",
	} {
		if got := SafeFileName(name); got != want {
			t.Errorf("SafeFileName(%q) = %q, want %q", name, got, want)
		}
	}
}

// Somebody has put a link where a download writes, or where it notes what of: what that leads to is not touched, nor is it made.
func TestDownloadFollowsNoLink(t *testing.T) {
	for _, suffix := range []string{PartSuffix, ".from" + PartSuffix} {
		for _, there := range []bool{true, false} {
			victim := filepath.Join(t.TempDir(), "victim")
			const precious = "precious"
			if there {
				if err := os.WriteFile(victim, []byte(precious), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, to, err := get(t, newFaulty(1000), func(d *Download) {
				d.To = filepath.Join(t.TempDir(), "a.wav")
				if err := os.Symlink(victim, d.To+suffix); err != nil {
					t.Fatal(err)
				}
			})
			if !errors.Is(err, fs.ErrInvalid) {
				t.Errorf("%s: %v, want fs.ErrInvalid", suffix, err)
			}
			got, err := os.ReadFile(victim)
			if there && string(got) != precious || !there && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: the victim has %q, %v", suffix, got, err)
			}
			if _, err := os.Lstat(to); err == nil {
				t.Errorf("%s: there is something under the final name", suffix)
			}
		}
	}
}

package sftpstore_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asterism-go/asterism/internal/sshd"
	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/sftpstore"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// noise makes bytes that cannot be guessed.
func noise(n int) []byte {
	data := make([]byte, n)
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(data)
	return data
}

// write writes a file that is an hour old.
func write(t *testing.T, file string, content []byte) {
	t.Helper()
	check(t, os.MkdirAll(filepath.Dir(file), 0o755))
	check(t, os.WriteFile(file, content, 0o644))
	old := time.Now().Add(-time.Hour)
	check(t, os.Chtimes(file, old, old))
}

// cutter makes connections the first of which are cut after so many bytes from the server.
type cutter struct {
	after atomic.Int64 // of the next connection; 0 is none
	away  atomic.Bool  // no connection can be made
}

func (c *cutter) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if c.away.Load() {
		return nil, errors.New("nobody is there")
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	if after := c.after.Swap(0); after > 0 {
		return &cutConn{conn, after, c}, nil
	}
	return conn, nil
}

type cutConn struct {
	net.Conn
	left int64
	of   *cutter
}

func (c *cutConn) Read(p []byte) (int, error) {
	if c.left == 0 {
		_ = c.Conn.(*net.TCPConn).SetLinger(0) // a reset, as from a cable that is pulled and a router that says so
		_ = c.Close()
	}
	n, err := c.Conn.Read(p[:min(int64(len(p)), max(c.left, 1))])
	c.left -= int64(n)
	return n, err
}

// TestCuts cuts the connection at many places of a file of 5 MB, the login included. Each time the download goes on and is verified,
// and there is never a part under the final name. ASTERISM_CUTS says at how many places: 5120 is every kilobyte (20 minutes).
func TestCuts(t *testing.T) {
	const size = 5 << 20
	cuts := 12
	if n, err := strconv.Atoi(os.Getenv("ASTERISM_CUTS")); err == nil {
		cuts = n
	}
	server := sshd.Start(t, sshd.Config{})
	root := freshRoot(t, server)
	content := noise(size)
	write(t, filepath.Join(root, "a.wav"), content)
	cut := &cutter{}
	cfg := config(t, server, root)
	cfg.Dial, cfg.Connections = cut.dial, 1
	to := filepath.Join(t.TempDir(), "a.wav")
	resumed := 0
	for i := range cuts {
		after := int64(i)*size/int64(cuts) + 1
		store, err := sftpstore.New(cfg)
		check(t, err)
		cut.after.Store(after)
		done, err := recording.Download{
			Store: store, Name: "a.wav", To: to, Wait: time.Millisecond,
			Progress: func(int64, int64) {
				if _, err := os.Lstat(to); err == nil {
					t.Errorf("cut at %d: there is a part under the final name", after)
				}
			},
		}.Run(t.Context())
		if err != nil {
			t.Fatalf("cut at %d: %v", after, err)
		}
		got, err := os.ReadFile(to)
		if err != nil || !bytes.Equal(got, content) || done.SHA256 != sha256.Sum256(content) {
			t.Fatalf("cut at %d: %d bytes, %v", after, len(got), err)
		}
		resumed += done.Connections - 1
		check(t, os.Remove(to))
		check(t, store.Close())
	}
	if resumed < cuts/2 {
		t.Errorf("only %d of %d downloads had their connection cut", resumed, cuts)
	}
}

// TestCutsInLogin cuts the connection at many places of the end of the login, the opening of the session and the first answers.
func TestCutsInLogin(t *testing.T) {
	server := sshd.Start(t, sshd.Config{})
	root := freshRoot(t, server)
	write(t, filepath.Join(root, "a.wav"), []byte("a"))
	cut := &cutter{}
	cfg := config(t, server, root)
	cfg.Dial, cfg.Connections = cut.dial, 1
	const first, last, step = 1201, 3601, 160 // about 3,000 bytes come in all, of which 1,900 are the login
	failed := 0
	for after := int64(first); after < last; after += step {
		store, err := sftpstore.New(cfg)
		check(t, err)
		cut.after.Store(after)
		if _, err := store.Stat(t.Context(), "a.wav"); err != nil {
			failed++
			if !recording.SafeToRetry(err) {
				t.Errorf("cut at %d: %v, want ErrConnection", after, err)
			}
			_, err = store.Stat(t.Context(), "a.wav")
			check(t, err)
		}
		check(t, store.Close())
	}
	if failed < 6 {
		t.Errorf("only %d were cut", failed)
	}
}

// TestCutAndGone cuts the connection, and the server does not come back: the error can be tried again, which goes on where it was.
func TestCutAndGone(t *testing.T) {
	server := sshd.Start(t, sshd.Config{})
	root := freshRoot(t, server)
	content := noise(5 << 20)
	write(t, filepath.Join(root, "a.wav"), content)
	cut := &cutter{}
	cfg := config(t, server, root)
	cfg.Dial, cfg.Connections = cut.dial, 1
	store := open(t, cfg)
	to := filepath.Join(t.TempDir(), "a.wav")
	download := recording.Download{Store: store, Name: "a.wav", To: to, Attempts: 2, Wait: time.Millisecond}
	cut.after.Store(2 << 20)
	download.Progress = func(int64, int64) { cut.away.Store(true) }
	if _, err := download.Run(t.Context()); !recording.SafeToRetry(err) {
		t.Fatalf("error %v, want ErrConnection", err)
	}
	if _, err := os.Lstat(to); err == nil {
		t.Error("there is a part under the final name")
	}
	cut.away.Store(false)
	download.Progress = nil
	done, err := download.Run(t.Context())
	check(t, err)
	if done.Kept < 1<<20 {
		t.Errorf("only %d bytes were kept", done.Kept)
	}
	got, err := os.ReadFile(to)
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// TestVanished deletes the file while it is read, on both sides of a broken connection.
func TestVanished(t *testing.T) {
	server := sshd.Start(t, sshd.Config{})
	root := freshRoot(t, server)
	file := filepath.Join(root, "a.wav")
	write(t, file, noise(5<<20))
	cut := &cutter{}
	cfg := config(t, server, root)
	cfg.Dial, cfg.Connections = cut.dial, 1
	cut.after.Store(2 << 20)
	to := filepath.Join(t.TempDir(), "a.wav")
	_, err := recording.Download{
		Store: open(t, cfg), Name: "a.wav", To: to, Wait: time.Millisecond, Progress: func(int64, int64) { _ = os.Remove(file) },
	}.Run(t.Context())
	if !errors.Is(err, fs.ErrNotExist) || recording.SafeToRetry(err) {
		t.Errorf("error %v, want fs.ErrNotExist", err)
	}
	if _, err := os.Lstat(to); err == nil {
		t.Error("there is a part under the final name")
	}
}

// TestShrunk cuts the file itself short while it is read: that is not its end.
func TestShrunk(t *testing.T) {
	server := sshd.Start(t, sshd.Config{})
	root := freshRoot(t, server)
	file := filepath.Join(root, "a.wav")
	write(t, file, noise(8<<20))
	to := filepath.Join(t.TempDir(), "a.wav")
	_, err := recording.Download{
		Store: open(t, config(t, server, root)), Name: "a.wav", To: to, Progress: func(int64, int64) { _ = os.Truncate(file, 100) },
	}.Run(t.Context())
	if !errors.Is(err, recording.ErrChanged) {
		t.Errorf("error %v, want ErrChanged", err)
	}
	if _, err := os.Lstat(to); err == nil {
		t.Error("there is a part under the final name")
	}
}

// TestRestart starts the server anew between two calls: the second does not notice.
func TestRestart(t *testing.T) {
	server := sshd.Start(t, sshd.Config{})
	root := freshRoot(t, server)
	write(t, filepath.Join(root, "a.wav"), []byte("a"))
	store := open(t, config(t, server, root))
	for range 3 {
		info, err := store.Stat(t.Context(), "a.wav")
		if err != nil || info.Size != 1 {
			t.Errorf("Stat = %+v, %v", info, err)
		}
		check(t, store.Put(t.Context(), "b.wav", bytes.NewReader([]byte("b")), 1))
		check(t, server.Restart(t.Context()))
	}
}

// TestFrozen has a server that does not answer any more: a call ends after the timeout, also one whose connection was made before.
func TestFrozen(t *testing.T) {
	server := sshd.Start(t, sshd.Config{})
	root := freshRoot(t, server)
	write(t, filepath.Join(root, "a.wav"), noise(4<<20))
	cfg := config(t, server, root)
	cfg.Timeout = time.Second
	store := open(t, cfg)
	reader, err := store.Open(t.Context(), "a.wav", 0, -1)
	check(t, err)
	defer reader.Close()
	server.Freeze()
	defer server.Thaw()
	if _, err := store.Stat(t.Context(), "a.wav"); !recording.SafeToRetry(err) {
		t.Errorf("Stat: %v, want ErrConnection", err)
	}
	buffer := make([]byte, 8<<20)
	for err = nil; err == nil; {
		_, err = reader.Read(buffer)
	}
	// The connection's own process is frozen too, or it had sent all before: nothing else may happen.
	if !recording.SafeToRetry(err) && err.Error() != "EOF" {
		t.Errorf("Read: %v, want ErrConnection", err)
	}
}

// TestPutFailsWithOneConnection has a Put fail while there may be no second connection: what it wrote is removed nevertheless.
func TestPutFailsWithOneConnection(t *testing.T) {
	server := sshd.Start(t, sshd.Config{})
	root := freshRoot(t, server)
	cfg := config(t, server, root)
	cfg.Connections = 1
	store := open(t, cfg)
	if err := store.Put(t.Context(), "a.wav", bytes.NewReader([]byte("short")), 100); !errors.Is(err, recording.ErrSize) {
		t.Errorf("Put: %v, want ErrSize", err)
	}
	left, err := filepath.Glob(filepath.Join(root, "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left over: %q, %v", left, err)
	}
}

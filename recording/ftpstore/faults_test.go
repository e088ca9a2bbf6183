package ftpstore_test

import (
	"bytes"
	"context"
	"crypto/tls"
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

	"github.com/asterism-go/asterism/internal/vsftpd"
	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/ftpstore"
)

// cutConn is a connection that breaks after so many bytes from the server.
type cutConn struct {
	net.Conn
	left int64
}

func (c *cutConn) Read(p []byte) (int, error) {
	if c.left == 0 {
		_ = c.Close()
	}
	n, err := c.Conn.Read(p[:min(int64(len(p)), max(c.left, 1))])
	c.left -= int64(n)
	return n, err
}

// TestCuts cuts the data connection, over TLS, at many places of a file of 5 MB. Each time the download goes on and is verified, and
// there is never a part under the final name. ASTERISM_CUTS says at how many places.
func TestCuts(t *testing.T) {
	const size = 5 << 20
	cuts := 12
	if n, err := strconv.Atoi(os.Getenv("ASTERISM_CUTS")); err == nil {
		cuts = n
	}
	cert, key, pool := certificate(t)
	server := vsftpd.Start(t, vsftpd.Config{Certificate: cert, Key: key})
	root := freshRoot(t, server)
	content := make([]byte, size)
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(content)
	file := filepath.Join(root, "a.wav")
	check(t, os.WriteFile(file, content, 0o644))
	old := time.Now().Add(-time.Hour)
	check(t, os.Chtimes(file, old, old))
	to := filepath.Join(t.TempDir(), "a.wav")
	for i := range cuts {
		after := int64(i)*size/int64(cuts) + 1
		var dials, cut atomic.Int64
		store, err := ftpstore.New(ftpstore.Config{
			Addr: server.Addr.String(), User: vsftpd.User, Password: vsftpd.Password, TLS: ftpstore.Explicit,
			Config: &tls.Config{RootCAs: pool}, Root: root,
			Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
				if err == nil && addr != server.Addr.String() && dials.Add(1) > 2 && cut.CompareAndSwap(0, 1) {
					conn = &cutConn{conn, after} // the connections before were for listings
				}
				return conn, err
			},
		})
		check(t, err)
		_, err = recording.Download{
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
		if err != nil || !bytes.Equal(got, content) || cut.Load() == 0 {
			t.Fatalf("cut at %d: %d bytes, %v", after, len(got), err)
		}
		check(t, os.Remove(to))
		check(t, store.Close())
	}
}

// A server that is started anew, one that does not answer, and a file that goes.
func TestTroubles(t *testing.T) {
	server := vsftpd.Start(t, vsftpd.Config{})
	root := freshRoot(t, server)
	check(t, os.WriteFile(filepath.Join(root, "a.wav"), []byte("a"), 0o644))
	cfg := ftpstore.Config{
		Addr: server.Addr.String(), User: vsftpd.User, Password: vsftpd.Password, Root: root, Timeout: 3 * time.Second,
	}
	store, err := ftpstore.New(cfg)
	check(t, err)
	defer store.Close()
	for range 2 {
		if info, err := store.Stat(t.Context(), "a.wav"); err != nil || info.Size != 1 {
			t.Errorf("Stat = %+v, %v", info, err)
		}
		check(t, server.Restart(t.Context()))
	}
	check(t, os.Remove(filepath.Join(root, "a.wav")))
	if _, err := store.Open(t.Context(), "a.wav", 0, -1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open: %v, want fs.ErrNotExist", err)
	}
	server.Freeze()
	defer server.Thaw()
	late, err := ftpstore.New(cfg)
	check(t, err)
	defer late.Close()
	if _, err := late.Stat(t.Context(), "a.wav"); !recording.SafeToRetry(err) {
		t.Errorf("Stat of a server that does not answer: %v, want ErrConnection", err)
	}
}

package sftpstore_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/asterism-go/asterism/internal/sshd"
	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/sftpstore"
)

// TestFullDisk stores what does not fit on the server's disk: it is ErrNoSpace, nothing of it is left, what was under the name is, and
// when there is space again it is stored. A real sshd does so where the test may mount a disk of 4 MiB, as root may.
func TestFullDisk(t *testing.T) {
	t.Run("sshd", func(t *testing.T) {
		server := sshd.Start(t, sshd.Config{})
		root := freshRoot(t, server)
		if err := syscall.Mount("tmpfs", root, "tmpfs", 0, "size=4m,mode=777"); err != nil {
			t.Logf("not shown with a real disk, none can be mounted: %v", err)
			return
		}
		t.Cleanup(func() { _ = syscall.Unmount(root, syscall.MNT_DETACH) })
		big := filepath.Join(root, "big")
		check(t, os.WriteFile(big, make([]byte, 3<<20), 0o644))
		doesNotFit(t, open(t, config(t, server, root)), func() { check(t, os.Remove(big)) })
	})
	t.Run("fake", func(t *testing.T) {
		server := &fullServer{t: t}
		server.full.Store(true)
		doesNotFit(t, open(t, server.start()), func() { server.full.Store(false) })
	})
}

func doesNotFit(t *testing.T, store *sftpstore.Store, makeSpace func()) {
	t.Helper()
	names := func() string {
		var all []string
		for info, err := range store.List(t.Context(), "") {
			check(t, err)
			if info.Name != "big" {
				all = append(all, info.Name)
			}
		}
		return strings.Join(all, " ")
	}
	check(t, store.Put(t.Context(), "a.wav", strings.NewReader("old"), 3))
	content := noise(2 << 20)
	for _, name := range []string{"a.wav", "b.wav"} {
		if err := store.Put(t.Context(), name, bytes.NewReader(content), int64(len(content))); !errors.Is(err, recording.ErrNoSpace) || recording.SafeToRetry(err) {
			t.Errorf("Put of %s: %v, want ErrNoSpace", name, err)
		}
	}
	if got := names(); got != "a.wav" {
		t.Errorf("there is %q", got)
	}
	if info, err := store.Stat(t.Context(), "a.wav"); err != nil || info.Size != 3 {
		t.Errorf("%+v, %v", info, err)
	}
	makeSpace()
	check(t, store.Put(t.Context(), "a.wav", bytes.NewReader(content), int64(len(content))))
	r, err := store.Open(t.Context(), "a.wav", 0, -1)
	check(t, err)
	got, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// fullServer is an SFTP server whose disk takes no file of more than 1 MiB while it is full, and says so as OpenSSH does: the writing
// fails without a reason, and statvfs@openssh.com tells that nothing is free.
type fullServer struct {
	t    *testing.T
	full atomic.Bool
}

// start makes it listen, and tells how to log in.
func (s *fullServer) start() sftpstore.Config {
	s.t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	check(s.t, err)
	signer, err := ssh.NewSignerFromKey(key)
	check(s.t, err)
	config := &ssh.ServerConfig{PasswordCallback: func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) { return nil, nil }}
	config.AddHostKey(signer)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(s.t, err)
	handlers := sftp.InMemHandler()
	handlers.FilePut, handlers.FileCmd = fullDisk{s, handlers.FilePut, handlers.FileCmd}, fullDisk{s, handlers.FilePut, handlers.FileCmd}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serve(conn, config, handlers)
		}
	}()
	s.t.Cleanup(func() { _ = listener.Close(); <-ended })
	return sftpstore.Config{
		Addr: listener.Addr().String(), User: "pbx", Password: "pbx", HostKeys: []ssh.PublicKey{signer.PublicKey()}, Connections: 1,
	}
}

// serve serves one connection until it ends.
func serve(conn net.Conn, config *ssh.ServerConfig, handlers sftp.Handlers) {
	defer conn.Close()
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for opened := range channels {
		channel, requests, err := opened.Accept()
		if err != nil {
			return
		}
		go func() {
			for request := range requests {
				_ = request.Reply(request.Type == "subsystem", nil)
			}
		}()
		_ = sftp.NewRequestServer(channel, handlers).Serve()
		_ = channel.Close()
	}
}

// fullDisk is what the server does.
type fullDisk struct {
	of *fullServer
	sftp.FileWriter
	sftp.FileCmder
}

func (d fullDisk) Filewrite(r *sftp.Request) (io.WriterAt, error) {
	w, err := d.FileWriter.Filewrite(r)
	return limited{d.of, w}, err
}

// PosixRename keeps what the disk does besides.
func (d fullDisk) PosixRename(r *sftp.Request) error {
	return d.FileCmder.(sftp.PosixRenameFileCmder).PosixRename(r)
}

func (d fullDisk) StatVFS(*sftp.Request) (*sftp.StatVFS, error) {
	if d.of.full.Load() {
		return &sftp.StatVFS{Bsize: 4096, Frsize: 4096, Blocks: 1000}, nil
	}
	return &sftp.StatVFS{Bsize: 4096, Frsize: 4096, Blocks: 1 << 20, Bfree: 1 << 20, Bavail: 1 << 20}, nil
}

type limited struct {
	of *fullServer
	io.WriterAt
}

func (l limited) WriteAt(p []byte, off int64) (int, error) {
	if l.of.full.Load() && off+int64(len(p)) > 1<<20 {
		return 0, sftp.ErrSSHFxFailure
	}
	return l.WriterAt.WriteAt(p, off)
}

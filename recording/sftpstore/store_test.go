package sftpstore_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/internal/sshd"
	"github.com/asterism-go/asterism/recording/sftpstore"
	"github.com/asterism-go/asterism/recording/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var folders atomic.Int64

// freshRoot is an empty folder named root in a folder of its own.
func freshRoot(t *testing.T, server *sshd.Server) string {
	t.Helper()
	return server.Folder(t, fmt.Sprintf("test%d", folders.Add(1)), "root")
}

// config logs in to a server with its key.
func config(t testing.TB, server *sshd.Server, root string) sftpstore.Config {
	t.Helper()
	hosts := filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(hosts, []byte(server.KnownHosts()), 0o600); err != nil {
		t.Fatal(err)
	}
	return sftpstore.Config{
		Addr: server.Addr.String(), User: sshd.User, Keys: [][]byte{server.Key}, KnownHosts: []string{hosts}, Root: root,
	}
}

// open opens a store that ends with the test.
func open(t *testing.T, cfg sftpstore.Config) *sftpstore.Store {
	t.Helper()
	store, err := sftpstore.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func TestStore(t *testing.T) {
	server := sshd.Start(t, sshd.Config{})
	storetest.Run(t, func(t *testing.T) storetest.Subject {
		root := freshRoot(t, server)
		return storetest.Subject{Store: open(t, config(t, server, root)), Dir: root}
	})
}

// The root may be a link; so it is where a big disk was added later.
func TestRootIsLink(t *testing.T) {
	server := sshd.Start(t, sshd.Config{})
	root := freshRoot(t, server)
	link := filepath.Join(filepath.Dir(root), "link")
	if err := os.Symlink(root, link); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "a.wav"), []byte("a"), 0o644); err != nil {
		t.Fatal(err)
	}
	info, err := open(t, config(t, server, link)).Stat(context.Background(), "a.wav")
	if err != nil || info.Size != 1 {
		t.Errorf("Stat = %+v, %v", info, err)
	}
}

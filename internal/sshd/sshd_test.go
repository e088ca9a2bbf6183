package sshd_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/internal/sshd"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// OpenSSH's own client gets a file, with the key and with nothing else; then the server gets another host key, and it does not.
func TestGet(t *testing.T) {
	server := sshd.Start(t, sshd.Config{})
	folder := server.Folder(t, "monitor")
	want := []byte("a recording")
	if err := os.WriteFile(filepath.Join(folder, "a.wav"), want, 0o644); err != nil {
		t.Fatal(err)
	}
	local := filepath.Join(t.TempDir(), "got")
	if err := server.Get(t.Context(), filepath.Join(folder, "a.wav"), local); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(local)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %q, %v", got, err)
	}
	if !strings.Contains(server.Log(), "Accepted publickey for "+sshd.User) {
		t.Error("the log does not tell of the login")
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := server.Get(t.Context(), filepath.Join(folder, "nothing.wav"), local); err == nil {
		t.Error("a file that is not there was got")
	}
}

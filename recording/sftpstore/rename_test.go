package sftpstore

import (
	"errors"
	"io"
	"net"
	"testing"

	"github.com/pkg/sftp"

	"github.com/asterism-go/asterism/recording"
)

// refusing is a server that does not rename: one that does not replace, or whose disk has just become read-only.
type refusing struct{ sftp.FileCmder }

func (r refusing) Filecmd(request *sftp.Request) error {
	if request.Method == "Rename" || request.Method == "PosixRename" {
		return sftp.ErrSSHFxFailure
	}
	return r.FileCmder.Filecmd(request)
}

// A server that cannot replace a file in one step keeps the old one, and the new one is not lost by the attempt.
func TestRenameLosesNothing(t *testing.T) {
	extensions := []string{"hardlink@openssh.com", "posix-rename@openssh.com", "statvfs@openssh.com"} // the library's own
	if err := sftp.SetSFTPExtensions(extensions[0]); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sftp.SetSFTPExtensions(extensions...) })
	here, there := net.Pipe()
	handlers := sftp.InMemHandler()
	handlers.FileCmd = refusing{handlers.FileCmd}
	server := sftp.NewRequestServer(there, handlers)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve()
	}()
	client, err := sftp.NewClientPipe(here, here)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = here.Close(), there.Close()
		_ = client.Close()
		<-ended
	})
	for _, name := range []string{"/a.wav", "/a.wav.part"} {
		file, err := client.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(file, name); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	c := &conn{sftp: client}
	if err := c.rename("/a.wav.part", "/a.wav"); !errors.Is(err, recording.ErrUnsupported) {
		t.Errorf("error %v, want ErrUnsupported", err)
	}
	for _, name := range []string{"/a.wav", "/a.wav.part"} {
		if info, err := client.Stat(name); err != nil || info.Size() != int64(len(name)) {
			t.Errorf("%s: %+v, %v", name, info, err)
		}
	}
	if err := c.rename("/a.wav.part", "/b.wav"); err == nil || errors.Is(err, recording.ErrUnsupported) {
		t.Errorf("error %v of a place where nothing is, want the server's", err)
	}
}

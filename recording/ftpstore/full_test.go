package ftpstore_test

import (
	"bytes"
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/asterism-go/asterism/internal/vsftpd"
	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/ftpstore"
)

// TestFullDisk stores what does not fit on the server's disk: it is ErrNoSpace, nothing of it is left, and what was under the name is. The
// disk is real, which only root may mount; what the server says then is in TestTranslate too.
func TestFullDisk(t *testing.T) {
	server := vsftpd.Start(t, vsftpd.Config{})
	root := freshRoot(t, server)
	if err := syscall.Mount("tmpfs", root, "tmpfs", 0, "size=1m,mode=777"); err != nil {
		t.Logf("not shown with a real disk, none can be mounted: %v", err)
		return
	}
	t.Cleanup(func() { _ = syscall.Unmount(root, syscall.MNT_DETACH) })
	store, err := ftpstore.New(ftpstore.Config{Addr: server.Addr.String(), User: vsftpd.User, Password: vsftpd.Password, Root: root})
	check(t, err)
	defer store.Close()
	check(t, store.Put(t.Context(), "a.wav", strings.NewReader("old"), 3))
	for _, name := range []string{"a.wav", "b.wav"} {
		err := store.Put(t.Context(), name, bytes.NewReader(make([]byte, 2<<20)), 2<<20)
		if !errors.Is(err, recording.ErrNoSpace) || recording.SafeToRetry(err) {
			t.Errorf("%s: %v, want ErrNoSpace", name, err)
		}
	}
	for info, err := range store.List(t.Context(), "") {
		check(t, err)
		if info.Name != "a.wav" || info.Size != 3 {
			t.Errorf("there is %+v", info)
		}
	}
}

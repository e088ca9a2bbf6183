package diskstore_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/recording/diskstore"
	"github.com/asterism-go/asterism/recording/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Subject {
		dir := filepath.Join(t.TempDir(), "root")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		store, err := diskstore.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		return storetest.Subject{Store: store, Dir: dir}
	})
}

func TestOpenNothing(t *testing.T) {
	dir := t.TempDir()
	if _, err := diskstore.Open(filepath.Join(dir, "nothing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want fs.ErrNotExist", err)
	}
}

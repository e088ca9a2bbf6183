package aristore_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/aristore"
	"github.com/asterism-go/asterism/recording/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A real Asterisk passes the suite with its folder of recordings.
func TestStore(t *testing.T) {
	pbx := asterisktest.Start(t, asterisktest.Config{})
	dir := filepath.Join(pbx.Dir, "spool", "recording")
	storetest.Run(t, func(t *testing.T) storetest.Subject {
		old, err := filepath.Glob(filepath.Join(dir, "*"))
		for _, name := range append(old, dir+"2") {
			err = errors.Join(err, os.RemoveAll(name))
		}
		if err != nil {
			t.Fatal(err)
		}
		return storetest.Subject{Store: aristore.New(client(pbx, asterisktest.Secret)), Dir: dir, ReadOnly: true, NoSizes: true, NoLinks: true}
	})
	t.Run("wrong password", func(t *testing.T) {
		store := aristore.New(client(pbx, "wrong"))
		defer store.Close()
		if _, err := store.Stat(t.Context(), "a.wav"); !errors.Is(err, recording.ErrAuth) {
			t.Errorf("error %v, want ErrAuth", err)
		}
	})
}

func client(pbx *asterisktest.Asterisk, password string) *ari.Client {
	return &ari.Client{URL: "http://" + pbx.HTTP.String() + "/ari", Username: asterisktest.Username, Password: password}
}

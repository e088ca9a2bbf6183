package s3store_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/s3store"
	"github.com/asterism-go/asterism/recording/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service is an S3 in this process, with a bucket.
func service(t *testing.T) s3store.Config {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("recordings"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(gofakes3.New(backend).Server())
	// With TLS: over plain HTTP bodies are signed in chunks, which it does not know.
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // it writes headers twice
	server.StartTLS()
	t.Cleanup(server.Close)
	transport := server.Client().Transport.(*http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	return s3store.Config{
		Endpoint: strings.TrimPrefix(server.URL, "https://"), Bucket: "recordings", AccessKey: "id", SecretKey: "secret", Region: "us-east-1",
		Transport: transport,
	}
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Subject {
		cfg := service(t)
		cfg.Prefix = "pbx1/monitor"
		store, err := s3store.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return storetest.Subject{Store: store, NoFolders: true}
	})
}

// What is beside the prefix cannot be reached.
func TestPrefix(t *testing.T) {
	cfg := service(t)
	whole, err := s3store.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a/x.wav", "ab/secret.wav", "secret.wav"} {
		if err := whole.Put(t.Context(), name, strings.NewReader("x"), 1); err != nil {
			t.Fatal(err)
		}
	}
	cfg.Prefix = "a"
	part, err := s3store.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for info, err := range part.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, info.Name)
	}
	if len(names) != 1 || names[0] != "x.wav" {
		t.Errorf("below the prefix there is %q", names)
	}
	cfg.Prefix = "../other"
	if _, err := s3store.New(cfg); !errors.Is(err, recording.ErrUnsafeName) {
		t.Errorf("prefix: %v, want ErrUnsafeName", err)
	}
}

// A service that is not there can be asked again.
func TestAway(t *testing.T) {
	cfg := service(t)
	cfg.Endpoint = "127.0.0.1:1"
	store, err := s3store.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Stat(t.Context(), "a.wav"); !recording.SafeToRetry(err) {
		t.Errorf("error %v, want ErrConnection", err)
	}
}

package archive_test

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/archive"
	"github.com/asterism-go/asterism/recording/s3store"
)

// bucket is an S3 in this process.
func bucket(t *testing.T) recording.Store {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("archive"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(gofakes3.New(backend).Server())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // it writes headers twice
	server.StartTLS()
	t.Cleanup(server.Close)
	transport := server.Client().Transport.(*http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	store, err := s3store.New(s3store.Config{
		Endpoint: strings.TrimPrefix(server.URL, "https://"), Bucket: "archive", Prefix: "pbx1", AccessKey: "id", SecretKey: "secret",
		Region: "us-east-1", Transport: transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// TestS3 keeps recordings in a bucket: a move that fails at some steps, a hold, a deletion, and what Verify has to say.
func TestS3(t *testing.T) {
	lost := errors.New("the connection is lost")
	kept, content, moves := bucket(t), sound(70_000), 0
	for at := 1; ; at += 5 { // TestFails fails at all, on a disk
		s := newShelf(t)
		s.encrypt()
		s.record(call, content)
		steps := 0
		s.Store = stepped{kept, func(string) error {
			if steps++; steps == at {
				return lost
			}
			return nil
		}}
		_, err := s.Move(t.Context(), s.source, call)
		s.Store = kept
		if steps < at {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		moves++
		if !errors.Is(err, lost) {
			t.Fatalf("step %d: %v", at, err)
		}
		s.move(call)
		s.holds(call, content)
		if _, err := s.source.Stat(t.Context(), call); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("step %d: the source is there: %v", at, err)
		}
		s.endsIn(kept)
	}
	if moves < 4 {
		t.Errorf("only %d steps", moves)
	}
}

// endsIn holds, releases and deletes the recording, and empties the store.
func (s *shelf) endsIn(kept recording.Store) {
	s.t.Helper()
	ctx := s.t.Context()
	hold := archive.Hold{Name: call, ID: "1"}
	if err := s.Hold(ctx, hold); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.Delete(ctx, archive.Order{Name: call}); !errors.Is(err, archive.ErrHeld) {
		s.t.Fatal(err)
	}
	if err := s.Release(ctx, hold); err != nil {
		s.t.Fatal(err)
	}
	if d, err := s.Delete(ctx, archive.Order{Name: call}); err != nil || d.Done.IsZero() {
		s.t.Fatalf("%+v, %v", d, err)
	}
	s.now = s.now.Add(25 * time.Hour)
	if _, err := s.Tidy(ctx, time.Minute); err != nil {
		s.t.Fatal(err)
	}
	if found := s.findings(); found != "" {
		s.t.Error(found)
	}
	if err := kept.Delete(ctx, "deleted/"+call+".json"); err != nil {
		s.t.Fatal(err)
	}
}

package archive_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/asterism-go/asterism/recording/archive"
	"github.com/asterism-go/asterism/recording/diskstore"
)

// A recording is moved into an encrypted archive, held for a court, and deleted when that is over.
func Example() {
	if err := example(context.Background()); err != nil {
		slog.Error("archive", "error", err)
	}
	// Output:
	// 12 bytes, encrypted: true
	// held: true
	// deleted by the night watch: its time is over
	// 0 recordings, 1 deletions, 0 findings
}

func example(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, folder := range []string{dir + "/monitor", dir + "/archive"} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			return err
		}
	}
	source, err := diskstore.Open(dir + "/monitor")
	if err != nil {
		return err
	}
	defer source.Close()
	kept, err := diskstore.Open(dir + "/archive")
	if err != nil {
		return err
	}
	defer kept.Close()
	if err := source.Put(ctx, "call.wav", strings.NewReader("what is said"), -1); err != nil {
		return err
	}

	identity, err := age.GenerateX25519Identity() // its private half is kept elsewhere
	if err != nil {
		return err
	}
	later := time.Now().Add(time.Minute)
	a := &archive.Archive{Store: kept, Recipients: []age.Recipient{identity.Recipient()}, Keep: time.Hour, Now: func() time.Time { return later }}
	m, err := a.Move(ctx, source, "call.wav")
	if err != nil {
		return err
	}
	fmt.Printf("%d bytes, encrypted: %v\n", m.Size, m.Encrypted)

	hold := archive.Hold{Name: "call.wav", ID: "case-7", By: "the court"}
	if err := a.Hold(ctx, hold); err != nil {
		return err
	}
	_, err = a.Delete(ctx, archive.Order{Name: "call.wav", Early: true})
	fmt.Println("held:", errors.Is(err, archive.ErrHeld))
	if err := a.Release(ctx, hold); err != nil {
		return err
	}
	later = later.Add(time.Hour)
	for d, err := range a.Expire(ctx, "the night watch", "its time is over") {
		if err != nil {
			return err
		}
		fmt.Printf("deleted by %s: %s\n", d.By, d.Reason)
	}
	report, err := a.Verify(ctx)
	fmt.Printf("%d recordings, %d deletions, %d findings\n", report.Recordings, report.Deletions, len(report.Findings))
	return err
}

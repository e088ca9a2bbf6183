package sftpstore_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asterism-go/asterism/internal/sshd"
	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/sftpstore"
)

// counting counts listings.
type counting struct {
	recording.Store
	lists atomic.Int64
}

func (c *counting) List(ctx context.Context, prefix string) iter.Seq2[recording.Info, error] {
	c.lists.Add(1)
	return c.Store.List(ctx, prefix)
}

// archive makes files over two years of folders by day, and tells the calls that they are of.
func archive(t *testing.T, root string, files int) []recording.Call {
	t.Helper()
	const days = 730
	first := time.Date(2024, 11, 25, 0, 0, 0, 0, time.UTC)
	var calls []recording.Call
	old := time.Now().Add(-time.Hour)
	for day := range days {
		date := first.AddDate(0, 0, day)
		folder := filepath.Join(root, date.Format("2006/01/02"))
		check(t, os.MkdirAll(folder, 0o755))
		of := files*(day+1)/days - files*day/days
		for i := range of {
			at := date.Add(time.Duration(i) * 24 * time.Hour / time.Duration(of)).Truncate(time.Second)
			call := recording.Call{
				ID: fmt.Sprintf("%d.%d", at.Unix(), i), Numbers: []string{fmt.Sprintf("210%07d", i), "101"},
				Started: at, Ended: at.Add(3 * time.Minute),
			}
			name := fmt.Sprintf("in-%s-101-%s-%s.wav", call.Numbers[0], at.Add(time.Second).Format("20060102-150405"), call.ID)
			check(t, os.WriteFile(filepath.Join(folder, name), nil, 0o644))
			if i%(of/2+1) == 0 {
				calls = append(calls, call)
			}
		}
		check(t, os.Chtimes(folder, old, old))
	}
	return calls
}

// TestScale finds calls among two years of recordings with at most four listings, and again with none, until there is something new.
// ASTERISM_FILES says how many there are.
func TestScale(t *testing.T) {
	files := 10_000
	if n, err := strconv.Atoi(os.Getenv("ASTERISM_FILES")); err == nil {
		files = n
	}
	server := sshd.Start(t, sshd.Config{})
	root := freshRoot(t, server)
	calls := archive(t, root, files)
	store := &counting{Store: open(t, config(t, server, root))}
	finder := &recording.Finder{Store: store, Zone: time.UTC}
	find := func(call recording.Call) (listings int64) {
		t.Helper()
		before := store.lists.Load()
		found, err := finder.Find(t.Context(), call)
		check(t, err)
		if len(found) == 0 || found[0].Score < 90 {
			t.Errorf("call %s: found %+v", call.ID, found)
		}
		return store.lists.Load() - before
	}
	began := time.Now()
	most := int64(0)
	const step = 50
	for i := 0; i < len(calls); i += step {
		most = max(most, find(calls[i]))
	}
	took := time.Since(began)
	if most < 1 || most > recording.MaxFolders {
		t.Errorf("%d listings for a call", most)
	}
	again := int64(0)
	for i := 0; i < len(calls); i += step {
		again += find(calls[i])
	}
	if again != 0 {
		t.Errorf("%d listings the second time", again)
	}
	// A new file in a folder that is known.
	at := calls[0].Started
	check(t, os.WriteFile(filepath.Join(root, at.Format("2006/01/02"), "out-7-101-"+at.Format("20060102-150405")+"-77.77.wav"), nil, 0o644))
	late := recording.Call{ID: "77.77", Numbers: []string{"7"}, Started: at, Ended: at.Add(time.Minute)}
	if n := find(late); n != 1 {
		t.Errorf("%d listings after there was a new file", n)
	}
	t.Logf("%d files: %d calls found in %v, at most %d listings each, then %d", files, (len(calls)+step-1)/step, took, most, again)
}

// BenchmarkGet compares with OpenSSH's own client: the same file, the same server, in turns; openssh/asterism is how many times faster
// this store is. Both write to a file, and both log in anew.
func BenchmarkGet(b *testing.B) {
	const size = 128 << 20
	server := sshd.Start(b, sshd.Config{})
	root := server.Folder(b, "bench")
	data := noise(size)
	if err := os.WriteFile(filepath.Join(root, "a.wav"), data, 0o644); err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	var ours, theirs time.Duration
	b.SetBytes(size)
	for b.Loop() {
		began := time.Now()
		if err := server.Get(b.Context(), filepath.Join(root, "a.wav"), filepath.Join(dir, "theirs")); err != nil {
			b.Fatal(err)
		}
		theirs += time.Since(began)
		began = time.Now()
		if err := getOurs(b, server, root, filepath.Join(dir, "ours")); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(began)
	}
	got, err := os.ReadFile(filepath.Join(dir, "ours"))
	if err != nil || !bytes.Equal(got, data) {
		b.Fatalf("%d bytes, %v", len(got), err)
	}
	b.ReportMetric(float64(size)*float64(b.N)/1e6/ours.Seconds(), "asterism-MB/s")
	b.ReportMetric(float64(size)*float64(b.N)/1e6/theirs.Seconds(), "openssh-MB/s")
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "openssh/asterism")
}

func getOurs(b *testing.B, server *sshd.Server, root, to string) error {
	b.Helper()
	store, err := sftpstore.New(config(b, server, root))
	if err != nil {
		return err
	}
	defer store.Close()
	from, err := store.Open(b.Context(), "a.wav", 0, -1)
	if err != nil {
		return err
	}
	defer from.Close()
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, from); err != nil {
		return err
	}
	return file.Close()
}

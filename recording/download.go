package recording

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Download copies a file of a store to this machine. It writes to a file beside To, which has that name with PartSuffix, and renames it
// when everything is there and verified: under the name To there is never a part. What is there of an earlier attempt is used if it
// is of the same file: same size, time and tag, and the same bytes at its end. Something else there than a file, as a symbolic link, is
// an error, fs.ErrInvalid, and is not followed. Downloads to one To are made one at a time.
type Download struct {
	Store Store
	// Name is the file in the store, To the file here. A file that is there already is replaced at the end.
	Name, To string
	// SHA256 is what the content must have, if that is known: an archive knows it.
	SHA256 []byte
	// Attempts is how often a connection is made anew while nothing comes. Default: DefaultAttempts.
	Attempts int
	// Wait is the pause before such an attempt; it doubles to at most a minute. Default: a second.
	Wait time.Duration
	// Live takes a file that is still being recorded, as far as it has come; else it is ErrLive.
	Live bool
	// Progress, if not nil, is told how far it is, after each piece. It is called by the goroutine that runs the download.
	Progress func(done, total int64)

	// create opens the file that is written to; tests make it fail.
	create func(name string) (partFile, error)
}

// DefaultAttempts is the default of Download.Attempts.
const DefaultAttempts = 5

// Downloaded is what a download has done.
type Downloaded struct {
	Info
	// SHA256 is the hash of the content, as it was read back from the disk.
	SHA256 [sha256.Size]byte
	// Kept is how many bytes an earlier attempt had left.
	Kept int64
	// Connections is how often the file was opened.
	Connections int
}

// partFile is an *os.File.
type partFile interface {
	io.ReadWriteSeeker
	io.Closer
	Truncate(size int64) error
	Sync() error
}

// download is one that runs.
type download struct {
	Download
	done Downloaded
	part string
	file partFile
	sum  hash.Hash
	at   int64
}

// Run downloads. Errors are those of stores, and ErrLive, ErrChanged, ErrHash, ErrNoSpace. After an error that SafeToRetry tells, and after
// ErrNoSpace, the part stays, and the next Run goes on with it.
func (d Download) Run(ctx context.Context) (Downloaded, error) {
	run := &download{Download: d, part: d.To + PartSuffix}
	run.Attempts = cmp.Or(max(d.Attempts, 0), DefaultAttempts)
	run.Wait = cmp.Or(max(d.Wait, 0), time.Second)
	if run.create == nil {
		run.create = func(name string) (partFile, error) { return openPlain(name, os.O_RDWR|os.O_CREATE) }
	}
	err := run.run(ctx)
	if err != nil {
		return Downloaded{}, fmt.Errorf("recording: download of %q: %w", d.Name, err)
	}
	return run.done, nil
}

func (d *download) run(ctx context.Context) error {
	if err := d.look(ctx); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(d.To), 0o750); err != nil {
		return err
	}
	if err := d.open(ctx); err != nil {
		return errors.Join(err, d.shut())
	}
	err := d.fetch(ctx)
	if err == nil {
		err = noSpace(d.file.Sync())
	}
	if err := errors.Join(err, d.shut()); err != nil {
		return err
	}
	if err := d.verify(ctx); err != nil {
		return err
	}
	return d.finish()
}

func (d *download) shut() error {
	if d.file == nil {
		return nil
	}
	return d.file.Close()
}

// look asks for the file, as often as for its content.
func (d *download) look(ctx context.Context) error {
	for try := 1; ; try++ {
		info, err := d.Store.Stat(ctx, d.Name)
		if err == nil && info.Dir {
			return errors.New("it is a folder")
		}
		if err == nil && !d.Live {
			info, err = Settled(ctx, d.Store, info)
		}
		if err == nil {
			d.done.Info = info
			return nil
		}
		if !SafeToRetry(err) || try >= d.Attempts {
			return err
		}
		if err := d.pause(ctx, try); err != nil {
			return err
		}
	}
}

// pause waits before an attempt.
func (d *download) pause(ctx context.Context, try int) error {
	wait := time.NewTimer(min(d.Wait<<min(try-1, 10), max(time.Minute, d.Wait)))
	defer wait.Stop()
	select {
	case <-wait.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// open opens the part, and finds out how much of it can be used.
func (d *download) open(ctx context.Context) (err error) {
	file, err := d.create(d.part)
	if err != nil {
		return noSpace(err)
	}
	d.file = file
	d.sum = sha256.New()
	if d.known() {
		if d.at, err = io.Copy(d.sum, d.file); err != nil {
			return err
		}
		if d.at > d.done.Size || !d.agrees(ctx) {
			d.at = 0
		}
	}
	d.done.Kept = d.at
	if d.at > 0 {
		return nil
	}
	d.sum.Reset()
	if err := d.file.Truncate(0); err != nil {
		return err
	}
	if _, err := d.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	text, err := json.Marshal(d.done.Info)
	if err != nil {
		return err
	}
	return noSpace(writePlain(d.source(), text))
}

// source is the file that says what the part is a part of.
func (d *download) source() string { return d.To + ".from" + PartSuffix }

// known tells whether the part is one of this very file.
func (d *download) known() bool {
	text, err := readPlain(d.source())
	var before Info
	return err == nil && json.Unmarshal(text, &before) == nil && before.Name == d.Name && same(before, d.done.Info) == nil
}

// overlap is how much of the part is compared with the store before it is used.
const overlap = 64 << 10

// agrees compares the end of the part with the same bytes of the store.
func (d *download) agrees(ctx context.Context) bool {
	n := min(d.at, overlap)
	if n == 0 {
		return false
	}
	here := make([]byte, n)
	if _, err := d.file.Seek(d.at-n, io.SeekStart); err != nil {
		return false
	}
	if _, err := io.ReadFull(d.file, here); err != nil {
		return false
	}
	from, err := d.Store.Open(ctx, d.Name, d.at-n, n)
	if err != nil {
		return false
	}
	defer from.Close()
	there, err := io.ReadAll(from)
	return err == nil && bytes.Equal(here, there)
}

// fetch copies what is missing, with as many connections as it takes.
func (d *download) fetch(ctx context.Context) error {
	for try := 1; d.at < d.done.Size; {
		before := d.at
		err := d.stream(ctx)
		if err == nil {
			continue
		}
		if d.at > before {
			try = 1
		}
		if !SafeToRetry(err) || try > d.Attempts {
			return err
		}
		if err := d.pause(ctx, try); err != nil {
			return err
		}
		try++
		if now, err := d.Store.Stat(ctx, d.Name); err == nil {
			if err := same(d.done.Info, now); err != nil && (!d.Live || !errors.Is(err, ErrLive)) {
				return err
			}
		}
	}
	return nil
}

// stream copies from one connection.
func (d *download) stream(ctx context.Context) error {
	from, err := d.Store.Open(ctx, d.Name, d.at, d.done.Size-d.at)
	if err != nil {
		return err
	}
	d.done.Connections++
	defer from.Close()
	_, err = io.Copy((*sink)(d), from)
	if err == nil && d.at < d.done.Size {
		err = fmt.Errorf("%w: it ends at byte %d of %d", ErrChanged, d.at, d.done.Size)
	}
	return err
}

// sink is where a download writes to.
type sink download

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.file.Write(p)
	s.sum.Write(p[:n])
	s.at += int64(n)
	if s.Progress != nil {
		s.Progress(s.at, s.done.Size)
	}
	return n, noSpace(err)
}

// verify compares what the disk has with what has come and with what was wanted, and the file in the store with what it was.
func (d *download) verify(ctx context.Context) error {
	file, err := openPlain(d.part, os.O_RDONLY)
	if err != nil {
		return err
	}
	defer file.Close()
	disk := sha256.New()
	n, err := io.Copy(disk, file)
	if err != nil {
		return err
	}
	copy(d.done.SHA256[:], disk.Sum(nil))
	switch {
	case n != d.done.Size:
		err = fmt.Errorf("%w: %d bytes are here of %d", ErrSize, n, d.done.Size)
	case !bytes.Equal(disk.Sum(nil), d.sum.Sum(nil)):
		err = fmt.Errorf("%w: the disk does not give back what was written", ErrHash)
	case d.SHA256 != nil && !bytes.Equal(disk.Sum(nil), d.SHA256):
		err = fmt.Errorf("%w: its SHA-256 is %x, not %x", ErrHash, disk.Sum(nil), d.SHA256)
	}
	if err == nil {
		var now Info
		if now, err = d.Store.Stat(ctx, d.Name); err == nil {
			err = same(d.done.Info, now)
		}
		if SafeToRetry(err) || d.Live && errors.Is(err, ErrLive) {
			err = nil // all of it is here; that nothing has changed cannot be asked, or is known
		}
	}
	if err != nil {
		return errors.Join(err, os.Remove(d.part), os.Remove(d.source())) // it is of no use
	}
	return nil
}

// finish gives the file its name and the time of the original.
func (d *download) finish() error {
	if !d.done.Time.IsZero() {
		if err := os.Chtimes(d.part, d.done.Time, d.done.Time); err != nil {
			return err
		}
	}
	if err := os.Rename(d.part, d.To); err != nil {
		return err
	}
	return os.Remove(d.source())
}

// noSpace makes ErrNoSpace of what the system says when a disk, a quota or a limit is full.
func noSpace(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	return err
}

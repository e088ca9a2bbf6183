package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/asterism-go/asterism/recording"
)

// get fetches a recording: into a file beside the one that is wanted, which gets its name when all of it is there. A file that
// was fetched in part is gone on with.
func (p *program) get(ctx context.Context, args []string) error {
	name, to := args[0], args[1]
	info, err := p.source.Stat(ctx, name)
	if errors.Is(err, fs.ErrNotExist) && p.kept != nil {
		return p.getArchived(ctx, name, to)
	}
	if err != nil {
		return err
	}
	part := to + recording.PartSuffix
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	have, err := f.Seek(0, io.SeekEnd)
	if err == nil && have > info.Size {
		have = 0
		_, err = f.Seek(0, io.SeekStart)
		err = errors.Join(err, f.Truncate(0))
	}
	if err != nil {
		return err
	}
	r, err := p.source.Open(ctx, name, have, -1)
	if err != nil {
		return err
	}
	defer r.Close()
	bar := &bar{out: p.out, what: name, size: info.Size, done: have}
	if _, err := io.Copy(io.MultiWriter(f, bar), r); err != nil {
		return err
	}
	if bar.done != info.Size {
		return fmt.Errorf("%w: %d bytes of %d", recording.ErrChanged, bar.done, info.Size)
	}
	return errors.Join(bar.end(), f.Sync(), os.Rename(part, to))
}

// getArchived fetches from the archive; that it is what was archived is known at its end.
func (p *program) getArchived(ctx context.Context, name, to string) error {
	r, m, err := p.kept.Open(ctx, name)
	if err != nil {
		return err
	}
	defer r.Close()
	part := to + recording.PartSuffix
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	bar := &bar{out: p.out, what: name, size: m.Size}
	if _, err := io.Copy(io.MultiWriter(f, bar), r); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return errors.Join(bar.end(), f.Sync(), os.Rename(part, to))
}

// bar is a progress bar of what is written to it.
type bar struct {
	out        io.Writer
	what       string
	size, done int64
	shown      int // in per cent; the bar is drawn when that changes
}

func (b *bar) Write(p []byte) (int, error) {
	b.done += int64(len(p))
	if percent := int(100 * b.done / max(b.size, 1)); percent != b.shown {
		b.shown = percent
		fmt.Fprintf(b.out, "\r%s  [%-40s] %3d %%", b.what, strings.Repeat("=", min(40, percent*40/100)), percent)
	}
	return len(p), nil
}

func (b *bar) end() error {
	_, err := fmt.Fprintf(b.out, "\n%d bytes\n", b.done)
	return err
}

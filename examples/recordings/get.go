package main

import (
	"context"
	"encoding/hex"
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
	bar := &bar{out: p.out, what: name}
	d := recording.Download{Store: p.source, Name: name, To: to, Progress: bar.show}
	done, err := d.Run(ctx)
	if errors.Is(err, fs.ErrNotExist) && p.kept != nil {
		return p.getArchived(ctx, bar, to)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "\n%d bytes, SHA-256 %s\n", done.Size, hex.EncodeToString(done.SHA256[:]))
	return err
}

// getArchived fetches from the archive; that it is what was archived is known at its end.
func (p *program) getArchived(ctx context.Context, bar *bar, to string) error {
	r, m, err := p.kept.Open(ctx, bar.what)
	if err != nil {
		return err
	}
	defer r.Close()
	part := recording.PartName(to)
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	bar.total = m.Size
	_, err = io.Copy(io.MultiWriter(f, bar), r)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(part, to)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part))
	}
	_, err = fmt.Fprintf(p.out, "\n%d bytes, SHA-256 %s\n", m.Size, m.SHA256)
	return err
}

// bar is a progress bar.
type bar struct {
	out         io.Writer
	what        string
	done, total int64
	shown       int // in per cent; the bar is drawn when that changes
}

// Write counts what was written.
func (b *bar) Write(p []byte) (int, error) {
	b.show(b.done+int64(len(p)), b.total)
	return len(p), nil
}

func (b *bar) show(done, total int64) {
	b.done = done
	if percent := int(100 * done / max(total, 1)); percent != b.shown {
		b.shown = percent
		fmt.Fprintf(b.out, "\r%s  [%-40s] %3d %%", b.what, strings.Repeat("=", min(40, percent*40/100)), percent)
	}
}

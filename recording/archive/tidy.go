package archive

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/asterism-go/asterism/recording"
)

// MinTidy is how old something must be for [Archive.Tidy] to remove it: longer than any recording takes to be moved, and more than
// the clocks of two machines are apart.
const MinTidy = 24 * time.Hour

// tidying is the document that says what is looked at to be removed.
type tidying struct {
	Data string    `json:"data"`
	At   time.Time `json:"at"`
}

// Tidy removes what writers that died have left, if it is older than so long, and than [MinTidy] in any case: files that are not
// complete, and data without a manifest, which [Archive.Move] would write once more. What the store tells no time of stays. It
// returns what it has removed.
//
// A Move that comes to the same data meanwhile does not lose it: one of the two sees the other. If it is Move, it fails with
// [ErrTidied] and can be repeated.
func (a *Archive) Tidy(ctx context.Context, older time.Duration) ([]string, error) {
	var removed []string
	older = max(older, MinTidy)
	for _, folder := range []string{dataFolder, manifestFolder, holdFolder, deletedFolder, tidyFolder} {
		for info, err := range Walk(ctx, a.Store, folder) {
			if err != nil {
				return removed, &Error{Op: "tidy", Step: "list", Name: folder, Err: err}
			}
			if info.Time.IsZero() || a.now().Sub(info.Time) < older {
				continue
			}
			gone, err := a.tidy(ctx, folder, info.Name)
			if err != nil {
				return removed, &Error{Op: "tidy", Step: "remove what is left", Name: info.Name, Err: err}
			}
			if gone {
				removed = append(removed, info.Name)
			}
		}
	}
	return removed, nil
}

// tidy removes a file if it is left over.
func (a *Archive) tidy(ctx context.Context, folder, name string) (bool, error) {
	switch {
	case folder == dataFolder: // also of a Put that died: nothing is archived under such a name, but it was once
		return a.tidyData(ctx, name)
	case recording.IsPart(name), folder == tidyFolder: // of a Tidy that died
	default:
		return false, nil
	}
	err := a.Store.Delete(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// tidyData removes data that no manifest is of. It writes first that it does, and looks for the manifest then: a Move writes the
// manifest, and looks then whether somebody removes its data. What it wrote stays if it is not known whether the data was removed.
func (a *Archive) tidyData(ctx context.Context, data string) (bool, error) {
	v := &verifier{Archive: a}
	if owned, err := v.owned(ctx, data); err != nil || owned {
		return false, err
	}
	mark := tidyFolder + "/" + rand.Text() + documentEnd
	if err := a.write(ctx, mark, tidying{Data: data, At: a.now().UTC()}); err != nil {
		return false, err
	}
	owned, err := v.owned(ctx, data)
	if err == nil && !owned {
		err = a.Store.Delete(ctx, data)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	return err == nil && !owned, a.Store.Delete(ctx, mark)
}

// notTidied makes sure that the data is there and that nobody is about to remove it, now that its manifest is written.
func (m *mover) notTidied(ctx context.Context) error {
	for info, err := range m.Store.List(ctx, tidyFolder+"/") {
		if err != nil {
			return err
		}
		if recording.IsPart(info.Name) { // who writes it looks for the manifest after that
			continue
		}
		var t tidying
		err := m.read(ctx, info.Name, &t)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err == nil && t.Data == m.made.Data {
			return ErrTidied
		}
	}
	info, err := m.Store.Stat(ctx, m.made.Data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %w", ErrTidied, err)
	case err == nil && info.Size >= 0 && info.Size != m.made.DataSize:
		return fmt.Errorf("%w: %d bytes instead of %d", recording.ErrSize, info.Size, m.made.DataSize)
	}
	return err
}

package archive

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/asterism-go/asterism/recording"
)

// Hold puts a recording under a legal hold: until [Archive.Release] it is not deleted. A hold of the same ID is replaced.
// If the recording is being deleted, or was, the error is [ErrDeleted]; a hold of the same ID that was there before stays.
func (a *Archive) Hold(ctx context.Context, h Hold) error {
	h.At = a.now().UTC()
	mine := false // whether the hold is of this call alone: an older one of the same ID is not to be taken away
	err := steps("hold", h.Name, []step{
		{"check the names", func() error { return checkHold(h.Name, h.ID) }},
		{"look for the recording", func() error { return a.archived(ctx, h.Name) }},
		{"store the hold", func() error {
			there, err := exists(ctx, a.Store, holdPrefix(h.Name)+h.ID+documentEnd)
			if err != nil {
				return err
			}
			mine = !there
			return a.write(ctx, holdPrefix(h.Name)+h.ID+documentEnd, h)
		}},
		// who deletes writes that first, and looks for holds then: one of the two sees the other
		{"look whether it is deleted", func() error { return a.archived(ctx, h.Name) }},
	})
	if mine && errors.Is(err, ErrDeleted) {
		a.release(ctx, h.Name, h.ID) //nolint:errcheck // a hold of nothing does no harm
	}
	return a.told(ctx, Entry{Op: "hold", Name: h.Name, By: h.By, Reason: h.Reason, Err: err})
}

// archived makes sure that a recording is there and is not being deleted.
func (a *Archive) archived(ctx context.Context, name string) error {
	deleted, err := exists(ctx, a.Store, deletedName(name))
	if err != nil {
		return err
	}
	if deleted {
		return ErrDeleted
	}
	_, err = a.Store.Stat(ctx, manifestName(name))
	return err
}

func checkHold(name, id string) error {
	if err := recording.CheckName(name); err != nil {
		return err
	}
	if err := recording.CheckName(id); err != nil {
		return err
	}
	if strings.ContainsFunc(id, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
	}) || len(id) > 100 || id[0] == '.' {
		return recording.ErrUnsafeName
	}
	return nil
}

// Release ends a legal hold. One that is not there is [fs.ErrNotExist].
func (a *Archive) Release(ctx context.Context, h Hold) error {
	err := steps("release", h.Name, []step{
		{"check the names", func() error { return checkHold(h.Name, h.ID) }},
		{"delete the hold", func() error { return a.release(ctx, h.Name, h.ID) }},
	})
	return a.told(ctx, Entry{Op: "release", Name: h.Name, By: h.By, Reason: h.Reason, Err: err})
}

func (a *Archive) release(ctx context.Context, name, id string) error {
	return a.Store.Delete(ctx, holdPrefix(name)+id+documentEnd)
}

// Holds returns the legal holds of a recording. One that cannot be read is an error: it holds all the same.
func (a *Archive) Holds(ctx context.Context, name string) ([]Hold, error) {
	if err := recording.CheckName(name); err != nil {
		return nil, err
	}
	var all []Hold
	for info, err := range a.Store.List(ctx, holdPrefix(name)) {
		if err != nil {
			return nil, err
		}
		if info.Dir || recording.IsPart(info.Name) { // the folder of a recording whose name goes on
			continue
		}
		var h Hold
		if err := a.read(ctx, info.Name, &h); errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	return all, nil
}

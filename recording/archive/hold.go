package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/asterism-go/asterism/recording"
)

// Hold puts a recording under a legal hold: until [Archive.Release] it is not deleted. The same hold may be put again, which leaves the
// one that is there; another one of the same ID, by somebody else or for another reason, is [ErrHold], also when two are put at once:
// one of them is there then. If the recording is being deleted, or was, the error is [ErrDeleted]; a hold that was there before stays, and
// so does one that came at the same time: another program may have been told of it, and one of nothing does no harm.
func (a *Archive) Hold(ctx context.Context, h Hold) error {
	h.At = a.now().UTC()
	err := steps("hold", h.Name, []step{
		{"check the names", func() error { return checkHold(h.Name, h.ID) }},
		{"look for the recording", func() error { return a.archived(ctx, h.Name) }},
		{"store the hold", func() error { return a.hold(ctx, h) }},
	})
	return a.told(ctx, Entry{Op: "hold", Name: h.Name, By: h.By, Reason: h.Reason, Err: err})
}

// hold stores a hold unless it is there. Who deletes a recording writes that first, and looks for holds then; here it is the other way
// round: one of the two sees the other.
func (a *Archive) hold(ctx context.Context, h Hold) error {
	err := a.isThere(ctx, h)
	if err == nil {
		return a.archived(ctx, h.Name)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	name := holdName(h.Name, h.ID)
	return a.alone(ctx, name, func() error {
		if err := a.isThere(ctx, h); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := a.write(ctx, name, h); err != nil {
			return err
		}
		return a.archived(ctx, h.Name)
	})
}

// isThere tells whether a hold is there: [fs.ErrNotExist] if none of that ID is, ErrHold if it is another one.
func (a *Archive) isThere(ctx context.Context, h Hold) error {
	var there Hold
	err := a.read(ctx, holdName(h.Name, h.ID), &there)
	if err == nil && (there.By != h.By || there.Reason != h.Reason) {
		err = fmt.Errorf("%w: by %q", ErrHold, there.By)
	}
	return err
}

// alone does something while nobody else does it to the same name. A store can only put and list: who comes puts a claim beside the name,
// for which IsPart is true, and lists the claims. Who sees none but his own is alone until he removes it, as who comes later sees it.
// Who sees another's withdraws, and after a moment that is another one for each tries again. A claim of a program that died
// keeps all others away until Tidy removes it; meanwhile there is [ErrHold].
func (a *Archive) alone(ctx context.Context, name string, do func() error) error {
	for wait := firstWait; ; wait *= 2 {
		claim := recording.PartName(name)
		if err := a.Store.Put(ctx, claim, strings.NewReader(""), 0); err != nil {
			return errors.Join(err, a.withdraw(ctx, claim)) // it may be there all the same
		}
		others, err := a.others(ctx, name, claim)
		if err == nil && !others {
			err = do()
		}
		err = errors.Join(err, a.withdraw(ctx, claim))
		if err != nil || !others {
			return err
		}
		if wait > lastWait {
			return fmt.Errorf("%w: it is just being put, or who put it has died", ErrHold)
		}
		select {
		case <-time.After(wait + rand.N(wait)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// withdraw removes a claim, also when ctx has ended.
func (a *Archive) withdraw(ctx context.Context, claim string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), withdrawTimeout)
	defer cancel()
	if err := a.Store.Delete(ctx, claim); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// withdrawTimeout bounds the removal of a claim.
const withdrawTimeout = 30 * time.Second

// How long to wait for others: the first time, and at most the last.
const (
	firstWait = 10 * time.Millisecond
	lastWait  = 3 * time.Second
)

// others tells whether there are claims of others.
func (a *Archive) others(ctx context.Context, name, claim string) (bool, error) {
	for info, err := range a.Store.List(ctx, name+".") {
		if err != nil || info.Name != claim && recording.IsPart(info.Name) {
			return err == nil, err
		}
	}
	return false, nil
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
		{"delete the hold", func() error { return a.Store.Delete(ctx, holdName(h.Name, h.ID)) }},
	})
	return a.told(ctx, Entry{Op: "release", Name: h.Name, By: h.By, Reason: h.Reason, Err: err})
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

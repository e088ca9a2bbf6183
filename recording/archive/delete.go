package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"time"

	"github.com/asterism-go/asterism/recording"
)

// Order is an order to delete a recording.
type Order struct {
	Name string
	// By and Reason are who orders it and why: the law, the person who was recorded, the end of the time to keep it.
	By, Reason string
	// Early deletes it although it was to be kept for longer. A legal hold holds all the same.
	Early bool
}

// Delete deletes a recording of the archive, and returns the proof: that it was there, and that it is not any more. It can be
// repeated after any failure, and for a recording that was deleted already returns what was proven then.
func (a *Archive) Delete(ctx context.Context, order Order) (*Deletion, error) {
	d, err := a.delete(ctx, order)
	sum := ""
	if d != nil {
		sum = d.Recording.SHA256
	}
	if err := a.told(ctx, Entry{Op: "delete", Name: order.Name, By: order.By, Reason: order.Reason, SHA256: sum, Err: err}); err != nil {
		return nil, err
	}
	return d, nil
}

func (a *Archive) delete(ctx context.Context, order Order) (*Deletion, error) {
	d, err := a.Deletion(ctx, order.Name)
	begun := err == nil
	switch {
	case begun && !d.Done.IsZero():
		return d, nil
	case !begun && !errors.Is(err, fs.ErrNotExist):
		return nil, &Error{Op: "delete", Step: "look whether it was deleted", Name: order.Name, Err: err}
	case !begun:
		if d, err = a.order(ctx, order); err != nil {
			return d, err
		}
	}
	return d, steps("delete", order.Name, []step{
		{"look for legal holds", func() error { return a.unlessHeld(ctx, &d.Recording) }},
		{"delete the data", func() error { return a.remove(ctx, d.Recording.Data) }},
		{"delete the manifest", func() error { return a.remove(ctx, manifestName(order.Name)) }},
		{"write that it was deleted", func() error {
			d.Done = a.now().UTC()
			return a.write(ctx, deletedName(order.Name), d)
		}},
	})
}

// order writes that a recording is deleted, if it may be.
func (a *Archive) order(ctx context.Context, order Order) (*Deletion, error) {
	d := &Deletion{By: order.By, Reason: order.Reason, Ordered: a.now().UTC()}
	return d, steps("delete", order.Name, []step{
		{"look whether it may be deleted", func() error { return a.mayDelete(ctx, order, d) }},
		{"write that it is deleted", func() error {
			// what could not be written in the end could never be finished
			done := *d
			done.Done = time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
			if _, err := a.text(deletedName(order.Name), done); err != nil {
				return err
			}
			return a.write(ctx, deletedName(order.Name), d)
		}},
	})
}

// mayDelete makes sure that a recording is there, and need not be kept.
func (a *Archive) mayDelete(ctx context.Context, order Order, d *Deletion) error {
	m, err := a.Manifest(ctx, order.Name)
	if err != nil {
		return err
	}
	d.Recording = *m
	holds, err := a.Holds(ctx, order.Name)
	if err != nil {
		return err
	}
	if len(holds) > 0 {
		return fmt.Errorf("%w: %s", ErrHeld, holds[0].ID)
	}
	if a.now().Before(m.KeepUntil) && !order.Early {
		return fmt.Errorf("%w: until %s", ErrKept, m.KeepUntil.Format(time.RFC3339))
	}
	return nil
}

// unlessHeld looks for holds once more, now that it is written that the recording is deleted, and takes that back if there is one.
func (a *Archive) unlessHeld(ctx context.Context, m *Manifest) error {
	name := m.Name
	holds, err := a.Holds(ctx, name)
	if err != nil || len(holds) == 0 {
		return err
	}
	// a hold that came in time finds the data here: else it is refused, and the deletion goes on
	there, err := exists(ctx, a.Store, m.Data)
	if err != nil || !there {
		return err
	}
	if err := a.Store.Delete(ctx, deletedName(name)); err != nil {
		return err
	}
	return fmt.Errorf("%w: %s", ErrHeld, holds[0].ID)
}

// remove deletes something, and makes sure that it is not there any more.
func (a *Archive) remove(ctx context.Context, name string) error {
	if err := a.Store.Delete(ctx, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	there, err := exists(ctx, a.Store, name)
	if err == nil && there {
		err = fmt.Errorf("%w: %s was deleted and is still there", recording.ErrUnsupported, name)
	}
	return err
}

// Expire deletes all recordings whose time is over, those under a legal hold excepted, and finishes deletions that were not. It
// yields what it has deleted, or could not; reason is written into the proof.
func (a *Archive) Expire(ctx context.Context, by, reason string) iter.Seq2[*Deletion, error] {
	return func(yield func(*Deletion, error) bool) {
		for name, err := range a.due(ctx) {
			if err == nil {
				var d *Deletion
				d, err = a.Delete(ctx, Order{Name: name, By: by, Reason: reason})
				if errors.Is(err, ErrHeld) {
					continue
				}
				if err == nil {
					if !yield(d, nil) {
						return
					}
					continue
				}
			}
			if !yield(nil, err) {
				return
			}
		}
	}
}

// due are the names of recordings whose time is over, and of those that are being deleted.
func (a *Archive) due(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for name, err := range a.documents(ctx, deletedFolder) {
			var d *Deletion
			if err == nil {
				d, err = a.Deletion(ctx, name)
			}
			if (err != nil || d.Done.IsZero()) && !yield(name, err) {
				return
			}
		}
		for name, err := range a.documents(ctx, manifestFolder) {
			var m *Manifest
			if err == nil {
				m, err = a.Manifest(ctx, name)
			}
			if errors.Is(err, fs.ErrNotExist) { // it has gone meanwhile
				continue
			}
			if (err != nil || !m.KeepUntil.IsZero() && !a.now().Before(m.KeepUntil)) && !yield(name, err) {
				return
			}
		}
	}
}

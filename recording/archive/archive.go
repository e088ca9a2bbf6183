package archive

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"filippo.io/age"

	"github.com/asterism-go/asterism/recording"
)

// DefaultSettle is how long a recording must not have changed to be taken for finished.
const DefaultSettle = time.Minute

// Archive keeps recordings in a store. Set its fields, which must not change afterwards; its methods may be called by several
// goroutines at once, but each recording is for one at a time.
type Archive struct {
	// Store is where they are kept. It must be able to delete.
	Store recording.Store
	// Recipients are whom recordings are encrypted for. None: they are not encrypted.
	Recipients []age.Recipient
	// Identities decrypt recordings. Who only moves them needs none.
	Identities []age.Identity
	// Key, if not nil, authenticates manifests, holds and deletions (HMAC-SHA-256): random bytes, at least [MinKey] of them. A shorter
	// one, or one without any, as of an empty file, is [ErrKey] of all that reads or writes those.
	Key []byte
	// Keep is for how long a recording is kept, from when it was made or last changed. Zero: until somebody deletes it.
	Keep time.Duration
	// Settle is how long a recording must not have changed to be moved. Default: [DefaultSettle]; negative: it may be moved at once.
	// A source that does not tell when a recording was changed, as ARI, takes a negative one: nothing can be judged by it.
	Settle time.Duration
	// Busy, if not nil, tells whether a recording is not finished although it has not changed for so long: a recording that is
	// paused. Move asks it, and what is busy is [recording.ErrLive]. See aristore.Store.Busy for recordings of ARI and
	// record.AMI.Busy for those of MixMonitor.
	Busy func(ctx context.Context, name string) (bool, error)
	// Now is the clock. Default: [time.Now].
	Now func() time.Time
	// Audit, if not nil, is told of all that is done to recordings, and of what is refused or fails. It must not block.
	Audit func(Entry)
	// Logger, if not nil, is told of it too.
	Logger *slog.Logger
}

// Entry is something that was done, for the audit.
type Entry struct {
	At time.Time
	// Op is what was done: "move", "open", "hold", "release", "delete".
	Op   string
	Name string
	// By and Reason are who did it and why, where that was said.
	By, Reason string
	// SHA256 is that of the recording, as far as it is known.
	SHA256 string
	// Err is why it was refused or has failed; nil if it was done.
	Err error
}

func (a *Archive) now() time.Time {
	if a.Now != nil {
		return a.Now()
	}
	return time.Now()
}

func (a *Archive) settle() time.Duration { return max(0, cmp.Or(a.Settle, DefaultSettle)) }

// told tells the audit, and returns the error of the entry.
func (a *Archive) told(ctx context.Context, e Entry) error {
	e.At = a.now()
	if a.Audit != nil {
		a.Audit(e)
	}
	if a.Logger != nil {
		a.Logger.InfoContext(ctx, "archive", "op", e.Op, "name", e.Name, "by", e.By, "reason", e.Reason, "sha256", e.SHA256, "error", e.Err)
	}
	return e.Err
}

// MinKey is how long [Archive.Key] must be, in bytes.
const MinKey = 32

// Names of what lies in the store.
const (
	dataFolder     = "data"
	manifestFolder = "manifest"
	holdFolder     = "hold"
	deletedFolder  = "deleted"
	tidyFolder     = "tidy"
	encryptedEnd   = ".age"
	documentEnd    = ".json"
)

func manifestName(name string) string { return manifestFolder + "/" + name + documentEnd }
func deletedName(name string) string  { return deletedFolder + "/" + name + documentEnd }
func holdPrefix(name string) string   { return holdFolder + "/" + name + "/" }

func holdName(name, id string) string { return holdPrefix(name) + id + documentEnd }

func (a *Archive) dataName(name string) string {
	if len(a.Recipients) > 0 {
		return dataFolder + "/" + name + encryptedEnd
	}
	return dataFolder + "/" + name
}

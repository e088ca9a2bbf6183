package archive

import (
	"errors"
	"fmt"
)

// Errors of the archive, asked of an error with errors.Is. What is altered is [recording.ErrHash], what has another size
// [recording.ErrSize], what changes while it is moved [recording.ErrChanged], what may still be recorded [recording.ErrLive], what is not there [fs.ErrNotExist].
var (
	// ErrExists says that another recording of that name is in the archive.
	ErrExists = errors.New("another recording of that name is archived")
	// ErrHeld says that there is a legal hold.
	ErrHeld = errors.New("there is a legal hold")
	// ErrKept says that it must be kept for longer.
	ErrKept = errors.New("it must be kept for longer")
	// ErrDeleted says that the recording was deleted, or is just being deleted.
	ErrDeleted = errors.New("deleted")
	// ErrHold says that there is another legal hold of that ID.
	ErrHold = errors.New("there is another legal hold of that ID")
	// ErrTidied says that what a Move has written is just being looked at by [Archive.Tidy], or has just been removed: Move again.
	ErrTidied = errors.New("it is being tidied up")
	// ErrTooLong says that what a document of the archive has to tell is over its limit, 64 kB: who and why must be said shorter.
	ErrTooLong = errors.New("it is too long for a document of the archive")
	// ErrKey says that [Archive.Key] is too short.
	ErrKey = errors.New("the key of the archive is too short")
	// ErrSeal says that a document of the archive is not sealed with its key.
	ErrSeal = errors.New("not sealed with the key of the archive")
	// ErrNoIdentity says that a recording is encrypted, and that there is no identity to decrypt it.
	ErrNoIdentity = errors.New("there is no identity to decrypt it")
)

// Error is what went wrong, and at which step.
type Error struct {
	// Op is what was done: "move", "open", "hold", "release", "delete", "verify", "tidy".
	Op string
	// Step is at which step, such as "store the data".
	Step string
	// Name is the recording.
	Name string
	Err  error
}

func (e *Error) Error() string {
	return fmt.Sprintf("archive: %s %q: %s: %v", e.Op, e.Name, e.Step, e.Err)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// steps runs steps until one fails, and names it.
func steps(op, name string, all []step) error {
	for _, s := range all {
		if err := s.do(); err != nil {
			return &Error{Op: op, Step: s.what, Name: name, Err: err}
		}
	}
	return nil
}

type step struct {
	what string
	do   func() error
}

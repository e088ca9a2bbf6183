package recording

import (
	"errors"
	"fmt"
)

// What can be wrong, asked of an error with errors.Is. That a file is not there is [fs.ErrNotExist], that it must not be read
// or written [fs.ErrPermission].
var (
	// ErrUnsafeName is a name that CheckName refuses. Nothing was asked of the store.
	ErrUnsafeName = errors.New("not a safe name")
	// ErrOutside is a name that leads to something outside the root of the store by way of a symbolic link, or to
	// something that is neither a file nor a folder: a device, a pipe.
	ErrOutside = errors.New("outside the root of the store")
	// ErrAuth is a store that does not accept the credentials.
	ErrAuth = errors.New("credentials refused")
	// ErrConnection is a store that cannot be reached, or a connection that broke or stood still for too long.
	ErrConnection = errors.New("no connection")
	// ErrNoSpace is a disk that is full, or a quota that is used up, here or at the store.
	ErrNoSpace = errors.New("no space left")
	// ErrSize is a file whose size is not the one it was said to have.
	ErrSize = errors.New("wrong size")
	// ErrHash is a file whose content is not what it was said to be.
	ErrHash = errors.New("wrong content")
	// ErrChanged is a file that became another one while it was read.
	ErrChanged = errors.New("changed meanwhile")
	// ErrLive is a file that is still being recorded.
	ErrLive = errors.New("still being recorded")
	// ErrNoRecording is a call of which no recording was found.
	ErrNoRecording = errors.New("no recording found")
	// ErrUnsupported is something that this kind of store cannot do.
	ErrUnsupported = errors.New("not supported by this store")
	// ErrClosed is a store that was closed.
	ErrClosed = errors.New("store is closed")
)

// StoreError is what went wrong at a store, and where.
type StoreError struct {
	// Store names the store, as "sftp pbx.example:22" or "disk /srv/rec". It holds no secret.
	Store string
	// Op is what was asked of it: "open", "stat", "list", "put", "delete", "connect".
	Op string
	// Name is the file, if it was about one.
	Name string
	// Err is what was wrong.
	Err error
}

func (e *StoreError) Error() string {
	if e.Name == "" {
		return fmt.Sprintf("recording: %s: %s: %v", e.Store, e.Op, e.Err)
	}
	return fmt.Sprintf("recording: %s: %s %q: %v", e.Store, e.Op, e.Name, e.Err)
}

func (e *StoreError) Unwrap() error { return e.Err }

// SafeToRetry tells whether asking once more may help: the store was not reached, or the connection broke. Everything that
// is asked of a store may be asked twice.
func SafeToRetry(err error) bool { return errors.Is(err, ErrConnection) }

package diskstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/internal/storeio"
)

// fail makes an error of this store: in the words that all stores have, without the paths that the operating system adds.
func (s *Store) fail(op, name string, err error) error {
	return storeio.Fail(s.name, op, name, s.translate(err))
}

func (s *Store) translate(err error) error {
	switch inner := bare(err); {
	case err == nil:
		return nil
	case s.escapes != nil && errors.Is(err, s.escapes), errors.Is(err, syscall.ELOOP):
		return fmt.Errorf("%w: a symbolic link leads there", recording.ErrOutside)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return fmt.Errorf("%w: %w", recording.ErrNoSpace, inner)
	case errors.Is(err, syscall.ENOTDIR): // an element on the way is a file: then the name is not there
		return fmt.Errorf("%w: %w", fs.ErrNotExist, inner)
	case errors.Is(err, os.ErrClosed):
		return recording.ErrClosed
	default:
		return inner
	}
}

// bare takes the path off an error of the os package.
func bare(err error) error {
	var pathError *fs.PathError
	var linkError *os.LinkError
	switch {
	case errors.As(err, &pathError):
		return pathError.Err
	case errors.As(err, &linkError):
		return linkError.Err
	}
	return err
}

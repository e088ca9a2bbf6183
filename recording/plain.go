package recording

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// openPlain opens a file of this machine that is one: who may write in its folder could have put a link there, or a pipe. That is
// fs.ErrInvalid. Nothing is changed in a file by opening it: O_TRUNC is not for here.
func openPlain(name string, flags int) (*os.File, error) {
	if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return nil, notPlain(name)
	}
	file, err := os.OpenFile(name, flags|noFollow, 0o600)
	if err != nil {
		return nil, err
	}
	opened, err := file.Stat()
	there, lstatErr := os.Lstat(name)
	err = errors.Join(err, lstatErr)
	if err == nil && (!there.Mode().IsRegular() || !os.SameFile(opened, there)) {
		err = notPlain(name) // exchanged meanwhile, where there is no O_NOFOLLOW
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func notPlain(name string) error {
	return fmt.Errorf("%w: %s is not a regular file", fs.ErrInvalid, name)
}

// writePlain makes this the content of a file that openPlain opens.
func writePlain(name string, content []byte) error {
	file, err := openPlain(name, os.O_WRONLY|os.O_CREATE)
	if err != nil {
		return err
	}
	err = file.Truncate(0)
	if err == nil {
		_, err = file.Write(content)
	}
	return errors.Join(err, file.Close())
}

// readPlain reads what writePlain has written; more than 64 KiB it never is.
func readPlain(name string) ([]byte, error) {
	file, err := openPlain(name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, 64<<10))
}

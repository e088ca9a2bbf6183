package sftpstore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/internal/storeio"
)

func (s *Store) fail(op, name string, err error) error { return storeio.Fail(s.name, op, name, err) }

// translate puts an error of the library into the words that all stores have.
func (c *conn) translate(err error) error {
	if err == nil {
		return nil
	}
	var status *sftp.StatusError
	var exit *ssh.ExitMissingError
	var network net.Error
	switch {
	case errors.Is(err, recording.ErrConnection):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return fs.ErrNotExist
	case errors.Is(err, fs.ErrPermission):
		return fs.ErrPermission
	case errors.Is(err, sftp.ErrSSHFxConnectionLost), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, net.ErrClosed), errors.As(err, &exit), errors.As(err, &network):
		if why := c.Why(); why != nil {
			return why
		}
		return fmt.Errorf("%w: %w", recording.ErrConnection, err)
	case errors.As(err, &status) && status.FxCode() == sftp.ErrSSHFxOpUnsupported:
		return fmt.Errorf("%w: %w", recording.ErrUnsupported, err)
	}
	return err
}

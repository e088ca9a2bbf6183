package ftpstore

import (
	"errors"
	"io/fs"
	"net/textproto"
	"testing"

	"github.com/asterism-go/asterism/recording"
)

// TestTranslate has what servers answer and what it means.
func TestTranslate(t *testing.T) {
	for _, c := range []struct {
		code    int
		message string
		want    error
	}{
		{451, "Failure writing to local file.", recording.ErrNoSpace}, // vsftpd
		{451, "Requested action aborted.", errRefused},
		{452, "Insufficient storage space.", recording.ErrNoSpace},
		{552, "Exceeded storage allocation.", recording.ErrNoSpace},
		{426, "Failure writing network stream.", recording.ErrConnection},
		{550, "Failed to open file.", fs.ErrNotExist},
		{553, "Could not create file.", fs.ErrPermission},
		{500, "OOPS: child died", recording.ErrConnection},
		{500, "Unknown command.", recording.ErrUnsupported},
	} {
		if err := translate(&textproto.Error{Code: c.code, Msg: c.message}); !errors.Is(err, c.want) {
			t.Errorf("%d %s: %v, want %v", c.code, c.message, err, c.want)
		}
	}
}

package record

import (
	"errors"
	"fmt"
)

// Errors of recordings. Those of the connection come as they are from packages ami and ari.
var (
	// ErrEnded says that the channel has ended, or the recording has been stopped.
	ErrEnded = errors.New("record: the recording has ended")
	// ErrNoConsent says that [Recorder.Consent] has said no: nothing was recorded.
	ErrNoConsent = errors.New("record: there is no consent")
	// ErrNameTaken says that the template has made the name of a recording that there is, which would be overwritten.
	ErrNameTaken = errors.New("record: there is a recording of that name")
	// ErrMasked says that a recording that is masked cannot be resumed: unmask it first, so that nothing is heard in between.
	ErrMasked = errors.New("record: it is masked")
	// ErrNotNow says that there is nothing to resume or to unmask.
	ErrNotNow = errors.New("record: it is neither paused nor masked")
)

// ValueError says that something that was given cannot be used. It does not repeat the value.
type ValueError struct {
	// Field is what was given, as in "Channel".
	Field   string
	Problem string
}

func (e *ValueError) Error() string { return fmt.Sprintf("record: %s %s", e.Field, e.Problem) }

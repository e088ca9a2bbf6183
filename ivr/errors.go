package ivr

import (
	"errors"
	"fmt"
)

var (
	// ErrHangup says that the call is over.
	ErrHangup = errors.New("ivr: the caller has hung up")
	// ErrContinued says that the call was sent on in the dialplan, or transferred, and is not the program's any more.
	ErrContinued = errors.New("ivr: the call was sent on")
)

// SoundError says that a sound could not be played: Asterisk has no such file in a format that it can translate.
type SoundError struct {
	// Sound is its name, Language the language in which it was asked for.
	Sound, Language string
}

func (e *SoundError) Error() string {
	return fmt.Sprintf("ivr: cannot play %q in language %q: is there such a sound?", e.Sound, e.Language)
}

// RecordError says that a recording could not be made.
type RecordError struct {
	// Name is that of the recording, Problem what Asterisk says.
	Name, Problem string
}

func (e *RecordError) Error() string { return fmt.Sprintf("ivr: recording %q: %s", e.Name, e.Problem) }

// TransferError says that a transfer was refused.
type TransferError struct {
	// To is the destination, Problem what Asterisk says.
	To, Problem string
}

func (e *TransferError) Error() string {
	return fmt.Sprintf("ivr: transfer to %q: %s", e.To, e.Problem)
}

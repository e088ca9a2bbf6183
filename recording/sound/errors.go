package sound

import (
	"errors"
	"fmt"
)

// ErrNoTool says that a sound can be decoded by another program only, and that none that can is installed.
var ErrNoTool = errors.New("sound: neither sox nor ffmpeg is installed, or the one that is cannot decode this")

// FormatError says that a file is damaged, or none of sound.
type FormatError struct {
	// Name is that of the file.
	Name string
	// Offset is where the problem is, in bytes.
	Offset  int64
	Problem string
	// Err is why reading ended, if that is the problem: [io.ErrUnexpectedEOF] for a file that ends within its header.
	Err error
}

func (e *FormatError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("sound: %s: byte %d: %s: %v", e.Name, e.Offset, e.Problem, e.Err)
	}
	return fmt.Sprintf("sound: %s: byte %d: %s", e.Name, e.Offset, e.Problem)
}

// Unwrap returns Err.
func (e *FormatError) Unwrap() error { return e.Err }

// UnsupportedError says that a file may well be of sound, but of none that this package knows.
type UnsupportedError struct {
	// Name is that of the file.
	Name string
	// What is what it is, such as "WAV with 24 bit PCM".
	What string
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("sound: %s: %s is not supported", e.Name, e.What)
}

// EncodedError is the error of [NewReader] for a sound that takes a [Tool] to decode.
type EncodedError struct {
	Name     string
	Encoding Encoding
}

func (e *EncodedError) Error() string {
	return fmt.Sprintf("sound: %s: %s takes sox or ffmpeg to decode", e.Name, e.Encoding)
}

// ToolError says that a program did not decode a sound.
type ToolError struct {
	// Program is "sox" or "ffmpeg".
	Program string
	// Output is the end of what it said, at most 1 kB.
	Output string
	// Err is how it ended.
	Err error
}

func (e *ToolError) Error() string {
	return fmt.Sprintf("sound: %s: %v: %s", e.Program, e.Err, e.Output)
}

// Unwrap returns Err.
func (e *ToolError) Unwrap() error { return e.Err }

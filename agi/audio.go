package agi

import (
	"context"
	"errors"
	"io"
	"os"
)

// ErrNoAudio says that the session has no audio: it was not started by EAGI.
var ErrNoAudio = errors.New("agi: no audio: the session was not started by EAGI")

// Audio is what the caller says, as it comes, from the beginning of the session on.
type Audio struct {
	// Format is Asterisk's name of the format: slin is 16-bit linear at 8,000 samples a second in the byte order of the
	// machine, slin16 the same at 16,000, ulaw one byte for a sample. EAGI_AUDIO_FORMAT in the dialplan chooses it.
	Format string

	session *Session
}

// eagiFormat is the variable that chooses the format (eagi_exec in res/res_agi.c).
const eagiFormat = "EAGI_AUDIO_FORMAT"

// Audio returns the audio of EAGI, or [ErrNoAudio]. Asterisk does not wait for the reader: what is not read soon is lost
// when the pipe is full, after some seconds. It writes audio while prompts are played too, but not during EXEC and
// RECORD FILE. EAGI_AUDIO_FORMAT must still be as it was at the beginning.
func (s *Session) Audio(ctx context.Context) (*Audio, error) {
	if s.audio == nil {
		return nil, ErrNoAudio
	}
	format, err := s.GetVariable(ctx, eagiFormat)
	if err != nil {
		return nil, err
	}
	if format == "" {
		format = "slin"
	}
	context.AfterFunc(s.ctx, func() { s.audio.SetReadDeadline(past) }) //nolint:errcheck // it is closed, perhaps
	return &Audio{Format: format, session: s}, nil
}

// Read reads what the caller says. It ends with io.EOF when the call, or the session's context, does.
func (a *Audio) Read(p []byte) (int, error) {
	n, err := a.session.audio.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, os.ErrClosed) {
		err = io.EOF
	}
	return n, err
}

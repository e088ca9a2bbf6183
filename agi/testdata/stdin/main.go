// Command stdin is an AGI program for the tests: it does what its first argument in the dialplan says, and notes in
// Asterisk's database what it saw.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/asterism-go/asterism/agi"
)

func main() {
	if err := agi.ServeStdin(context.Background(), agi.HandlerFunc(serve)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, s *agi.Session) error {
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	note := func(key string, value any) error {
		return s.Dead().DatabasePut(after, "stdin", key, fmt.Sprint(value))
	}
	switch mode := s.Env().Args[0]; mode {
	case "plain":
		_, err := s.Audio(ctx)
		return errors.Join(
			note("audio", errors.Is(err, agi.ErrNoAudio)),
			s.SetVariable(ctx, "DESK", "two\nlines"),
			note("args", s.Env().Args[1:]),
		)
	case "fail":
		return errors.New("told to")
	case "panic":
		panic("told to")
	case "idle": // the hangup comes while no command runs
		<-ctx.Done()
		return note("cause", context.Cause(ctx))
	case "prompt": // and while one does
		_, err := s.StreamFile(ctx, "demo-congrats", "")
		return note("error", err)
	case "audio":
		return listen(ctx, s, note)
	}
	return errors.New("no such mode")
}

// listen reads a second and a half of audio while a prompt is played, and then until the caller hangs up.
func listen(ctx context.Context, s *agi.Session, note func(string, any) error) error {
	audio, err := s.Audio(ctx)
	if err != nil {
		return err
	}
	played := make(chan error, 1)
	go func() {
		_, err := s.StreamFile(ctx, "beep", "")
		played <- err
	}()
	first := make([]byte, 12000)
	if _, err := io.ReadFull(audio, first); err != nil {
		return err
	}
	if err := errors.Join(<-played, note("format", audio.Format)); err != nil {
		return err
	}
	rest, err := io.Copy(io.Discard, audio)
	return errors.Join(err, note("more", rest > 0))
}

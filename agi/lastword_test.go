package agi_test

import (
	"context"
	"errors"
	"testing"

	"github.com/asterism-go/asterism/agi"
)

// A connection that ends behind HANGUP ends with the call, also if an echo was awaited then, as with AGIEXITONHANGUP.
func TestHangupBeforeTheEchoOfAMarker(t *testing.T) {
	cause := make(chan error, 1)
	p := session(t, func(ctx context.Context, s *agi.Session) error {
		_, err := s.StreamFile(ctx, "x", "")
		cause <- context.Cause(ctx)
		return err
	})
	p.expect(`STREAM FILE "x" ""`, "200 result=-1 endpos=0\n")
	p.read() // the marker
	p.send("HANGUP\n")
	p.conn.Close()
	if err := p.result(); !errors.Is(err, agi.ErrHangup) {
		t.Errorf("StreamFile: %v", err)
	}
	if err := <-cause; !errors.Is(err, agi.ErrHangup) {
		t.Errorf("the context: %v", err)
	}
}

//go:build unix

package prompts_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ivr/prompts"
)

// TestSpeakerTimeoutEndsScript holds that the Timeout ends a script whose program holds its output.
func TestSpeakerTimeoutEndsScript(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	s := &prompts.Speaker{Dir: t.TempDir(), Timeout: 200 * time.Millisecond, Voice: prompts.Command{Args: []string{"sh", "-c", "sleep 60; true"}}}
	if _, err := s.Speak(ctx, "en", "hello"); err == nil || !strings.Contains(err.Error(), "not within 200ms") {
		t.Errorf("%v, want that it was not spoken in time", err)
	}
}

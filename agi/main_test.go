package agi_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails if a test leaves a goroutine behind: of a server, a session, or of one that listens for a hangup.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

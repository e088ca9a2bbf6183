package agi_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails if a test leaves a goroutine behind: of a server, a session, or of one that listens for a hangup. For the
// benchmarks it is one of the servers that they compare.
func TestMain(m *testing.M) {
	if name := os.Getenv(benchServer); name != "" {
		os.Exit(runBenchServer(name))
	}
	goleak.VerifyTestMain(m)
}

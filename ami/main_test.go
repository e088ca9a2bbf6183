package ami_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails if a test leaves a goroutine behind: of a client, or of a Manager that it spoke to.
func TestMain(m *testing.M) {
	if os.Getenv(sendTraceEnv) != "" {
		sendTraces()
	}
	goleak.VerifyTestMain(m)
}

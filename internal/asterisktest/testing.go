package asterisktest

import (
	"context"
	"os"
)

// TB is the part of testing.TB that Start needs.
type TB interface {
	Helper()
	Cleanup(func())
	Context() context.Context
	Failed() bool
	Logf(format string, args ...any)
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
}

// Require skips a test if ASTERISM_ASTERISK=none: one whose subject starts an Asterisk by itself, with [Run].
func Require(t TB) {
	t.Helper()
	if os.Getenv(Environment) == "none" {
		t.Skipf("%v", errNone)
	}
}

// Start runs an Asterisk for a test: it ends with the test, and if the test fails its log is shown. A test that cannot get
// an Asterisk fails, unless ASTERISM_ASTERISK=none says to skip it.
func Start(t TB, cfg Config) *Asterisk {
	t.Helper()
	Require(t)
	a, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of Asterisk %s:\n%s", a.Version, a.Log())
		}
		if err := a.Stop(); err != nil {
			t.Logf("stopping Asterisk: %v", err)
		}
	})
	return a
}

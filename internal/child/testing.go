package child

import "context"

// TB is the part of testing.TB that a server of a test needs.
type TB interface {
	Helper()
	Cleanup(func())
	Context() context.Context
	Failed() bool
	Logf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Server is a server that a test can have.
type Server interface {
	Log() string
	Stop() error
}

// ForTest runs a server for a test: it ends with the test, and if the test fails its log is shown. A test that cannot get it
// fails.
func ForTest[S Server](t TB, name string, run func(context.Context) (S, error)) S {
	t.Helper()
	s, err := run(t.Context())
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of %s:\n%s", name, s.Log())
		}
		if err := s.Stop(); err != nil {
			t.Logf("stopping %s: %v", name, err)
		}
	})
	return s
}

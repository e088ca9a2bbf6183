package slapd

import "context"

// TB is the part of testing.TB that Start needs.
type TB interface {
	Helper()
	Cleanup(func())
	Context() context.Context
	Failed() bool
	Logf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Start runs a server for a test: it ends with the test, and if the test fails its log is shown. A test that cannot get a
// slapd fails.
func Start(t TB, cfg Config) *Server {
	t.Helper()
	s, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of slapd:\n%s", s.Log())
		}
		if err := s.Stop(); err != nil {
			t.Logf("stopping slapd: %v", err)
		}
	})
	return s
}

package vsftpd

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
// vsftpd fails.
func Start(t TB, cfg Config) *Server {
	t.Helper()
	s, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of vsftpd:\n%s", s.Log())
		}
		if err := s.Stop(); err != nil {
			t.Logf("stopping vsftpd: %v", err)
		}
	})
	return s
}

// Folder is MakeFolder for a test.
func (s *Server) Folder(t TB, names ...string) string {
	t.Helper()
	dir, err := s.MakeFolder(names...)
	if err != nil {
		t.Fatalf("vsftpd: %v", err)
	}
	return dir
}

package vsftpd

import (
	"context"

	"github.com/asterism-go/asterism/internal/child"
)

// TB is the part of testing.TB that Start needs.
type TB = child.TB

// Start runs a server for a test: it ends with the test, and if the test fails its log is shown. A test that cannot get a
// vsftpd fails.
func Start(t TB, cfg Config) *Server {
	t.Helper()
	return child.ForTest(t, "vsftpd", func(ctx context.Context) (*Server, error) { return Run(ctx, cfg) })
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

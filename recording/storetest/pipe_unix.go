//go:build unix

package storetest

import (
	"os"
	"syscall"
	"testing"
)

// makePipe makes a pipe, which nobody writes to.
func makePipe(t *testing.T, file string) {
	t.Helper()
	check(t, syscall.Mkfifo(file, 0o666))
	check(t, os.Chmod(file, 0o666))
}

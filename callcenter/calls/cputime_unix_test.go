//go:build unix

package calls_test

import (
	"syscall"
	"testing"
	"time"
)

// cpuTime is the time of processors that this process has used, the garbage collector's too. Unlike the time of a clock it
// does not depend on what else the machine does.
func cpuTime(t testing.TB) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

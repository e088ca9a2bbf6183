package debpkg

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"
)

// lockPoll is how often a waiting process asks for the lock again.
const lockPoll = 50 * time.Millisecond

// lock takes an exclusive lock on the file, which is made if need be, and returns what releases it. The kernel releases
// it too when the process dies. The file stays: removing it would let two processes lock two different files.
func lock(ctx context.Context, file string) (unlock func(), err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if err != syscall.EWOULDBLOCK && err != syscall.EINTR {
			f.Close()
			return nil, fmt.Errorf("locking %s: %w", file, err)
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, fmt.Errorf("waiting for another process to fetch it: %w", context.Cause(ctx))
		case <-time.After(lockPoll):
		}
	}
}

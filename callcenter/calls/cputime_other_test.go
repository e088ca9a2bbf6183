//go:build !unix

package calls_test

import (
	"testing"
	"time"
)

var begin = time.Now()

// cpuTime is the time of a clock: close enough where nothing else runs.
func cpuTime(testing.TB) time.Duration { return time.Since(begin) }

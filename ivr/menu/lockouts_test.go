package menu

import (
	"testing"
	"time"

	"github.com/asterism-go/asterism/internal/yamlfile"
)

// TestLockoutStays holds that what calls at the same time enter, wrong or right, neither ends nor prolongs a lockout.
func TestLockoutStays(t *testing.T) {
	var l lockouts
	n := &PIN{Lockout: 3, LockoutFor: yamlfile.Duration(time.Hour)}
	now := time.Unix(0, 0)
	for i := 1; i <= 10; i++ {
		if got, want := l.wrong("a", now, n), i >= 3; got != want || l.locked("a", now) != want {
			t.Errorf("wrong PIN %d: locked %v, want %v", i, got, want)
		}
	}
	l.forget("a")
	if !l.wrong("a", now.Add(59*time.Minute), n) || !l.locked("a", now.Add(59*time.Minute)) {
		t.Error("the lockout ended early")
	}
	if l.locked("a", now.Add(time.Hour)) || l.wrong("a", now.Add(time.Hour), n) {
		t.Error("the lockout did not end in time")
	}
}

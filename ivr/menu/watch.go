package menu

import (
	"context"
	"os"
	"time"
)

// WatchInterval is how often [Engine.Watch] looks at the file if it is not said.
const WatchInterval = 2 * time.Second

// Watch replaces the menus whenever their file has changed, until ctx ends. It looks at the file every interval (zero:
// [WatchInterval]); a file that is wrong is told to report and changes nothing. Each version is reported once, with nil if it is
// in use now. What has changed since the menus in use were read counts as a change too.
func (e *Engine) Watch(ctx context.Context, file string, interval time.Duration, report func(error)) error {
	ticker := time.NewTicker(or(interval, WatchInterval))
	defer ticker.Stop()
	last := or(e.Set().state, stateOf(file))
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
		now := stateOf(file)
		if now == last {
			continue
		}
		last = now
		set, err := Read(file)
		if err == nil {
			err = e.Replace(set)
		}
		report(err)
	}
}

// fileState tells two versions of a file apart.
type fileState struct {
	modified time.Time
	size     int64
	there    bool
}

func stateOf(file string) fileState {
	info, err := os.Stat(file)
	if err != nil {
		return fileState{}
	}
	return fileState{info.ModTime(), info.Size(), true}
}

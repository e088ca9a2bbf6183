package recording

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"sync"
	"time"
)

// listings keeps what folders have, so that the next call of the same day needs no listing. A folder is listed again when its own time
// has changed, which it does with every new file; where a store does not tell that, after a while.
type listings struct {
	mu    sync.Mutex
	all   map[string]*listing
	order []string // of use, the last at the end
	names int
}

// Limits of the cache.
const (
	maxNames  = 500_000          // kept at once, of all folders together
	settled   = time.Minute      // a folder that has changed less than this before it was listed may change without being seen
	unknown   = 10 * time.Second // how long a listing is good if the store does not tell when a folder has changed
	unchanged = time.Hour        // the same, for a folder whose newest file is older than two days, and a call that had long ended
)

// listing is one folder.
type listing struct {
	mu      sync.Mutex // held while it is asked for, so that it is asked for once
	files   []Info
	changed time.Time // of the folder
	listed  time.Time
	names   int
}

// list is what is in a folder, for a call that ended at this time; zero is one that goes on.
func (c *listings) list(ctx context.Context, store Store, folder string, ended time.Time) ([]Info, error) {
	l := c.entry(folder)
	l.mu.Lock()
	defer l.mu.Unlock()
	var changed time.Time
	if folder != "" {
		info, err := store.Stat(ctx, folder)
		switch {
		case errors.Is(err, fs.ErrNotExist) && l.listed.IsZero():
			// A store without folders, or none of this day: asking costs the same.
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return nil, err
		default:
			changed = info.Time
		}
	}
	if l.good(changed, ended, time.Now()) {
		return l.files, nil
	}
	listed := time.Now()
	prefix := folder
	if prefix != "" {
		prefix += "/"
	}
	var files []Info
	for info, err := range store.List(ctx, prefix) {
		if err != nil {
			return nil, err
		}
		if !info.Dir {
			files = append(files, info)
		}
	}
	l.files, l.changed, l.listed = files, changed, listed
	c.keep(folder, l, len(files))
	return files, nil
}

// good tells whether nothing can have been added since that is of a call that ended at this time.
func (l *listing) good(changed, ended, now time.Time) bool {
	switch {
	case l.listed.IsZero():
		return false
	case !changed.IsZero():
		return changed.Equal(l.changed) && l.listed.Sub(changed) > settled
	case ended.IsZero():
		return now.Sub(l.listed) < unknown
	case !ended.Before(l.listed):
		return false // its recording cannot be in it
	case l.listed.Sub(ended) < settled:
		return now.Sub(l.listed) < unknown // it may have been written, mixed or moved there since
	}
	newest := time.Time{}
	for _, file := range l.files {
		if file.Time.After(newest) {
			newest = file.Time
		}
	}
	if !newest.IsZero() && now.Sub(newest) > 48*time.Hour {
		return now.Sub(l.listed) < unchanged
	}
	return now.Sub(l.listed) < unknown
}

// entry is the listing of a folder, which becomes the one used last.
func (c *listings) entry(folder string) *listing {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.all[folder]
	if l == nil {
		if c.all == nil {
			c.all = map[string]*listing{}
		}
		l = &listing{}
		c.all[folder] = l
	} else {
		c.order = slices.DeleteFunc(c.order, func(name string) bool { return name == folder })
	}
	c.order = append(c.order, folder)
	return l
}

// keep counts what a listing has, and forgets those used longest ago if there are too many names.
func (c *listings) keep(folder string, l *listing, names int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all[folder] != l {
		return // forgotten meanwhile
	}
	c.names += names + 1 - l.names
	l.names = names + 1
	for c.names > maxNames && len(c.order) > 1 {
		oldest := c.order[0]
		c.order = c.order[1:]
		c.names -= c.all[oldest].names
		delete(c.all, oldest)
	}
}

package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/asterism-go/asterism/ivr/menu"
)

// entry is a line of the journal: one of its fields is given.
type entry struct {
	Path    *menu.Path    `json:"path,omitempty"`
	Message *menu.Message `json:"message,omitempty"`
	Wish    *menu.Wish    `json:"wish,omitempty"`
}

// journal notes what callers did.
type journal struct {
	log *slog.Logger

	mu  sync.Mutex
	out io.WriteCloser // nil: it is only told to the log
}

// openJournal opens a file to add to; no name is no file.
func openJournal(name string, log *slog.Logger) (*journal, error) {
	j := &journal{log: log}
	if name == "" {
		return j, nil
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	j.out = f
	return j, nil
}

func (j *journal) add(e entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.out == nil {
		return nil
	}
	return json.NewEncoder(j.out).Encode(e)
}

// into has menus note here what callers did.
func (j *journal) into(cfg *menu.Config) {
	cfg.Paths = func(p menu.Path) {
		if err := j.add(entry{Path: &p}); err != nil {
			j.log.Error("the journal", "error", err)
		}
	}
	cfg.Recorded = func(_ context.Context, m menu.Message) error { return j.add(entry{Message: &m}) }
	cfg.Callback = func(_ context.Context, w menu.Wish) error { return j.add(entry{Wish: &w}) }
}

func (j *journal) close() error {
	if j == nil || j.out == nil {
		return nil
	}
	return j.out.Close()
}

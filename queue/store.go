package queue

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/asterism-go/asterism/queue/acd"
	"github.com/asterism-go/asterism/queue/stats"
)

// Store keeps what must survive the program. What Put has returned nil for must be there after the program was killed, and of what
// it has returned an error for nothing may be: the Server puts it again, with what has come meanwhile. Its methods are called by one
// goroutine. There are [Memory], [File], and package sqlitestore.
type Store interface {
	// Load returns what there is.
	Load() (Records, error)
	// Put replaces some of it.
	Put(Change) error
}

// Records is what a Store has: agents and callers by id, queues by name, the parts of the statistics by their Key.
type Records struct {
	Agents  map[string]acd.AgentRecord
	Callers map[string]CallerRecord
	Queues  map[string]acd.QueueRecord
	Stats   map[string]stats.Entry
	// Asterisk is since when the Asterisk runs that the callers are in.
	Asterisk time.Time
}

// CallerRecord is a caller, and the channel of the agent who talks with the caller.
type CallerRecord struct {
	Caller acd.CallerRecord `json:"caller"`
	Leg    string           `json:"leg,omitempty"`
	// Language is the caller's, Callback is there if the caller has asked to be called back.
	Language string          `json:"language,omitempty"`
	Callback *CallbackRecord `json:"callback,omitempty"`
}

// Change is a part of [Records] that is new. Gone are the ids of callers who are not there any more. Of Stats, those with neither
// OfQueue nor OfAgent are not there any more. A zero Asterisk is no change.
type Change struct {
	Agents   []acd.AgentRecord `json:"agents,omitempty"`
	Callers  []CallerRecord    `json:"callers,omitempty"`
	Gone     []string          `json:"gone,omitempty"`
	Queues   []acd.QueueRecord `json:"queues,omitempty"`
	Stats    []stats.Entry     `json:"stats,omitempty"`
	Asterisk time.Time         `json:"asterisk,omitzero"`
}

// Empty reports whether there is no change at all.
func (c *Change) Empty() bool {
	return len(c.Agents)+len(c.Callers)+len(c.Gone)+len(c.Queues)+len(c.Stats) == 0 && c.Asterisk.IsZero()
}

// NewRecords returns Records of nobody.
func NewRecords() Records {
	return Records{
		Agents: map[string]acd.AgentRecord{}, Callers: map[string]CallerRecord{}, Queues: map[string]acd.QueueRecord{},
		Stats: map[string]stats.Entry{},
	}
}

// Apply makes the change.
func (r *Records) Apply(c Change) {
	for _, q := range c.Queues {
		r.Queues[q.Name] = q
	}
	for _, e := range c.Stats {
		if r.Stats[e.Key()] = e; e.OfQueue == nil && e.OfAgent == nil {
			delete(r.Stats, e.Key())
		}
	}
	if !c.Asterisk.IsZero() {
		r.Asterisk = c.Asterisk
	}
	for _, a := range c.Agents {
		r.Agents[a.ID] = a
	}
	for _, caller := range c.Callers {
		r.Callers[caller.Caller.Caller.ID] = caller
	}
	for _, id := range c.Gone {
		delete(r.Callers, id)
	}
}

// Memory is a Store that survives no program: for tests, and for Servers that follow each other in one program.
type Memory struct {
	mu      sync.Mutex
	records Records
}

// NewMemory returns an empty Memory.
func NewMemory() *Memory { return &Memory{records: NewRecords()} }

// Load is that of [Store].
func (m *Memory) Load() (Records, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.records.clone(), nil
}

func (r *Records) clone() Records {
	return Records{maps.Clone(r.Agents), maps.Clone(r.Callers), maps.Clone(r.Queues), maps.Clone(r.Stats), r.Asterisk}
}

// all is the Change that makes these Records of none.
func (r *Records) all() Change {
	return Change{
		Agents: slices.Collect(maps.Values(r.Agents)), Callers: slices.Collect(maps.Values(r.Callers)),
		Queues: slices.Collect(maps.Values(r.Queues)), Stats: slices.Collect(maps.Values(r.Stats)), Asterisk: r.Asterisk,
	}
}

// size is how many lines it would have if each had one.
func (r *Records) size() int { return len(r.Agents) + len(r.Callers) + len(r.Queues) + len(r.Stats) }

// Put is that of [Store].
func (m *Memory) Put(c Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.records.Apply(c)
	return nil
}

// File is a Store in a file: changes are added at its end, one line of JSON each, and when most of it is of the past it is
// written anew. It survives the death of the program, at any moment; not that of the machine, as it does not wait for the disk.
type File struct {
	path    string
	file    *os.File
	records Records
	lines   int
	torn    bool  // a write has failed
	stale   error // why it could not be written anew the last time
}

// compactLines is how many changes a File has at least before it is written anew.
const compactLines = 5000

// OpenFile opens a File, or makes it. A last line that is not complete, as the program was killed while it wrote, does not
// count. One program at a time may have it open.
func OpenFile(path string) (*File, error) {
	f := &File{path: path, records: NewRecords()}
	if err := f.read(); err != nil {
		return nil, err
	}
	if err := f.compact(); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *File) read() error {
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	defer file.Close()
	reader := bufio.NewReader(file)
	for n := 1; ; n++ {
		line, err := reader.ReadBytes('\n')
		if err != nil {
			return ignoreEnd(err) // a line that is not complete does not count
		}
		var c Change
		if err := json.Unmarshal(line, &c); err != nil {
			return fmt.Errorf("queue: %s:%d: %w", f.path, n, err)
		}
		f.records.Apply(c)
	}
}

func ignoreEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return fmt.Errorf("queue: %w", err)
}

// compact writes what there is into another file, which then takes the place of this one.
func (f *File) compact() error {
	next, err := os.CreateTemp(filepath.Dir(f.path), filepath.Base(f.path)+".*")
	if err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	err = writeLine(next, f.records.all())
	if err == nil {
		err = os.Rename(next.Name(), f.path)
	}
	if err != nil {
		next.Close()
		os.Remove(next.Name())
		return fmt.Errorf("queue: %w", err)
	}
	if f.file != nil {
		f.file.Close()
	}
	f.file, f.lines, f.stale = next, 1, nil
	return nil
}

func writeLine(file *os.File, c Change) error {
	line, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = file.Write(append(line, '\n'))
	return err
}

// Load is that of [Store].
func (f *File) Load() (Records, error) {
	return f.records.clone(), nil
}

// Put is that of [Store].
func (f *File) Put(c Change) error {
	if f.torn { // what was written of a line must not be the beginning of the next one
		if err := f.compact(); err != nil {
			return err
		}
		f.torn = false
	}
	if err := writeLine(f.file, c); err != nil {
		f.torn = true
		return fmt.Errorf("queue: %w", err)
	}
	f.records.Apply(c)
	f.lines++
	if f.lines > compactLines && f.lines > 10*f.records.size() {
		f.renew()
	}
	return nil
}

// renew writes the file anew. What was put is in it anyhow: if that fails it only gets longer, and it is tried again as many lines later.
func (f *File) renew() {
	if err := f.compact(); err != nil {
		f.stale, f.lines = err, 0
	}
}

// Close closes the file. It returns an error too if the file is longer than need be, as it could not be written anew the last time.
func (f *File) Close() error { return errors.Join(f.stale, f.file.Close()) }

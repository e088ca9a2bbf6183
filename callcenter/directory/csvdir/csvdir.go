// Package csvdir is a source of people that reads them from a CSV file and reads it again when it changes.
//
//	source, err := csvdir.New(csvdir.Config{File: "people.csv", Plan: plan})
//	...
//	defer source.Close()
//
// The first line holds the names of the columns:
//
//	username,name,unit,number,email,group
//	maria,Μαρία Παπαδάκη,patra,210 123 4567;697 123 4567,maria@example.org,staff;heads
package csvdir

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/internal/record"
	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// The defaults and limits.
const (
	DefaultCheckEvery = time.Second
	// MaxSize is the largest file in bytes.
	MaxSize = 256 << 20
)

// Config says which file to read.
type Config struct {
	// Name is the source's name. Default: "csv".
	Name string `yaml:"name"`
	// File is the file: CSV (RFC 4180) in UTF-8, with the names of the columns in the first line.
	File string `yaml:"file"`
	// Comma is the character that separates the columns. Default: ",".
	Comma string `yaml:"comma"`
	// Mapping says what the columns are whose names do not: from the column's name to one of username, name, given_name,
	// family_name, organisation, unit, number, email, group, or to "" for none of them. Of number, email and group there
	// may be several columns, and several values in one, separated by semicolons. Rows with the same username are one
	// person. All columns are the person's Attributes too.
	Mapping map[string]string `yaml:"mapping"`
	// Plan reads the numbers. It is the Chain's, or [numbers.Plan.As] the trunk that the Link names.
	Plan *numbers.Plan `yaml:"-"`
	// CheckEvery is how often it is seen whether the file has changed, at most: a question looks when that time has passed.
	// Default: DefaultCheckEvery.
	CheckEvery time.Duration `yaml:"check_every"`
	// Logger, if not nil, is told when the file was read again, or could not be.
	Logger *slog.Logger `yaml:"-"`
}

// Source holds the people of a file. It is made by [New] and may be used by several goroutines at once.
type Source struct {
	cfg     Config
	mapping record.Mapping
	table   *directory.Table
	reading sync.WaitGroup

	mu      sync.Mutex
	checked time.Time
	busy    bool        // the file is being read
	seen    fs.FileInfo // of the file that was read last, well or not
	err     error
	closed  bool
}

var _ directory.Source = (*Source)(nil)

// New reads the file. An error about its text begins with file:line:column.
func New(cfg Config) (*Source, error) {
	cfg.Name = cmp.Or(cfg.Name, "csv")
	cfg.Comma = cmp.Or(cfg.Comma, ",")
	cfg.CheckEvery = cmp.Or(cfg.CheckEvery, DefaultCheckEvery)
	mapping, err := record.NewMapping(cfg.Mapping)
	if err != nil {
		return nil, fmt.Errorf("csvdir: %w", err)
	}
	if utf8.RuneCountInString(cfg.Comma) != 1 {
		return nil, fmt.Errorf("csvdir: comma %q is not one character", cfg.Comma)
	}
	s := &Source{cfg: cfg, mapping: mapping, table: directory.NewTable(cfg.Name, cfg.Plan, nil), checked: time.Now()}
	people, info, err := s.load()
	if err != nil {
		return nil, fmt.Errorf("csvdir: %w", err)
	}
	s.table.Replace(people)
	s.seen = info
	return s, nil
}

// Name implements [directory.Source].
func (s *Source) Name() string { return s.cfg.Name }

// Len is the number of people.
func (s *Source) Len() int { return s.table.Len() }

// ByNumber implements [directory.Source].
func (s *Source) ByNumber(ctx context.Context, number numbers.Number) ([]directory.Person, error) {
	s.check()
	return s.table.ByNumber(ctx, number)
}

// ByUsername implements [directory.Source].
func (s *Source) ByUsername(ctx context.Context, username string) ([]directory.Person, error) {
	s.check()
	return s.table.ByUsername(ctx, username)
}

// Err is why the file could not be read the last time; what was read before it is still given. It is nil if all is well.
func (s *Source) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Close ends the watch over the file. The people stay.
func (s *Source) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.reading.Wait()
	return nil
}

// check sees whether the file has changed, if it is time, and has it read then. Nobody waits for that.
func (s *Source) check() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.busy || s.closed || now.Sub(s.checked) < s.cfg.CheckEvery {
		return
	}
	s.checked = now
	s.busy = true
	s.reading.Go(s.reload)
}

// reload reads the file again if it is another one than the last time.
func (s *Source) reload() {
	info, err := os.Stat(s.cfg.File)
	if err == nil && s.same(info) {
		s.done(info, s.Err())
		return
	}
	people, info, err := s.load()
	if err == nil {
		s.table.Replace(people)
	}
	s.tell(err, len(people))
	s.done(info, err)
}

// same tells whether the file is the one that was read last.
func (s *Source) same(info fs.FileInfo) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen != nil && os.SameFile(s.seen, info) && s.seen.Size() == info.Size() && s.seen.ModTime().Equal(info.ModTime())
}

func (s *Source) done(info fs.FileInfo, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy, s.seen, s.err = false, info, err
}

// tell logs what came of reading; of a failure only what was not said before.
func (s *Source) tell(err error, people int) {
	before := s.Err()
	switch {
	case s.cfg.Logger == nil:
	case err == nil:
		s.cfg.Logger.Info("directory: file was read again", "source", s.cfg.Name, "file", s.cfg.File, "people", people)
	case before == nil || before.Error() != err.Error():
		s.cfg.Logger.Error("directory: the file cannot be read, what was read before stays", "source", s.cfg.Name, "error", err)
	}
}

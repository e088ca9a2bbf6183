package routing

import (
	"errors"
	"fmt"

	"github.com/asterism-go/asterism/callcenter/directory/numbers"
	"github.com/asterism-go/asterism/internal/yamlfile"
)

// The limits of a rule set.
const (
	MaxRules = 100_000
	MaxDesks = 10_000
	// MaxValues bounds the values of one list.
	MaxValues = 100_000
)

// Set is a rule set that is ready. It does not change and may be used by several goroutines at once.
type Set struct {
	numbers   Numbers
	plan      *numbers.Plan
	country   string // the region's country code with +
	national  string // what comes before national numbers at home
	always    bool   // the directory is asked about every caller
	calendars map[string]*calendar
	desks     []desk
	byName    map[string]int32
	questions map[string]*question
	rules     []rule
	index     index
	fallback  int32 // the default desk
}

// Plan reads numbers as the rule set says.
func (s *Set) Plan() *numbers.Plan { return s.plan }

// Numbers says how numbers are written in the rule set and where calls come from: whoever makes the Directory for it wants
// to know.
func (s *Set) Numbers() Numbers { return s.numbers }

// Len is the number of rules.
func (s *Set) Len() int { return len(s.rules) }

// Desks are the names of the desks, sorted.
func (s *Set) Desks() []string {
	names := make([]string, len(s.desks))
	for i := range s.desks {
		names[i] = s.desks[i].name
	}
	return names
}

// Read reads a rule set from a file. What is wrong with it is told with file, line and column, everything at once.
func Read(file string) (*Set, error) {
	var rules Rules
	read, err := yamlfile.Read(file, &rules)
	if err != nil {
		return nil, err
	}
	return compileFile(read, rules)
}

// Parse is [Read] for text that is at hand; name stands in errors.
func Parse(name string, text []byte) (*Set, error) {
	var rules Rules
	read, err := yamlfile.Parse(name, text, &rules)
	if err != nil {
		return nil, err
	}
	return compileFile(read, rules)
}

// maxProblems bounds how much is told to be wrong at once.
const maxProblems = 50

func compileFile(file *yamlfile.File, rules Rules) (*Set, error) {
	set, problems := compile(rules)
	var errs []error
	for _, p := range problems {
		errs = append(errs, file.Errorf("$."+p.path, "%s", p.text))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return set, nil
}

// Compile makes a rule set ready that was written in a program. An error names the fields at fault as a file would have
// them, e.g. "routing: rules[3].desk: ...".
func Compile(rules Rules) (*Set, error) {
	set, problems := compile(rules)
	var errs []error
	for _, p := range problems {
		errs = append(errs, fmt.Errorf("routing: %s: %s", p.path, p.text))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return set, nil
}

// problem is something that is wrong with a rule set, and where.
type problem struct{ path, text string }

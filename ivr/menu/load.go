package menu

import (
	"errors"
	"fmt"
	"time"

	"github.com/asterism-go/asterism/internal/hours"
	"github.com/asterism-go/asterism/internal/yamlfile"
	"github.com/asterism-go/asterism/ivr/names"
)

// The limits of menus.
const (
	MaxNodes = 10_000
	// MaxOptions bounds the options of a menu, MaxSegments the segments of a prompt.
	MaxOptions  = 1000
	MaxSegments = 100
)

// Set is menus that are ready. It does not change and may be used by several goroutines at once.
type Set struct {
	start, operator string
	keys            Keys
	languages       []Language
	zone            *time.Location
	calendars       map[string]*hours.Calendar
	servers         map[string]Server
	directories     map[string]*names.Index
	nodes           map[string]kind
	uses            []Sound
	speaks          bool
	file            *yamlfile.File // nil if the menus were made by a program
	state           fileState      // of the file when it was read
}

// Speaks tells whether there are texts, for which a [Config] needs a Speaker: without one they are left out.
func (s *Set) Speaks() bool { return s.speaks }

// Nodes is the number of nodes.
func (s *Set) Nodes() int { return len(s.nodes) }

// Read reads menus from a file. All that is wrong with them is told at once, with file, line and column.
func Read(file string) (*Set, error) {
	var menus Menus
	state := stateOf(file)
	read, err := yamlfile.Read(file, &menus)
	if err != nil {
		return nil, err
	}
	set, err := compile(menus, read)
	if err != nil {
		return nil, err
	}
	set.state = state
	return set, nil
}

// Parse is [Read] for text that is at hand; name stands in errors.
func Parse(name string, text []byte) (*Set, error) {
	var menus Menus
	read, err := yamlfile.Parse(name, text, &menus)
	if err != nil {
		return nil, err
	}
	return compile(menus, read)
}

// Compile makes menus ready that were made in a program. An error names the fields at fault as a file would have them, e.g.
// "menu: nodes.'main'.menu.options.'1': ...".
func Compile(menus Menus) (*Set, error) { return compile(menus, nil) }

func compile(menus Menus, file *yamlfile.File) (*Set, error) {
	c := newChecker(menus)
	c.all()
	var errs []error
	for _, p := range c.problems {
		errs = append(errs, located(file, p.path, p.text))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	c.set.file = file
	return c.set, nil
}

// located is an error about the value at a path, with its place in the file if there is one.
func located(file *yamlfile.File, path, text string) error {
	if file != nil {
		return file.Errorf("$."+path, "%s", text)
	}
	return fmt.Errorf("menu: %s: %s", path, text)
}

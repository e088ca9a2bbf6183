package action

import (
	"strings"
	"sync"

	"github.com/asterism-go/asterism/ami/event"
)

// Info is what is known of an action.
type Info struct {
	// Name is Asterisk's name of it.
	Name string
	// Privileges are those one of which a user needs in write to run it. It is empty if everybody may who is logged in.
	Privileges []string
	// Modules have the action; builtin is Asterisk itself.
	Modules []string
	// Items are the events of the list that it is answered with, Complete is the event that ends the list. They are empty if
	// it is not answered with a list.
	Items    []string
	Complete string
	// Miscounted says that the number of items that Asterisk itself says is another one.
	Miscounted bool
	event.Availability
}

// Lookup returns what is known of the action of this name, in any spelling, and whether anything is.
func Lookup(name string) (Info, bool) {
	i, ok := index()[strings.ToLower(name)]
	if !ok {
		return Info{}, false
	}
	return table[i], true
}

// Infos returns what is known of all actions, sorted by name.
func Infos() []Info { return append([]Info(nil), table...) }

var index = sync.OnceValue(func() map[string]int {
	found := make(map[string]int, len(table))
	for i := range table {
		found[strings.ToLower(table[i].Name)] = i
	}
	return found
})

// Supports reports whether an Asterisk of this version, such as "22.10.1", has the action of this name; see
// [event.Availability.In]. Whether its module is loaded is another matter, which [ListCommands] tells.
func Supports(version, name string) bool {
	info, ok := Lookup(name)
	return ok && info.In(version)
}

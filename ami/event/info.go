package event

import (
	"strconv"
	"strings"
	"sync"
)

// Info is what is known of an event.
type Info struct {
	// Name is the name as on the wire.
	Name string
	// Classes are the privileges: a user sees the event who has one of them in read. The events of a list need none beyond
	// those of the action. It is empty if Asterisk's documentation does not say.
	Classes []string
	// Modules send the event; builtin is Asterisk itself.
	Modules []string
	// Completes are the actions whose lists it ends.
	Completes []string
	Availability
}

// Lookup returns what is known of the event of this name, in any spelling, and whether anything is.
func Lookup(name string) (Info, bool) {
	i, ok := index()[strings.ToLower(name)]
	if !ok {
		return Info{}, false
	}
	return table[i], true
}

// Infos returns what is known of all events, sorted by name.
func Infos() []Info { return append([]Info(nil), table...) }

var index = sync.OnceValue(func() map[string]int {
	found := make(map[string]int, len(table))
	for i := range table {
		found[strings.ToLower(table[i].Name)] = i
	}
	return found
})

// Supports reports whether an Asterisk of this version, such as "22.10.1", has the event of this name; see
// [Availability.In].
func Supports(version, name string) bool {
	info, ok := Lookup(name)
	return ok && info.In(version)
}

// Availability says which versions of Asterisk have something.
type Availability struct {
	// Since are the versions with which it came, one for each series that got it: {"16.24.0", "18.10.0"} is since 16.24.0,
	// not in 17, since 18.10.0. They are as Asterisk's documentation has them, which for some events of older versions is
	// when they were documented. Empty is always.
	Since []string
	// RemovedIn is the first version without it, or "".
	RemovedIn string
}

// In reports whether an Asterisk of this version has it. What follows the numbers is ignored, as in
// "16.28.0~dfsg-0+deb11u4"; a version that does not begin with a number, such as that of a git checkout, is taken for the
// newest.
func (a Availability) In(version string) bool {
	v := parseVersion(version)
	if v == nil {
		return a.RemovedIn == ""
	}
	if a.RemovedIn != "" && !v.before(parseVersion(a.RemovedIn)) {
		return false
	}
	if len(a.Since) == 0 {
		return true
	}
	newer := true // than all series that got it
	for _, s := range a.Since {
		since := parseVersion(s)
		if since == nil {
			continue
		}
		if since[0] == v[0] {
			return !v.before(since)
		}
		newer = newer && v[0] > since[0]
	}
	return newer
}

// version are the numbers of a version of Asterisk.
type version []int

func parseVersion(s string) version {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "certified/"), "certified-")
	end := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end >= 0 {
		s = s[:end]
	}
	var v version
	for part := range strings.SplitSeq(s, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			break
		}
		v = append(v, n)
	}
	return v
}

func (v version) before(w version) bool {
	for i, n := range w {
		switch {
		case i >= len(v):
			return n > 0
		case v[i] != n:
			return v[i] < n
		}
	}
	return false
}

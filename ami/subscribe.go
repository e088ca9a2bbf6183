package ami

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// EventType is what a typed event can tell about itself, for [EventNames].
type EventType interface {
	// EventName is the name of the event as it is on the wire: "Newexten".
	EventName() string
}

// EventNames returns the names of events, for Client.Subscribe.
func EventNames(events ...EventType) []string {
	names := make([]string, 0, len(events))
	for _, e := range events {
		names = append(names, e.EventName())
	}
	return names
}

// always are events that a client itself needs to hear.
var always = []string{"FullyBooted", "Shutdown", "OriginateResponse"}

// subscription is Client.Subscribe as Asterisk understands it.
type subscription struct {
	mask  string // of classes
	names []string
}

// compile says what to ask Asterisk for so that the events of these names come and as few others as possible.
func compile(names []string) (subscription, error) {
	all := append(slices.Clone(always), names...)
	slices.Sort(all)
	all = slices.Compact(all)
	var mask []string
	for _, name := range all {
		if !plainName(name) {
			return subscription{}, fmt.Errorf("ami: %q in Subscribe is not the name of an event", name)
		}
		class := classOf(name)
		if class == "" { // another version's, or a module's own
			mask = []string{"on"}
			break
		}
		mask = append(mask, class)
	}
	slices.Sort(mask)
	return subscription{mask: strings.Join(slices.Compact(mask), ","), names: all}, nil
}

// subscribe makes a session that is logged in without most events send those of the subscription. A filter can only be added
// (action_filter in main/manager.c), and lives as long as the session: so this is done after each login.
func (sub subscription) subscribe(ctx context.Context, s *session) error {
	for _, filter := range sub.filters(s.banner) {
		if _, err := s.do(ctx, filter); err != nil {
			return err
		}
	}
	_, err := s.do(ctx, Action{Name: "Events"}.With("EventMask", sub.mask))
	return err
}

// namesSince is the version of the protocol (in the banner) from which on filters may name events: that of Asterisk 22. The
// releases 18.25, 20.10 and 21.5 can as well, but cannot be told from their predecessors; regular expressions work there too.
const namesSince = 11

// filters returns the actions that let only these events through. A name is compared by its hash, which costs Asterisk less
// than a regular expression on the text of every event; it must be spelt as on the wire.
func (sub subscription) filters(banner string) []Action {
	add := Action{Name: "Filter"}.With("Operation", "Add")
	var filters []Action
	if protocolVersion(banner) >= namesSince {
		for _, name := range sub.names {
			filters = append(filters, add.With("MatchCriteria", "name("+name+")"))
		}
		return filters
	}
	const most = 800 // bytes in a line
	rest := strings.Join(sub.names, "|")
	for rest != "" {
		part := rest
		if len(part) > most {
			part = part[:strings.LastIndexByte(part[:most], '|')]
		}
		rest = strings.TrimPrefix(rest[len(part):], "|")
		filters = append(filters, add.With("Filter", "^Event: ("+part+")[[:cntrl:]]"))
	}
	return filters
}

// protocolVersion returns the first number of the version in a banner, 0 if there is none.
func protocolVersion(banner string) int {
	_, version, _ := strings.Cut(banner, "/")
	major, _, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(major)
	if err != nil {
		return 0
	}
	return n
}

package agents_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/callcenter/agents"
)

// check says what is wrong with the picture: as against QueueStatus, and as against what the walk has done.
func (w *walk) check() string {
	if wrong := w.compareWithStatus(); wrong != "" {
		return wrong
	}
	picture := w.picture()
	for _, number := range []string{"101", "102", "103", "104"} {
		a := picture["PJSIP/"+number]
		if want := w.want(number, a.Queues); !slices.Contains(want, a.State) {
			return fmt.Sprintf("\n%s is %v, want %v: %+v", number, a.State, want, a)
		}
	}
	return ""
}

// want are the states that a phone may be in: two of them for a while after a call.
func (w *walk) want(number string, places []agents.Member) []agents.State {
	one := func(s agents.State) []agents.State { return []agents.State{s} }
	if t := w.talk; t != nil && t.number == number {
		if t.held {
			return one(agents.Held)
		}
		return one(agents.Talking)
	}
	paused := func(m agents.Member) bool { return m.Paused }
	switch {
	case len(places) == 0:
		return one(agents.Offline)
	case !slices.ContainsFunc(places, func(m agents.Member) bool { return !paused(m) }):
		return one(agents.Paused)
	case w.off[number]:
		return one(agents.Unreachable)
	case w.dnd[number] || w.refuses[number]:
		return one(agents.DND)
	}
	for _, m := range places {
		if m.Queue == "support" && time.Since(m.LastCall) < 5*time.Second {
			return []agents.State{agents.WrapUp, agents.Ready}
		}
	}
	return one(agents.Ready)
}

func isNotMember(err error) bool { return errors.Is(err, agents.ErrNotMember) }

func isRefusal(err error) bool {
	var refused *ami.ResponseError
	return errors.As(err, &refused)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

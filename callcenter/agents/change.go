package agents

import (
	"reflect"
	"slices"
	"time"
)

// ChangeKind says what has changed about an agent.
type ChangeKind uint8

// The kinds of changes.
const (
	Appeared      ChangeKind = iota + 1 // the agent is known now
	Gone                                // the agent is not known any more: somebody sat down there, or Forget
	StateChanged                        // Change.Was says what the state was; with the same state, the reason or the call changed
	LoggedIn                            // to Change.Queue
	LoggedOut                           // of Change.Queue
	PauseBegan                          // in Change.Queue; told again when the reason changes
	PauseEnded                          // in Change.Queue
	PenaltySet                          // in Change.Queue
	MemberUpdated                       // something else in Change.Queue: calls taken, the status that the queue sees
	PhoneChanged                        // the telephone's state, or the telephone
	Updated                             // something else: the name, the counters
)

var changeKinds = [...]string{
	Appeared: "appeared", Gone: "gone", StateChanged: "state_changed", LoggedIn: "logged_in", LoggedOut: "logged_out",
	PauseBegan: "pause_began", PauseEnded: "pause_ended", PenaltySet: "penalty_set", MemberUpdated: "member_updated",
	PhoneChanged: "phone_changed", Updated: "updated",
}

// String returns the kind in lower case.
func (k ChangeKind) String() string {
	if k < Appeared || int(k) >= len(changeKinds) {
		return "unknown"
	}
	return changeKinds[k]
}

// Change is one thing that has happened to an agent, with the agent as it is after all that came with it.
type Change struct {
	Kind ChangeKind
	// At is when it happened, in the clock of the stream.
	At time.Time
	// Queue is the queue's name, for the kinds that are about one.
	Queue string
	// Was is the state before, for StateChanged.
	Was State
	// Agent is a copy. For Gone it is the agent as it was last.
	Agent Agent
}

// compare tells how an agent differs from what was told last, and returns nothing if it does not.
func compare(was, is *Agent, at time.Time) []Change {
	var changes []Change
	tell := func(kind ChangeKind, queue string) {
		changes = append(changes, Change{Kind: kind, At: at, Queue: queue, Was: was.State, Agent: *is})
	}
	compareQueues(was.Queues, is.Queues, tell)
	if was.Phone != is.Phone {
		tell(PhoneChanged, "")
	}
	if was.State != is.State || was.Reason != is.Reason || was.Call != is.Call {
		tell(StateChanged, "")
	}
	if len(changes) == 0 && (was.Name != is.Name || !was.Since.Equal(is.Since) || !reflect.DeepEqual(was.Stats, is.Stats)) {
		tell(Updated, "")
	}
	return changes
}

func compareQueues(was, is []Member, tell func(ChangeKind, string)) {
	for i := range was {
		if place(is, &was[i]) == nil {
			tell(LoggedOut, was[i].Queue)
		}
	}
	for i := range is {
		before := place(was, &is[i])
		if before == nil {
			tell(LoggedIn, is[i].Queue)
			before = &Member{Paused: false, Penalty: is[i].Penalty}
		}
		compareMember(before, &is[i], tell)
	}
}

func compareMember(was, is *Member, tell func(ChangeKind, string)) {
	fresh, told := was.Queue == "", false
	say := func(kind ChangeKind) {
		told = true
		tell(kind, is.Queue)
	}
	if is.Paused && (!was.Paused || was.PausedReason != is.PausedReason) {
		say(PauseBegan)
	}
	if was.Paused && !is.Paused {
		say(PauseEnded)
	}
	if was.Penalty != is.Penalty {
		say(PenaltySet)
	}
	if !fresh && !told && *was != *is {
		say(MemberUpdated)
	}
}

// place finds the same place of another list.
func place(members []Member, like *Member) *Member {
	i := slices.IndexFunc(members, func(m Member) bool { return m.Queue == like.Queue && m.Interface == like.Interface })
	if i < 0 {
		return nil
	}
	return &members[i]
}

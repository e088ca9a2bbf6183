package agents

import (
	"errors"
	"fmt"
)

var (
	// ErrNoSuchAgent says that a Model does not know an agent.
	ErrNoSuchAgent = errors.New("agents: no such agent")
	// ErrOccupied says that another person sits at the telephone.
	ErrOccupied = errors.New("agents: another person sits at the telephone")
	// ErrNoSuchQueue says that there is no queue of this name.
	ErrNoSuchQueue = errors.New("agents: no such queue")
	// ErrNotMember says that the interface is not a member of the queue, or of any queue if none was named.
	ErrNotMember = errors.New("agents: not logged in there")
	// ErrNotDynamic says that the member was not logged in but is named in queues.conf, so it cannot be logged out.
	ErrNotDynamic = errors.New("agents: a member of the configuration cannot log out")
	// ErrNotTold says that Asterisk took a command and no event told what it has brought about: the user may lack the class
	// agent (call, for the device of [Desk.Busy]), or the connection was lost. To try again is safe.
	ErrNotTold = errors.New("agents: no event has told of it")
)

// CommandError says which command failed, and why: Err is one of the errors above, an [*InvalidError], or what the client
// says, such as [*ami.ResponseError] or [*ami.ActionError].
type CommandError struct {
	Verb             Verb
	Queue, Interface string
	Err              error
}

func (e *CommandError) Error() string {
	if e.Queue == "" {
		return fmt.Sprintf("agents: %v of %q: %v", e.Verb, e.Interface, e.Err)
	}
	return fmt.Sprintf("agents: %v of %q in queue %q: %v", e.Verb, e.Interface, e.Queue, e.Err)
}

func (e *CommandError) Unwrap() error { return e.Err }

// InvalidError says why something was not taken, and that nothing was sent. It names the field, not the value.
type InvalidError struct {
	Field, Problem string
}

func (e *InvalidError) Error() string { return fmt.Sprintf("agents: %s %s", e.Field, e.Problem) }

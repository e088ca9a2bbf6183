package sipphone

import "fmt"

// State is where a call stands. It only moves forward.
type State uint8

// The states of a call, from either side.
const (
	Calling  State = iota + 1 // the INVITE is on its way, and nobody has let it ring
	Ringing                   // it rings (180)
	Answered                  // it was answered (200)
	Ended                     // it was hung up, refused, canceled or lost
)

var stateNames = map[State]string{Calling: "calling", Ringing: "ringing", Answered: "answered", Ended: "ended"}

// String returns the name of the state in lower case.
func (s State) String() string {
	if name, ok := stateNames[s]; ok {
		return name
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// State returns where the call stands now.
func (c *Call) State() State {
	switch {
	case c.ended():
		return Ended
	case c.answered.happened():
		return Answered
	case c.rang.happened():
		return Ringing
	default:
		return Calling
	}
}

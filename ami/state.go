package ami

// State says where a [Client] is in its life.
type State int

const (
	// Idle is a client that has not connected yet.
	Idle State = iota
	// Connecting is a client inside Connect.
	Connecting
	// Up is a client that is logged in.
	Up
	// Ended is a client whose connection was lost or whose Close was called. There is no way back.
	Ended
)

var stateNames = [...]string{Idle: "idle", Connecting: "connecting", Up: "up", Ended: "ended"}

// String returns the state in lower case.
func (s State) String() string {
	if s < 0 || int(s) >= len(stateNames) {
		return "unknown"
	}
	return stateNames[s]
}

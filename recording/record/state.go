package record

import "fmt"

// State is what becomes of what is said now.
type State uint8

// The states.
const (
	Recorded     State = iota // it is recorded
	Masked                    // silence is recorded
	Paused                    // nothing is recorded
	PausedMasked              // nothing is recorded, and when that ends it would be silence: it cannot be resumed before it is unmasked
	Stopped                   // the recording has ended
)

var stateNames = [...]string{"recorded", "masked", "paused", "paused and masked", "stopped"}

// String returns the state's name.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// Verb is what is done with a recording.
type Verb string

// The verbs.
const (
	Start  Verb = "start"
	Pause  Verb = "pause"
	Resume Verb = "resume"
	Mask   Verb = "mask"
	Unmask Verb = "unmask"
	Stop   Verb = "stop"
)

// transition is a row of the table: to which state a verb leads, and what the [Tape] is told for that, in order.
type transition struct {
	to  State
	do  []Verb
	err error
}

// transitions says what each verb does in each state. What is done already is no error.
var transitions = map[Verb][Stopped + 1]transition{
	Pause: {
		Recorded: {to: Paused, do: []Verb{Pause}},
		Masked:   {to: PausedMasked, do: []Verb{Pause}},
		Paused:   {to: Paused}, PausedMasked: {to: PausedMasked}, Stopped: {err: ErrEnded},
	},
	Resume: {
		Recorded: {err: ErrNotNow}, Masked: {err: ErrNotNow},
		Paused:       {to: Recorded, do: []Verb{Resume}},
		PausedMasked: {err: ErrMasked}, Stopped: {err: ErrEnded},
	},
	Mask: {
		Recorded: {to: Masked, do: []Verb{Mask}},
		Masked:   {to: Masked},
		Paused:   {to: PausedMasked, do: []Verb{Mask}}, PausedMasked: {to: PausedMasked}, Stopped: {err: ErrEnded},
	},
	Unmask: {
		Recorded:     {err: ErrNotNow},
		Masked:       {to: Recorded, do: []Verb{Unmask}},
		Paused:       {err: ErrNotNow},
		PausedMasked: {to: Paused, do: []Verb{Unmask}}, Stopped: {err: ErrEnded},
	},
	Stop: {
		Recorded: {to: Stopped, do: []Verb{Stop}}, Masked: {to: Stopped, do: []Verb{Stop}},
		Paused: {to: Stopped, do: []Verb{Stop}}, PausedMasked: {to: Stopped, do: []Verb{Stop}},
		Stopped: {to: Stopped},
	},
}

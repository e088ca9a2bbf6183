package agents

import "time"

// Agent is a person who answers calls, or a telephone that nobody is known to sit at, as it is at one moment. It is a copy:
// later changes do not touch it.
type Agent struct {
	// ID is that of the person who was assigned to the telephone, else the telephone's endpoint. It never changes.
	ID string `json:"id"`
	// Name is the person's, else that which the queues have for the telephone, else what Number is.
	Name string `json:"name,omitempty"`
	// State is what the agent does, since when, and for Paused why. A state that began unseen begins when it was first known.
	State  State     `json:"state"`
	Since  time.Time `json:"since"`
	Reason string    `json:"reason,omitempty"`
	// Call is the ID of the call ([calls.Call]) that State is about: the one that rings, or in which the agent talks.
	Call string `json:"call,omitempty"`
	// Phone is where the agent sits; the zero value if nowhere.
	Phone Phone `json:"phone,omitzero"`
	// Queues are those that the agent is logged in to, in the order of their names.
	Queues []Member `json:"queues,omitempty"`
	// Stats are as of Since; see [Stats.At].
	Stats Stats `json:"stats"`
}

// Phone is a telephone as the PBX knows it.
type Phone struct {
	// Endpoint is the device, e.g. "PJSIP/101".
	Endpoint string `json:"endpoint"`
	// Number is the extension whose hint names the device, empty if there is none.
	Number string `json:"number,omitempty"`
	// Device is the device's state, that of the extension if the device's own was never told.
	Device DeviceState `json:"device"`
	// DND is set while the custom device that means "do not disturb" says so (see [Config.DND]).
	DND bool `json:"dnd,omitempty"`
	// Refuses is set when the last call to the idle telephone was refused as busy before it rang: do not disturb is set in
	// the telephone itself, which tells nobody. It stays until the telephone rings or registers anew.
	Refuses bool `json:"refuses,omitempty"`
}

// Member is an agent's place in one queue.
type Member struct {
	Queue string `json:"queue"`
	// Interface is what the queue dials and names the member by, e.g. "PJSIP/101" or "Local/101@agents/n".
	Interface string `json:"interface"`
	// StateInterface is the device whose state the queue looks at; it may be a hint, as "hint:101@default".
	StateInterface string `json:"state_interface,omitempty"`
	Name           string `json:"name,omitempty"`
	// Membership is "dynamic" for who has logged in, "static" for a member of queues.conf, "realtime", or what an own queue
	// says.
	Membership string `json:"membership,omitempty"`
	Penalty    int    `json:"penalty"`
	CallsTaken int    `json:"calls_taken"`
	// LastCall is when the last call ended, LastPause when the last pause began, LoginTime when the agent logged in; zero if
	// never. They are whole seconds.
	LastCall  time.Time `json:"last_call,omitzero"`
	LastPause time.Time `json:"last_pause,omitzero"`
	LoginTime time.Time `json:"login_time,omitzero"`
	// InCall is set while the member is in a call of the queue.
	InCall bool        `json:"in_call,omitempty"`
	Status DeviceState `json:"status"`
	Paused bool        `json:"paused,omitempty"`
	// PausedReason is empty while not paused.
	PausedReason string `json:"paused_reason,omitempty"`
	// WrapUp is the member's own wrap-up time; zero: the queue's, which Asterisk does not tell (see [Config.WrapUp]).
	WrapUp time.Duration `json:"wrap_up,omitempty"`
	// Own is set for a member of a queue that is not app_queue's; see [Model.SetMember].
	Own bool `json:"own,omitempty"`
}

// Person is somebody who sits at changing telephones.
type Person struct{ ID, Name string }

package calls

// The parts of a call in the schema call/1.

type partyJSON struct {
	Number string    `json:"number,omitempty"`
	Name   string    `json:"name,omitempty"`
	Kind   PartyKind `json:"kind,omitempty"`
}

type legJSON struct {
	Channel     string    `json:"channel"`
	Uniqueid    string    `json:"uniqueid"`
	Role        Role      `json:"role"`
	Participant bool      `json:"participant"`
	Kind        PartyKind `json:"kind"`
	Endpoint    string    `json:"endpoint"`
	Number      string    `json:"number,omitempty"`
	Name        string    `json:"name,omitempty"`
	Started     epoch     `json:"started,omitzero"`
	Ringing     epoch     `json:"ringing,omitzero"`
	Answered    epoch     `json:"answered,omitzero"`
	Ended       epoch     `json:"ended,omitzero"`
	Outcome     Outcome   `json:"outcome,omitempty"`
	HoldSeconds seconds   `json:"hold_seconds"`
	TalkSeconds seconds   `json:"talk_seconds"`
	Uncertain   bool      `json:"uncertain,omitempty"`
}

type conversationJSON struct {
	A     string `json:"a"`
	B     string `json:"b"`
	Start epoch  `json:"start"`
	End   epoch  `json:"end,omitzero"`
}

type transferJSON struct {
	Type         TransferType   `json:"type"`
	By           string         `json:"by,omitempty"`
	Transferee   string         `json:"transferee,omitempty"`
	To           string         `json:"to,omitempty"`
	TargetNumber string         `json:"target_number,omitempty"`
	At           epoch          `json:"at"`
	Result       TransferResult `json:"result"`
	Consultation string         `json:"consultation,omitempty"`
}

type queueJSON struct {
	Name     string        `json:"name"`
	Entered  epoch         `json:"entered,omitzero"`
	Left     epoch         `json:"left,omitzero"`
	Waited   seconds       `json:"waited,omitzero"`
	Outcome  QueueOutcome  `json:"outcome,omitempty"`
	Agent    string        `json:"agent,omitempty"`
	Key      string        `json:"key,omitempty"`
	Attempts []attemptJSON `json:"attempts"`
}

type attemptJSON struct {
	Channel string  `json:"channel,omitempty"`
	Member  string  `json:"member,omitempty"`
	Agent   string  `json:"agent,omitempty"`
	Offered epoch   `json:"offered,omitzero"`
	Outcome Outcome `json:"outcome,omitempty"`
}

type recordingJSON struct {
	File  []string `json:"file"`
	Start epoch    `json:"start,omitzero"`
	End   epoch    `json:"end,omitzero"`
	By    string   `json:"by,omitempty"`
}

type spyJSON struct {
	Channel string  `json:"channel"`
	Target  string  `json:"target"`
	Mode    SpyMode `json:"mode,omitempty"`
	Start   epoch   `json:"start,omitzero"`
	End     epoch   `json:"end,omitzero"`

	Changes []spyChangeJSON `json:"changes,omitempty"`
}

type spyChangeJSON struct {
	Mode SpyMode `json:"mode"`
	At   epoch   `json:"at"`
}

type parkingJSON struct {
	Lot      string      `json:"lot"`
	Slot     string      `json:"slot"`
	Parkee   string      `json:"parkee"`
	ParkedBy string      `json:"parked_by,omitempty"`
	Parked   epoch       `json:"parked,omitzero"`
	Left     epoch       `json:"left,omitzero"`
	Outcome  ParkOutcome `json:"outcome,omitempty"`
	By       string      `json:"by,omitempty"`
}

type pickupJSON struct {
	By      string `json:"by"`
	Ringing string `json:"ringing"`
	At      epoch  `json:"at"`
}

type conferenceJSON struct {
	Name    string     `json:"name"`
	Members []string   `json:"members"`
	Stays   []stayJSON `json:"stays"`
}

type stayJSON struct {
	Channel string `json:"channel"`
	Joined  epoch  `json:"joined"`
	Left    epoch  `json:"left,omitzero"`
}

type menuJSON struct {
	Entered epoch  `json:"entered"`
	Left    epoch  `json:"left,omitzero"`
	Digits  string `json:"digits"`
	Chosen  string `json:"chosen,omitempty"`
}

type voicemailJSON struct {
	Mailbox string `json:"mailbox"`
	Context string `json:"context,omitempty"`
	Entered epoch  `json:"entered,omitzero"`
}

type gapJSON struct {
	Start epoch `json:"start"`
	End   epoch `json:"end"`
}

type fillingJSON struct {
	What   string `json:"what"`
	Source string `json:"source"`
}

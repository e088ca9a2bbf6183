package calls_test

import "encoding/json"

// The truth of a recording (schema calltruth/1), and the calls as their JSON tells them (schema call/1). Times are epoch
// seconds; 0 is unknown.

type trueStory struct {
	Gaps  []trueGap `json:"stream_gaps"`
	Calls []trueCall
}

type trueGap struct{ Start, End float64 }

type trueCall struct {
	ID, Direction, Kind, Result, Dialed string

	Missed, Race, Callback, Dialer bool

	Visible    *bool
	KindAny    any             `json:"kind_any"`
	Caller     *jsonParty      `json:"caller"`
	Callee     *jsonParty      `json:"callee"`
	AnsweredBy json.RawMessage `json:"answered_by"`
	HangupBy   string          `json:"hangup_by"`
	MergedInto string          `json:"merged_into"`

	Started, Answered, Ended float64

	Legs          []trueLeg
	Conversations []jsonTalk
	Transfers     []trueTransfer
	Queues        []trueQueue
	Recordings    []jsonRecording
	Spies         []struct{ Leg, Target, Mode string }
	Parking       []jsonParking
	Pickups       []jsonPickup
	Conferences   []struct {
		Name    string
		Members []struct{ Leg string }
	}
	Voicemail *jsonVoicemail
}

type jsonParty struct{ Number, Name, Kind string }

type jsonTalk struct {
	A, B       string
	Start, End float64
}

type jsonRecording struct {
	File       []string
	Start, End float64
	By         string
}

type jsonParking struct{ Lot, Slot, Outcome, By string }

type jsonPickup struct{ By, Ringing string }

type jsonVoicemail struct{ Mailbox string }

type jsonLeg struct {
	ID, Channel, Uniqueid, Number, Outcome string

	Participant bool

	Started, Ringing, Answered, Ended float64

	HoldSeconds float64 `json:"hold_seconds"`
	TalkSeconds float64 `json:"talk_seconds"`
}

type trueLeg struct {
	jsonLeg

	Placed bool `json:"placed_by_leg"`
}

type jsonTransfer struct {
	Type, By, Transferee, To, Result, Consultation, How string

	Number string `json:"target_number"`
	At     float64
}

type trueTransfer struct {
	jsonTransfer

	Visible *bool
}

type trueQueue struct {
	Name, Outcome, Agent string

	Left, Waited float64

	Attempts []struct {
		Leg, Outcome string
		Ended        float64
	}
}

type toldCall struct {
	ID, Direction, Kind, Result, Dialed string

	Missed         bool
	Caller, Callee jsonParty

	AnsweredBy string `json:"answered_by"`
	HangupBy   string `json:"hangup_by"`
	MergedInto string `json:"merged_into"`

	Started, Answered, Ended float64

	Legs          []jsonLeg
	Conversations []jsonTalk
	Transfers     []jsonTransfer
	Queues        []struct {
		Name, Outcome, Agent string
		Waited               float64
		Attempts             []struct{ Channel, Outcome string }
	}
	Recordings  []jsonRecording
	Spies       []struct{ Channel, Target, Mode string }
	Parking     []jsonParking
	Pickups     []jsonPickup
	Conferences []struct {
		Name    string
		Members []string
	}
	Voicemail *jsonVoicemail
}

func shown(visible *bool) bool { return visible == nil || *visible }

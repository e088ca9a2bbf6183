package calls

import (
	"encoding/json"
	"strconv"
	"time"
)

// Schema names the form of a Call's JSON. It changes when the meaning of a field does.
const Schema = "call/1"

// MarshalJSON writes the call in the schema call/1: times as seconds since 1970 and durations in seconds, both with
// fractions; what is unknown is absent.
func (c Call) MarshalJSON() ([]byte, error) {
	out := callJSON{
		Schema: Schema, ID: c.ID, Direction: c.Direction, Kind: "call", Result: c.Result, Missed: c.Missed, Dialed: c.Dialed,
		Caller: partyJSON(c.Caller), Callee: partyJSON(c.Callee),
		Started: epoch(c.Started), Answered: epoch(c.Answered), Ended: epoch(c.Ended),
		AnsweredBy: c.AnsweredBy, HangupBy: c.HangupBy, TalkSeconds: seconds(c.TalkTime),
		Legs:          make([]legJSON, len(c.Legs)),
		Conversations: make([]conversationJSON, len(c.Conversations)),
		Variables:     c.Variables,
	}
	for i, l := range c.Legs {
		out.Legs[i] = legJSON{
			Channel: l.Channel, Uniqueid: l.Uniqueid, Role: l.Role, Participant: true, Kind: l.Kind,
			Endpoint: l.Endpoint, Number: l.Number, Name: l.Name,
			Started: epoch(l.Started), Ringing: epoch(l.Ringing), Answered: epoch(l.Answered), Ended: epoch(l.Ended),
			Outcome: l.Outcome, HoldSeconds: seconds(l.HoldTime), TalkSeconds: seconds(l.TalkTime),
		}
	}
	for i, v := range c.Conversations {
		out.Conversations[i] = conversationJSON{A: v.A, B: v.B, Start: epoch(v.Start), End: epoch(v.End)}
	}
	return json.Marshal(out)
}

type callJSON struct {
	Schema        string             `json:"schema"`
	ID            string             `json:"id"`
	Direction     Direction          `json:"direction,omitempty"`
	Kind          string             `json:"kind"`
	Result        Result             `json:"result,omitempty"`
	Missed        bool               `json:"missed"`
	Dialed        string             `json:"dialed,omitempty"`
	Caller        partyJSON          `json:"caller"`
	Callee        partyJSON          `json:"callee"`
	Started       epoch              `json:"started,omitzero"`
	Answered      epoch              `json:"answered,omitzero"`
	Ended         epoch              `json:"ended,omitzero"`
	AnsweredBy    string             `json:"answered_by,omitempty"`
	HangupBy      string             `json:"hangup_by,omitempty"`
	TalkSeconds   seconds            `json:"talk_seconds"`
	Legs          []legJSON          `json:"legs"`
	Conversations []conversationJSON `json:"conversations"`
	Variables     map[string]string  `json:"variables,omitempty"`
}

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
}

type conversationJSON struct {
	A     string `json:"a"`
	B     string `json:"b"`
	Start epoch  `json:"start"`
	End   epoch  `json:"end,omitzero"`
}

// epoch is a time as seconds since 1970, to the microsecond as in Asterisk's own Timestamp.
type epoch time.Time

// IsZero makes omitzero leave out a time that is unknown.
func (e epoch) IsZero() bool { return time.Time(e).IsZero() }

// MarshalJSON writes the seconds with six decimals.
func (e epoch) MarshalJSON() ([]byte, error) {
	return appendMicro(nil, time.Time(e).UnixMicro()), nil
}

// seconds is a duration in seconds, to the microsecond.
type seconds time.Duration

// MarshalJSON writes the seconds with six decimals.
func (s seconds) MarshalJSON() ([]byte, error) {
	return appendMicro(nil, time.Duration(s).Microseconds()), nil
}

func appendMicro(b []byte, micro int64) []byte {
	return strconv.AppendFloat(b, float64(micro)/1e6, 'f', -1, 64)
}

package calls

import (
	"encoding/json"
	"strconv"
	"time"
)

// MarshalJSON writes the call in the schema call/1: legs are named by their channel, times are epoch seconds, durations
// seconds. What is unknown, or does not apply, is absent.
func (c Call) MarshalJSON() ([]byte, error) {
	out := callJSON{
		Schema: "call/1", ID: c.ID, Direction: c.Direction, Kind: c.Kind, Result: c.Result, Missed: c.Missed, Dialed: c.Dialed,
		Caller: partyJSON(c.Caller), Callee: partyJSON(c.Callee),
		Started: epoch(c.Started), Answered: epoch(c.Answered), Ended: epoch(c.Ended),
		AnsweredBy: c.AnsweredBy, HangupBy: c.HangupBy, MergedInto: c.MergedInto, TalkSeconds: seconds(c.TalkTime),
		Legs:          make([]legJSON, len(c.Legs)),
		Conversations: make([]conversationJSON, len(c.Conversations)),
		Transfers:     make([]transferJSON, len(c.Transfers)),
		Queues:        make([]queueJSON, len(c.Queues)),
		Variables:     c.Variables, Uncertain: c.Uncertain,
	}
	for i := range c.Legs {
		out.Legs[i] = c.Legs[i].json()
	}
	for i, v := range c.Conversations {
		out.Conversations[i] = conversationJSON{A: v.A, B: v.B, Start: epoch(v.Start), End: epoch(v.End)}
	}
	for i, x := range c.Transfers {
		out.Transfers[i] = transferJSON{x.Type, x.By, x.Transferee, x.To, x.Number, epoch(x.At), x.Result, x.Consultation}
	}
	for i := range c.Queues {
		out.Queues[i] = c.Queues[i].json()
	}
	c.restJSON(&out)
	return json.Marshal(out)
}

func (c *Call) restJSON(out *callJSON) {
	for _, r := range c.Recordings {
		files := r.Files
		if files == nil {
			files = []string{}
		}
		out.Recordings = append(out.Recordings, recordingJSON{files, epoch(r.Start), epoch(r.End), r.By})
	}
	for _, s := range c.Spies {
		told := spyJSON{Channel: s.Channel, Target: s.Target, Mode: s.Mode, Start: epoch(s.Start), End: epoch(s.End)}
		for _, change := range s.Changes {
			told.Changes = append(told.Changes, spyChangeJSON{change.Mode, epoch(change.At)})
		}
		out.Spies = append(out.Spies, told)
	}
	for _, p := range c.Parking {
		out.Parking = append(out.Parking, parkingJSON{p.Lot, p.Slot, p.Parkee, p.ParkedBy, epoch(p.At), epoch(p.Left), p.Outcome, p.By})
	}
	for _, p := range c.Pickups {
		out.Pickups = append(out.Pickups, pickupJSON{p.By, p.Ringing, epoch(p.At)})
	}
	for _, f := range c.Conferences {
		told := conferenceJSON{Name: f.Name}
		for _, m := range f.Members {
			told.Members = append(told.Members, m.Channel)
			told.Stays = append(told.Stays, stayJSON{m.Channel, epoch(m.Joined), epoch(m.Left)})
		}
		out.Conferences = append(out.Conferences, told)
	}
	for _, m := range c.Menus {
		out.IVR = append(out.IVR, menuJSON{epoch(m.Entered), epoch(m.Left), m.Digits, m.Chosen})
	}
	if c.Voicemail != nil {
		out.Voicemail = &voicemailJSON{c.Voicemail.Mailbox, c.Voicemail.Context, epoch(c.Voicemail.Entered)}
	}
	for _, g := range c.Gaps {
		out.Gaps = append(out.Gaps, gapJSON{epoch(g.Start), epoch(g.End)})
	}
	for _, f := range c.Filled {
		out.Filled = append(out.Filled, fillingJSON(f))
	}
}

func (l *Leg) json() legJSON {
	return legJSON{
		Channel: l.Channel, Uniqueid: l.Uniqueid, Role: l.Role, Participant: !l.Spy, Kind: l.Kind,
		Endpoint: l.Endpoint, Number: l.Number, Name: l.Name,
		Started: epoch(l.Started), Ringing: epoch(l.Ringing), Answered: epoch(l.Answered), Ended: epoch(l.Ended),
		Outcome: l.Outcome, HoldSeconds: seconds(l.HoldTime), TalkSeconds: seconds(l.TalkTime), Uncertain: l.Uncertain,
	}
}

func (v *QueueVisit) json() queueJSON {
	out := queueJSON{
		Name: v.Queue, Entered: epoch(v.Entered), Left: epoch(v.Left), Outcome: v.Outcome, Agent: v.Agent, Key: v.Key,
		Attempts: make([]attemptJSON, len(v.Attempts)),
	}
	if !v.Left.IsZero() {
		out.Waited = seconds(v.Waited(v.Left))
	}
	for i, a := range v.Attempts {
		out.Attempts[i] = attemptJSON{a.Channel, a.Member, a.Agent, epoch(a.Offered), a.Outcome}
	}
	return out
}

type callJSON struct {
	Schema        string             `json:"schema"`
	ID            string             `json:"id"`
	Direction     Direction          `json:"direction,omitempty"`
	Kind          Kind               `json:"kind"`
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
	MergedInto    string             `json:"merged_into,omitempty"`
	TalkSeconds   seconds            `json:"talk_seconds"`
	Legs          []legJSON          `json:"legs"`
	Conversations []conversationJSON `json:"conversations"`
	Transfers     []transferJSON     `json:"transfers,omitempty"`
	Queues        []queueJSON        `json:"queues,omitempty"`
	Recordings    []recordingJSON    `json:"recordings,omitempty"`
	Spies         []spyJSON          `json:"spies,omitempty"`
	Parking       []parkingJSON      `json:"parking,omitempty"`
	Pickups       []pickupJSON       `json:"pickups,omitempty"`
	Conferences   []conferenceJSON   `json:"conferences,omitempty"`
	IVR           []menuJSON         `json:"ivr,omitempty"`
	Voicemail     *voicemailJSON     `json:"voicemail,omitempty"`
	Variables     map[string]string  `json:"variables,omitempty"`
	Gaps          []gapJSON          `json:"gaps,omitempty"`
	Uncertain     []string           `json:"uncertain,omitempty"`
	Filled        []fillingJSON      `json:"filled,omitempty"`
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

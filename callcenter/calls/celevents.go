package calls

import (
	"cmp"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// celTellers are the types of rows that say something about calls.
var celTellers = map[string]func(*celStory, *celChannel, *CELRow){
	"CHAN_START":       (*celStory).chanStart,
	"ANSWER":           (*celStory).answer,
	"BRIDGE_ENTER":     (*celStory).bridgeEnter,
	"BRIDGE_EXIT":      (*celStory).bridgeExit,
	"BLINDTRANSFER":    (*celStory).blindTransfer,
	"ATTENDEDTRANSFER": (*celStory).attendedTransfer,
	"PICKUP":           (*celStory).pickup,
	"FORWARD":          (*celStory).forward,
	"PARK_START":       (*celStory).parkStart,
	"PARK_END":         (*celStory).parkEnd,
	"HANGUP":           (*celStory).hangup,
	"CHAN_END":         (*celStory).chanEnd,
}

func (s *celStory) tell(row *CELRow) {
	ch, tell := s.channels[row.Uniqueid], celTellers[row.Type]
	if ch == nil {
		return
	}
	if row.Exten != "" && row.Exten != "h" {
		ch.exten = row.Exten
	}
	if row.CallerNumber != "" {
		ch.number = row.CallerNumber
	}
	if tell != nil {
		tell(s, ch, row)
	}
	if row.Application == "VoiceMail" {
		s.emit(row.At, "Newexten", "Uniqueid", ch.id, "Application", row.Application, "AppData", row.AppData, "Exten", row.Exten)
	}
}

// emit adds an event of headers and values.
func (s *celStory) emit(at time.Time, name string, headers ...string) {
	var b strings.Builder
	b.WriteString("Event: " + name + "\r\n")
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i+1] != "" {
			b.WriteString(headers[i] + ": " + oneLine(headers[i+1]) + "\r\n")
		}
	}
	if message, err := ami.ParseMessage(b.String()); err == nil {
		s.events = append(s.events, celEvent{message, at})
	}
}

// oneLine keeps a value from being more than one header.
func oneLine(value string) string {
	return strings.NewReplacer("\r", " ", "\n", " ").Replace(value)
}

func (s *celStory) chanStart(ch *celChannel, row *CELRow) {
	s.names[ch.name] = ch
	s.emit(row.At, "Newchannel", "Channel", ch.name, "Uniqueid", ch.id, "Linkedid", ch.linkedid, "Context", row.Context,
		"Exten", row.Exten, "CallerIDNum", row.CallerNumber, "CallerIDName", row.CallerName)
	if !ch.dialed {
		return
	}
	from := ch.source
	if from == nil {
		s.emit(row.At, "DialBegin", "DestChannel", ch.name, "DestUniqueid", ch.id, "DialString", ch.dialString,
			"DestConnectedLineNum", ch.shown)
		return
	}
	if ch.queued {
		s.agent(ch, row.At)
	}
	s.emit(row.At, "DialBegin", "Channel", from.name, "Uniqueid", from.id, "DestChannel", ch.name, "DestUniqueid", ch.id,
		"DialString", s.dialed(ch), "Exten", cmp.Or(ch.dialExten, from.exten), "CallerIDNum", from.number)
}

// dialed is what was dialled; if no row has it, the number that its source was in the dialplan for.
func (s *celStory) dialed(ch *celChannel) string {
	if ch.dialString != "" || ch.source == nil {
		return ch.dialString
	}
	number := cmp.Or(ch.dialExten, ch.source.exten)
	number = cmp.Or(s.settings.outside(number), number)
	return ch.endpoint + "/" + number
}

// agent: a queue rings a member. When the caller joined it is not told.
func (s *celStory) agent(ch *celChannel, at time.Time) {
	s.emit(at, "AgentCalled", "Uniqueid", ch.source.id, "Queue", ch.source.queue(), "DestUniqueid", ch.id, "Interface", ch.endpoint)
}

// queue is the name of the queue that a channel was in, as far as rows say.
func (ch *celChannel) queue() string {
	for _, app := range ch.apps {
		if app.name == "Queue" {
			name, _, _ := strings.Cut(app.data, ",")
			return name
		}
	}
	return ""
}

func (s *celStory) answer(ch *celChannel, row *CELRow) {
	ch.up = true
	s.emit(row.At, "Newstate", "Uniqueid", ch.id, "ChannelStateDesc", "Up")
	if !ch.dialed {
		return
	}
	status := "ANSWER"
	if from := ch.source; from != nil && !ch.bridged && !ch.queued && from.dialStatus != "" {
		status = from.dialStatus // it was up, and not let through
	}
	s.dialEnd(ch, row.At, status, "")
	if ch.queued && ch.source != nil {
		s.emit(row.At, "AgentConnect", "Uniqueid", ch.source.id, "Queue", ch.source.queue(), "DestUniqueid", ch.id)
	}
}

func (s *celStory) dialEnd(ch *celChannel, at time.Time, status, forward string) {
	headers := []string{"DestUniqueid", ch.id, "DialStatus", status, "Forward", forward}
	if ch.source != nil {
		headers = append(headers, "Uniqueid", ch.source.id)
	}
	s.emit(at, "DialEnd", headers...)
}

func (s *celStory) bridgeEnter(ch *celChannel, row *CELRow) {
	extra := row.extra()
	creator, room := "", s.rooms[extra["bridge_id"]]
	if room != "" {
		creator = "ConfBridge"
	}
	s.emit(row.At, "BridgeEnter", "Uniqueid", ch.id, "BridgeUniqueid", extra["bridge_id"],
		"BridgeTechnology", extra["bridge_technology"], "BridgeCreator", creator, "BridgeName", room, "Exten", row.Exten)
}

func (s *celStory) bridgeExit(ch *celChannel, row *CELRow) {
	s.emit(row.At, "BridgeLeave", "Uniqueid", ch.id, "BridgeUniqueid", row.extra()["bridge_id"], "Exten", row.Exten)
}

func (s *celStory) blindTransfer(ch *celChannel, row *CELRow) {
	extra := row.extra()
	s.emit(row.At, "BlindTransfer", "TransfererUniqueid", ch.id, "TransfereeUniqueid", extra["transferee_channel_uniqueid"],
		"Extension", extra["extension"], "Result", "Success")
}

func (s *celStory) attendedTransfer(ch *celChannel, row *CELRow) {
	extra := row.extra()
	s.emit(row.At, "AttendedTransfer", "OrigTransfererUniqueid", ch.id, "SecondTransfererUniqueid", extra["channel2_uniqueid"],
		"TransfereeUniqueid", extra["transferee_channel_uniqueid"], "TransferTargetUniqueid", extra["transfer_target_channel_uniqueid"],
		"DestBridgeUniqueid", extra["bridge2_id"], "Result", "Success")
}

// pickup: the row is of the channel that rang.
func (s *celStory) pickup(ch *celChannel, row *CELRow) {
	s.emit(row.At, "Pickup", "Uniqueid", row.extra()["pickup_channel_uniqueid"], "TargetUniqueid", ch.id)
}

// forward: the row is of the channel that rings, not of the one that sends the call elsewhere. That one is the last that
// it rang and that is not up.
func (s *celStory) forward(ch *celChannel, row *CELRow) {
	var from *celChannel
	for _, other := range s.linked[ch.linkedid] {
		if other.source == ch && !other.up && !other.over && !other.started.After(row.At) && other.name != "" && !IsPlumbing(other.name) {
			from = other
		}
	}
	if from != nil {
		s.dialEnd(from, row.At, "CANCEL", row.extra()["forward"])
	}
}

func (s *celStory) parkStart(ch *celChannel, row *CELRow) {
	extra := row.extra()
	s.emit(row.At, "ParkedCall", "ParkeeUniqueid", ch.id, "Parkinglot", extra["parking_lot"], "ParkerDialString", extra["parker_dial_string"])
}

func (s *celStory) parkEnd(ch *celChannel, row *CELRow) {
	extra := row.extra()
	retriever := ""
	if by := s.names[extra["retriever"]]; by != nil {
		retriever = by.id
	}
	switch extra["reason"] {
	case "ParkedCallUnparked":
		s.emit(row.At, "UnParkedCall", "ParkeeUniqueid", ch.id, "RetrieverUniqueid", retriever)
	case "ParkedCallTimeOut", "ParkedCallGiveUp":
		s.emit(row.At, extra["reason"], "ParkeeUniqueid", ch.id)
	}
}

// celStatuses are the DialStatus of a telephone that stopped ringing, by the cause of its hangup; else it is CANCEL, which
// has many reasons.
var celStatuses = map[string]string{
	"17": "BUSY", "34": "CONGESTION", "38": "CONGESTION", "42": "CONGESTION", "20": "CHANUNAVAIL",
	"1": "NOANSWER", "3": "NOANSWER", "18": "NOANSWER", "19": "NOANSWER", "21": "NOANSWER",
}

// hangup tells who has hung up: the channel itself if hangupsource names it. Whom it rang may have its row before.
func (s *celStory) hangup(ch *celChannel, row *CELRow) {
	extra := row.extra()
	cause := extra["hangupcause"]
	if from := ch.source; from != nil && !ch.up && !ch.hangsUp && from.hangsUp && from.ended.Sub(row.At) < window/2 {
		s.request(from, row.At, cause)
	}
	if ch.hangsUp {
		s.request(ch, row.At, cause)
	}
	if ch.dialed && !ch.up {
		s.dialEnd(ch, row.At, cmp.Or(celStatuses[cause], "CANCEL"), "")
	}
	s.hungUp(ch, row.At, cause)
}

func (s *celStory) request(ch *celChannel, at time.Time, cause string) {
	if ch.requested || ch.over {
		return
	}
	ch.requested = true
	state := ""
	refused := ch.dialStatus != "" && ch.dialStatus != "CANCEL" && ch.dialStatus != "ANSWER"
	if status := celStatuses[cause]; refused || (!ch.dialed && !ch.up && (status == "BUSY" || status == "CONGESTION")) {
		state = "Busy" // the system has told the caller so
	}
	s.emit(at, "HangupRequest", "Uniqueid", ch.id, "Cause", cause, "ChannelStateDesc", state)
}

func (s *celStory) chanEnd(ch *celChannel, row *CELRow) { s.hungUp(ch, row.At, "") }

func (s *celStory) hungUp(ch *celChannel, at time.Time, cause string) {
	if ch.over {
		return
	}
	ch.over = true
	s.emit(at, "Hangup", "Uniqueid", ch.id, "Channel", ch.name, "Cause", cmp.Or(cause, "0"))
}

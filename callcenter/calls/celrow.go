package calls

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// CELRow is a row of Asterisk's channel event log (main/cel.c): something that one channel did. [ReadCEL] reads rows from a
// file, [CELOf] from the manager; rows of an SQL table can be put in as they are.
type CELRow struct {
	// Type is the name of the event, e.g. CHAN_START; of a user-defined one it is USER_DEFINED or, unless cel.conf has
	// show_user_defined, the name that the dialplan gave it.
	Type string
	// At is when it happened. Rows of one channel should not be farther off than their order tells.
	At time.Time
	// Channel is the name of the channel, Uniqueid its id, Linkedid what ties it to others, which may change.
	Channel, Uniqueid, Linkedid string
	// CallerNumber and CallerName are the caller id of the channel: of a telephone that is rung, its own.
	CallerNumber, CallerName string
	// Exten and Context are where the channel is in the dialplan, Application and AppData what it runs there.
	Exten, Context, Application, AppData string
	// Peer are the names of the channels that it is in a bridge with, separated by commas.
	Peer string
	// Account, UserField and UserType are what the dialplan has set.
	Account, UserField, UserType string
	// Extra is what belongs to some types only, as JSON, e.g. hangupcause. Older versions leave it empty.
	Extra string
}

// extra reads Extra. What is no object of strings and numbers is nothing.
func (r *CELRow) extra() map[string]string {
	var values map[string]any
	if r.Extra == "" || json.Unmarshal([]byte(r.Extra), &values) != nil {
		return nil
	}
	texts := make(map[string]string, len(values))
	for key, value := range values {
		switch v := value.(type) {
		case string:
			texts[key] = v
		case float64:
			texts[key] = strconv.FormatFloat(v, 'f', -1, 64)
		}
	}
	return texts
}

// CELOf reads the event CEL, which Asterisk sends to users with the class call if cel.conf says so ([manager] enabled=yes).
// Its EventTime is to the second, in Asterisk's zone; if the event has a Timestamp (timestampevents in manager.conf), that is
// taken. A row that cannot be read is a [*RowError].
//
// An event that comes over the connection that has the gap tells nothing of it. Follow a second connection, or read the
// table or file of the same rows.
func CELOf(event ami.Message, zone *time.Location) (row CELRow, ok bool, err error) {
	if event.Event() != "CEL" {
		return CELRow{}, false, nil
	}
	row = CELRow{
		Type: event.Get("EventName"), Channel: event.Get("Channel"), Uniqueid: event.Get("UniqueID"), Linkedid: event.Get("LinkedID"),
		CallerNumber: event.Get("CallerIDnum"), CallerName: event.Get("CallerIDname"), Exten: event.Get("Exten"),
		Context: event.Get("Context"), Application: event.Get("Application"), AppData: event.Get("AppData"),
		Peer: event.Get("Peer"), Account: event.Get("AccountCode"), UserField: event.Get("Userfield"),
		UserType: event.Get("UserDefType"), Extra: event.Get("Extra"),
	}
	var timed bool
	if row.At, timed = parseTimestamp(event.Get("Timestamp")); !timed {
		row.At, err = parseRowTime(event.Get("EventTime"), zone)
	}
	switch {
	case err != nil:
		err = &RowError{Table: "cel", Column: "EventTime", Value: event.Get("EventTime"), Err: err}
	case row.Type == "":
		err = &RowError{Table: "cel", Column: "EventName", Err: errEmpty}
	case row.Uniqueid == "":
		err = &RowError{Table: "cel", Column: "UniqueID", Err: errEmpty}
	}
	return row, true, err
}

// celTypes are the names of the types by the numbers that databases keep of them (cel_event_types in main/cel.c, the same
// since Asterisk 12).
var celTypes = [...]string{
	1: "CHAN_START", 2: "CHAN_END", 3: "HANGUP", 4: "ANSWER", 5: "APP_START", 6: "APP_END", 7: "BRIDGE_ENTER", 8: "BRIDGE_EXIT",
	9: "PARK_START", 10: "PARK_END", 11: "BLINDTRANSFER", 12: "ATTENDEDTRANSFER", 13: "USER_DEFINED", 14: "LINKEDID_END",
	15: "PICKUP", 16: "FORWARD", 17: "LOCAL_OPTIMIZE", 18: "LOCAL_OPTIMIZE_BEGIN", 19: "STREAM_BEGIN", 20: "STREAM_END", 21: "DTMF",
}

// celType returns the name of a type that is told by name or number.
func celType(text string) (string, error) {
	if text == "" {
		return "", errEmpty
	}
	if strings.Trim(text, "0123456789") != "" {
		return text, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n <= 0 || n >= len(celTypes) {
		return "", errNoType
	}
	return celTypes[n], nil
}

// parseRowTime reads the times that Asterisk writes: seconds since 1970, or a date and time with or without a fraction and
// a zone (dateformat in cel.conf, the columns of databases).
func parseRowTime(text string, zone *time.Location) (time.Time, error) {
	if zone == nil {
		zone = time.Local //nolint:gosmopolitan // what Asterisk writes without a zone is in its machine's
	}
	if text == "" {
		return time.Time{}, errEmpty
	}
	if len(text) > 8 && strings.Trim(text, "0123456789.") == "" {
		if at, ok := parseTimestamp(text); ok {
			return at, nil
		}
		return time.Time{}, errNoTime
	}
	for _, layout := range [...]string{time.DateTime, time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z07", "2006-01-02T15:04:05"} {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at, nil
		}
	}
	return time.Time{}, errNoTime
}

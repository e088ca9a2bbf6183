package calls

import (
	"time"

	"github.com/asterism-go/asterism/ami"
)

// Record is a call detail record: what Asterisk itself keeps of two channels. [RecordOf] reads the
// event Cdr, [ReadCDR] a file; rows of an SQL table can be put in as they are.
type Record struct {
	// Channel and Dest are names of channels; Dest is empty if an application took the call.
	Channel, Dest string
	// Uniqueid is Channel's; Linkedid what it was in the end. Either may be unknown: then the names of the channels and the
	// times have to do.
	Uniqueid, Linkedid string
	// Source and Destination are numbers.
	Source, Destination string
	Disposition         string // ANSWERED, NO ANSWER, BUSY, FAILED, CONGESTION
	// Application is what Channel ran last.
	Application        string
	Start, Answer, End time.Time
}

// RecordOf reads the event Cdr. Its times are Asterisk's local ones, without a zone, which is given.
func RecordOf(event ami.Message, zone *time.Location) (Record, bool) {
	if event.Event() != "Cdr" {
		return Record{}, false
	}
	at := func(key string) time.Time {
		when, err := time.ParseInLocation(time.DateTime, event.Get(key), zone)
		if err != nil {
			return time.Time{} // empty: it never was
		}
		return when
	}
	return Record{
		Channel: event.Get("Channel"), Dest: event.Get("DestinationChannel"), Uniqueid: event.Get("UniqueID"),
		Linkedid: event.Get("LinkedID"), Source: event.Get("Source"), Destination: event.Get("Destination"),
		Disposition: event.Get("Disposition"), Start: at("StartTime"), Answer: at("AnswerTime"), End: at("EndTime"),
	}, true
}

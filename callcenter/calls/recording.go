package calls

import (
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// recording is a Recording while its channel is alive.
type recording struct {
	files      []string
	start, end time.Time
	by         string
}

// mixMonitorStart does not name the file (apps/app_mixmonitor.c); the variable MIXMONITOR_FILENAME that is set right before
// does, if the class dialplan is told.
func (t *Tracker) mixMonitorStart(event ami.Message, at time.Time) {
	ch := t.channelOf(event)
	if ch == nil {
		return
	}
	if n := len(ch.recordings); n > 0 && ch.recordings[n-1].start.Equal(at) {
		return // told twice
	}
	r := &recording{start: at}
	switch {
	case strings.EqualFold(ch.application, "MixMonitor"):
		r.by = "dialplan"
	case t.visits[ch.uniqueid] != nil:
		r.by = "queue"
	case ch.call.dialplan:
		r.by = "ami"
	}
	if ch.mixFile != "" {
		r.files = []string{ch.mixFile}
		ch.mixFile = ""
	}
	ch.recordings = append(ch.recordings, r)
	c := ch.call.root()
	c.recordings = append(c.recordings, r)
	t.changed(RecordingStarted, c, at)
}

func (t *Tracker) mixMonitorStop(event ami.Message, at time.Time) {
	if ch := t.channelOf(event); ch != nil {
		ch.endRecordings(at)
	}
}

func (ch *channel) endRecordings(at time.Time) {
	for _, r := range ch.recordings {
		if r.end.IsZero() {
			r.end = at
		}
	}
	ch.recordings = nil
}

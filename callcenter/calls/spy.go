package calls

import (
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// spy is a Spy while its channels are alive.
type spy struct {
	by, target *channel
	mode       SpyMode
	start, end time.Time
}

// chanSpyStart: Spyer listens to Spyee (apps/app_chanspy.c). The event does not say how; the options that the application
// was started with do, if the class dialplan is told.
func (t *Tracker) chanSpyStart(event ami.Message, at time.Time) {
	by, target := t.channels[event.Get("SpyerUniqueid")], t.channels[event.Get("SpyeeUniqueid")]
	if by == nil || target == nil {
		return
	}
	by, target = by.far(), target.far()
	if by == nil || target == nil {
		return
	}
	c := target.call.root()
	for _, other := range c.spies {
		if other.by == by && other.target == target && other.end.IsZero() {
			return // told twice
		}
	}
	by.spying = true
	by.call.spiesOn = target
	c.spies = append(c.spies, &spy{by: by, target: target, mode: by.spyMode(), start: at})
	t.changed(SpyStarted, c, at)
}

func (t *Tracker) chanSpyStop(event ami.Message, at time.Time) {
	by, target := t.channels[event.Get("SpyerUniqueid")], t.channels[event.Get("SpyeeUniqueid")]
	if by == nil {
		return
	}
	if target != nil {
		target.call.root().endSpies(by.far(), at)
		return
	}
	if by.far() != nil && by.far().call.spiesOn != nil {
		by.far().call.spiesOn.call.root().endSpies(by.far(), at)
	}
}

func (c *call) endSpies(by *channel, at time.Time) {
	for _, s := range c.spies {
		if s.by == by && s.end.IsZero() {
			s.end = at
		}
	}
}

// spyMode reads the options of ChanSpy and ExtenSpy: B is barge, w and W are whisper.
func (ch *channel) spyMode() SpyMode {
	if !strings.EqualFold(ch.application, "ChanSpy") && !strings.EqualFold(ch.application, "ExtenSpy") {
		return ""
	}
	_, options, _ := strings.Cut(ch.appData, ",")
	for i := 0; i < len(options); i++ {
		switch options[i] {
		case '(': // the argument of an option
			if end := strings.IndexByte(options[i:], ')'); end > 0 {
				i += end
			}
		case 'B':
			return Barge
		case 'w', 'W':
			return Whisper
		}
	}
	return Listen
}

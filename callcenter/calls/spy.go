package calls

import (
	"slices"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ami"
)

// spy is a Spy while its channels are alive.
type spy struct {
	by, target *channel
	mode       SpyMode // that it has now
	keys       bool    // it may be changed by key
	changes    []SpyChange
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
	s := &spy{by: by, target: target, start: at}
	s.mode, s.keys = by.spyMode()
	if last := by.lastSpy; last != nil && s.keys && last.keys {
		s.mode = last.mode // it stays when the spy goes on to somebody else
	}
	by.spying, by.lastSpy = true, s
	by.call.spiesOn = target
	c.spies = append(c.spies, s)
	t.changed(SpyStarted, c, at)
}

// spyKeys are the keys that change the mode of a spy who was started with the option d (change_spy_mode in
// apps/app_chanspy.c).
var spyKeys = map[string]SpyMode{"4": Listen, "5": Whisper, "6": Barge}

// spyKey: who spies has pressed a key.
func (t *Tracker) spyKey(by *channel, key string, at time.Time) {
	s, mode := by.lastSpy, spyKeys[key]
	if s == nil || !s.keys || !s.end.IsZero() || mode == "" || s.mode == mode {
		return
	}
	s.mode = mode
	if len(s.changes) < spyChangeLimit {
		s.changes = append(s.changes, SpyChange{mode, at})
	}
	t.changed(SpyChanged, s.target.call.root(), at)
}

// spyChangeLimit is the most changes of a spy's mode that are kept.
const spyChangeLimit = 64

// told makes the Spy. Whether keys were pressed is known only if they are told (class dtmf), and no gap has hidden any.
func (s *spy) told(keysTold bool, gaps []Gap) Spy {
	out := Spy{
		Channel: s.by.name, Target: s.target.name, Mode: s.mode, Changes: slices.Clone(s.changes), Start: s.start, End: s.end,
	}
	if !s.keys {
		return out
	}
	hidden := slices.ContainsFunc(gaps, func(gap Gap) bool {
		last := s.start
		if len(s.changes) > 0 {
			last = s.changes[len(s.changes)-1].At
		}
		return gap.End.After(last) && (s.end.IsZero() || gap.Start.Before(s.end))
	})
	if !keysTold || hidden {
		out.Mode = ""
	}
	return out
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

// spyMode reads the options of ChanSpy and ExtenSpy: B is barge, w and W are whisper, and with d keys change it.
func (ch *channel) spyMode() (mode SpyMode, keys bool) {
	if !strings.EqualFold(ch.application, "ChanSpy") && !strings.EqualFold(ch.application, "ExtenSpy") {
		return "", false
	}
	_, options, _ := strings.Cut(ch.appData, ",")
	mode = Listen
	for i := 0; i < len(options); i++ {
		switch options[i] {
		case '(': // the argument of an option
			if end := strings.IndexByte(options[i:], ')'); end > 0 {
				i += end
			}
		case 'B':
			mode = Barge
		case 'w', 'W':
			if mode != Barge {
				mode = Whisper
			}
		case 'd':
			keys = true
		}
	}
	return mode, keys
}

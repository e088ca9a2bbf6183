package calls_test

import (
	"testing"
	"time"

	"github.com/asterism-go/asterism/callcenter/calls"
)

// Each fact is announced within a second of the stream's time, and never taken back unless it was marked uncertain.
func TestAnnouncedInTimeAndForGood(t *testing.T) {
	for _, r := range append(situations(t)[:len(situations(t)):len(situations(t))], randomCalls(t)) {
		t.Run(r.name, func(t *testing.T) {
			player := calls.Player{Tracker: calls.NewTracker(recordedConfig(t))}
			watch := announcements{t: t, connected: map[string]string{}, live: map[string]bool{}}
			for _, message := range r.messages(t) {
				if at := micro(message); at > 0 {
					watch.tick(player.Tracker, time.UnixMicro(at))
				}
				watch.take(player.Feed(message, time.Time{}))
			}
			watch.ended = true
			watch.take(player.End())
			if len(watch.live) > 0 {
				t.Errorf("never ended: %v", watch.live)
			}
		})
	}
}

// tick is how often the tracker is told the time, as Follow does.
const tick = 250 * time.Millisecond

type announcements struct {
	t         *testing.T
	now       time.Time
	ended     bool              // the stream
	connected map[string]string // who has answered, by call
	live      map[string]bool
}

// tick tells the tracker the time until there is the next message.
func (a *announcements) tick(tracker *calls.Tracker, next time.Time) {
	for at := a.now.Add(tick); !a.now.IsZero() && at.Before(next); at = at.Add(tick) {
		a.now = at
		a.take(tracker.Tick(at))
	}
	a.now = next
}

func (a *announcements) take(changes []calls.Change) {
	for _, change := range changes {
		c := &change.Call
		certain := len(c.Gaps) == 0 && len(c.Uncertain) == 0
		late := a.now.Sub(change.At)
		switch change.Kind {
		case calls.Started:
			a.live[c.ID] = true
		case calls.Absorbed, calls.Ended:
			delete(a.live, c.ID)
		case calls.Connected:
			a.connected[c.ID] = c.AnsweredBy
		case calls.Corrected:
			if certain {
				a.t.Errorf("call %s was told wrong when it ended", c.ID)
			}
		case calls.Finished:
			if by, ok := a.connected[c.ID]; ok && by != c.AnsweredBy && certain {
				a.t.Errorf("call %s was answered by %s, it was said, and then by %s", c.ID, by, c.AnsweredBy)
			}
			continue
		default: // is only late or not
		}
		if certain && !a.ended && late > time.Second {
			a.t.Errorf("%s of call %s is told %v late", change.Kind, c.ID, late)
		}
	}
}

package callplay_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain lets pass what sipgo may leave: a socket that it opens for what it sends while its transports close.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/emiago/sipgo/sip.(*TransportUDP).readUDPConnection"))
}

// situation is a script and its name.
type situation struct {
	name   string
	script func(*scene) []want
}

const (
	laneCount = 5
	// rounds is how often a situation may be played if the machine was late.
	rounds = 3
)

// TestSituations plays the situations on one Asterisk, several at a time, and holds the calls told against the phones.
func TestSituations(t *testing.T) {
	t.Parallel()
	openRoom(t, laneCount).perform(t, chosen(situations()))
}

// perform plays situations and reports the differences. What may be the machine's fault is played again: a difference while
// it was late, or one in nothing but when a tone was heard. It is reported when it is there again.
func (r *room) perform(t *testing.T, pending []situation) {
	t.Helper()
	for round := 1; len(pending) > 0; round++ {
		scenes := r.playAll(t.Context(), pending)
		index := r.index()
		var again []situation
		for i, s := range scenes {
			found, audio := r.examine(s, index)
			if s.err != nil {
				found, audio = append(found, s.err.Error()), false
			}
			if len(found) > 0 && round < rounds && (audio || r.stalledSince(s.from, s.to)) {
				t.Logf("%s is played again: %v", pending[i].name, found)
				again = append(again, pending[i])
				continue
			}
			t.Run(pending[i].name, func(t *testing.T) {
				for _, f := range found {
					t.Error(f)
				}
				if len(found) > 0 {
					r.explain(t, s)
				}
			})
		}
		pending = again
	}
	for _, err := range r.errs {
		t.Error(err)
	}
}

func chosen(all []situation) []situation {
	only := os.Getenv("CALLPLAY_ONLY")
	var some []situation
	for _, s := range all {
		if strings.Contains(s.name, only) {
			some = append(some, s)
		}
	}
	return some
}

// playAll plays situations, one at a time in each lane, and waits until their calls are told to the end.
func (r *room) playAll(ctx context.Context, all []situation) []*scene {
	scenes := make([]*scene, len(all))
	next := make(chan int, len(all))
	for i := range all {
		next <- i
	}
	close(next)
	var lanes sync.WaitGroup
	for _, l := range r.lanes {
		lanes.Go(func() {
			for i := range next {
				scenes[i] = r.play(ctx, l, all[i].script)
			}
		})
	}
	lanes.Wait()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := r.settle(ctx); err != nil {
		r.mu.Lock()
		r.errs = append(r.errs, err)
		r.mu.Unlock()
	}
	return scenes
}

// dump writes the events of the channels of a scene to a file, and says where.
func (r *room) dump(t *testing.T, channels []string) {
	t.Helper()
	folder := os.Getenv("CALLPLAY_EVENTS")
	if folder == "" {
		return
	}
	var all strings.Builder
	r.mu.Lock()
	for _, text := range r.events {
		for _, channel := range channels {
			if strings.Contains(text, channel) {
				all.WriteString(text + "\n")
				break
			}
		}
	}
	r.mu.Unlock()
	name := filepath.Join(folder, strings.NewReplacer("/", "_", " ", "_").Replace(t.Name())+".txt")
	if err := os.WriteFile(name, []byte(all.String()), 0o600); err != nil {
		t.Error(err)
	}
}

// explain shows the calls of a scene.
func (r *room) explain(t *testing.T, s *scene) {
	t.Helper()
	index := r.index()
	shown := map[string]bool{}
	var channels []string
	for _, l := range s.lines {
		r.mu.Lock()
		channel := r.channels[l.CallID()]
		r.mu.Unlock()
		for _, c := range index.byLeg[channel] {
			for _, leg := range c.Legs {
				channels = append(channels, leg.Channel)
			}
			if text, err := c.MarshalJSON(); err == nil && !shown[c.ID] {
				shown[c.ID] = true
				t.Logf("%s", text)
			}
		}
		t.Logf("%s %s answered %s, gone %s", l.st.endpoint, channel, clock(l.answered), clock(l.gone))
	}
	r.dump(t, channels)
}

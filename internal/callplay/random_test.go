package callplay_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/asterism-go/asterism/callcenter/calls"
)

// seeds are batches that were told wrong once.
var seeds = []uint64{1}

// setting is a number from the environment.
func setting(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestRandom plays random calls, one in each lane at a time.
func TestRandom(t *testing.T) {
	count := setting(t, "CALLPLAY_CALLS", 60)
	r := openRoom(t, laneCount)
	for _, seed := range append(seeds[1:len(seeds):len(seeds)], setting(t, "CALLPLAY_SEED", seeds[0])) {
		var scripts []situation
		for i := range count {
			random := rand.New(rand.NewPCG(seed, i)) //nolint:gosec // repeatable, not secret
			scripts = append(scripts, situation{fmt.Sprintf("seed %d, call %d", seed, i), func(s *scene) []want { return s.improvise(random) }})
		}
		scripts = chosen(scripts)
		scenes := r.playAll(t.Context(), scripts)
		index := r.index()
		late := 0
		for i, s := range scenes {
			found := r.examine(s, index)
			if s.err != nil {
				found = append(found, s.err.Error())
			}
			if len(found) > 0 && r.stalledSince(s.from, s.to) {
				late++
				continue
			}
			for _, f := range found {
				t.Errorf("%s: %s", scripts[i].name, f)
			}
			if len(found) > 0 {
				r.explain(t, s)
			}
		}
		t.Logf("seed %d: %d calls, of which %d while the machine was late", seed, count, late)
		if late > int(count)/2 { //nolint:gosec // a small number
			t.Errorf("the machine was late in %d of %d calls: nothing is proven", late, count)
		}
	}
	for _, err := range r.errs {
		t.Error(err)
	}
}

// queueAtRandom plays a caller in a queue.
func (s *scene) queueAtRandom(random *rand.Rand) []want {
	a, first, _ := s.waiting("71")
	s.while(random)
	if random.IntN(2) == 0 {
		a.hangup()
		w := s.queued(a, nil, "all", calls.QueueAbandoned)
		w.hungUpBy = a
		return []want{w}
	}
	first.answer()
	s.talk(a, first)
	a.hangup()
	return []want{s.queued(a, first, "all", calls.QueueAnswered)}
}

func unansweredResult(a *line) calls.Result {
	return map[calls.Direction]calls.Result{calls.Inbound: calls.Missed, calls.Internal: calls.NoAnswer}[a.direction()]
}

// while is a random moment.
func (s *scene) while(random *rand.Rand) { s.pause(time.Duration(random.IntN(600)) * time.Millisecond) }

func shuffled(random *rand.Rand, stations []*station) []*station {
	all := make([]*station, 0, len(stations))
	for _, i := range random.Perm(len(stations)) {
		all = append(all, stations[i])
	}
	return all
}

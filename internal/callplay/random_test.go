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

// kept are calls that were told wrong once: the seed of their batch, and their number in it.
var kept = [][2]uint64{{1, 30}, {2, 56}, {2, 83}, {2, 152}, {11, 175}, {11, 428}}

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

// TestRandom plays random calls, one in each lane at a time, and those that are kept.
func TestRandom(t *testing.T) {
	t.Parallel()
	var scripts []situation
	for _, k := range kept {
		scripts = append(scripts, randomCall(k[0], k[1]))
	}
	seed := setting(t, "CALLPLAY_SEED", 1)
	for i := range setting(t, "CALLPLAY_CALLS", 60) {
		scripts = append(scripts, randomCall(seed, i))
	}
	openRoom(t, laneCount).perform(t, chosen(scripts))
}

// randomCall is one call of the batch of a seed; each is the same whatever the others are, and whenever it is played.
func randomCall(seed, number uint64) situation {
	return situation{fmt.Sprintf("seed %d, call %d", seed, number), func(s *scene) []want {
		return s.improvise(rand.New(rand.NewPCG(seed, number))) //nolint:gosec // repeatable, not secret
	}}
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

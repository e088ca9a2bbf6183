package agents_test

import (
	"flag"
	"os"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/asterism-go/asterism/callcenter/agents"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// steps is how many steps the walks have together; ASTERISM_AGENT_STEPS makes them more. A walk that fails is made shorter as
// long as it fails, and written to testdata/rapid, from where -rapid.failfile walks it again; -rapid.seed walks another one.
const (
	steps     = 500
	walkSteps = "60" // of one walk, more or less: -rapid.steps
)

// TestRandomWalk lets agents do at random what agents do: log in and out, pause, change penalties, be busy, switch phones off
// and on, refuse, answer, hold, let it ring; others do it for them behind the Desk's back; and the connection breaks. After
// every step the Model, known by its changes alone, equals QueueStatus, and every agent is in the state that the walk knows
// it to be in. It walks with a Model that is told of calls, and with one that is not: the states of the devices must do.
func TestRandomWalk(t *testing.T) {
	setUnlessGiven(t, "rapid.checks", "1")
	setUnlessGiven(t, "rapid.steps", walkSteps)
	pbx := startHall(t)
	for name, withCalls := range map[string]bool{"calls": true, "devices": false} {
		t.Run(name, func(t *testing.T) {
			h := openHallAt(t, pbx, agents.Config{Calls: withCalls, WrapUp: map[string]time.Duration{"support": wrapUp}})
			randomWalks(t, &walk{hall: h, dnd: map[string]bool{}, off: map[string]bool{}, refuses: map[string]bool{}})
		})
	}
}

func randomWalks(t *testing.T, w *walk) {
	t.Helper()
	counts, done, length := map[string]int{}, 0, int(number(t, "ASTERISM_AGENT_STEPS", steps))
	for done < length && !t.Failed() {
		rapid.Check(t, func(r *rapid.T) {
			w.TB, w.T = r, r
			defer func() {
				w.TB = t
				if r.Failed() {
					w.patience = 3 * time.Second // it will be walked again, to make it shorter
				}
			}()
			w.begin()
			actions := map[string]func(*rapid.T){"": func(*rapid.T) { w.eventually("after the step", w.check) }}
			for _, m := range moves {
				for i := range m.weight {
					actions[strconv.Itoa(i)+" "+m.name] = func(r *rapid.T) {
						w.TB, w.T = r, r
						m.do(w)
						counts[m.name]++
						done++
					}
				}
			}
			r.Repeat(actions)
		})
	}
	w.begin() // leave it as it was found
	t.Logf("%d steps: %v", done, counts)
	if length >= steps && counts["break"] == 0 {
		t.Error("the connection was never lost")
	}
}

// setUnlessGiven sets a flag of rapid for this test, unless it was given.
func setUnlessGiven(t *testing.T, name, value string) {
	t.Helper()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	if given {
		return
	}
	before := flag.Lookup(name).Value.String()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(flag.Set(name, value))
	t.Cleanup(func() { must(flag.Set(name, before)) })
}

func number(t *testing.T, variable string, standard uint64) uint64 {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return standard
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// walk is where a random walk is.
type walk struct {
	*hall
	T                 *rapid.T        // what the walk draws from
	dnd, off, refuses map[string]bool // by number
	talk              *talk
	unanswered        bool // a call was, in this walk: that takes a while
}

// begin makes everything as it was before the first walk: no calls, all phones on and free, nobody in a queue but who is
// configured.
func (w *walk) begin() {
	w.hangUpAny()
	w.unanswered = false
	for number := range w.refuses { // a phone that is off has not refused
		if w.refuses[number] && !w.off[number] {
			w.switchOff(number)
		}
	}
	for _, number := range numbers {
		if w.dnd[number] {
			w.setDND(number, "NOT_INUSE")
			w.dnd[number] = false
		}
		if w.off[number] {
			w.switchOn(number)
		}
	}
	for _, b := range w.queueStatus() {
		if b.endpoint != "PJSIP/104" {
			_, err := w.desk.Logout(w.ctx, b.endpoint, b.queue)
			w.ok(err)
		}
	}
	w.eventually("everything is as it was", w.check)
}

// talk is a call that goes on between two steps.
type talk struct {
	in, out *sipphone.Call
	number  string
	held    bool
}

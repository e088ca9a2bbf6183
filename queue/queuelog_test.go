package queue_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/internal/sipphone"
	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
	"github.com/asterism-go/asterism/queue/queuelog"
)

// theirs is the queue of app_queue that has the same calls as ours.
const theirs = `[general]
[theirs]
strategy = linear
timeout = 2
retry = 3
context = exits
ringinuse = no
member => PJSIP/dora
`

// side is one of two queues that are to count alike: a caller, an agent, and how the agent pauses.
type side struct {
	name   string
	number string
	caller *sipphone.Phone
	agent  chan *sipphone.Call // answered
	deaf   atomic.Bool         // the agent's telephone rings and is not answered
	pause  func(on bool)
}

// newSide makes the telephones.
func (h *hall) newSide(name, number, caller, agent string) *side {
	h.Helper()
	s := &side{name: name, number: number, agent: make(chan *sipphone.Call, 4)}
	answer := answering(h, s.agent)
	s.caller = h.phone(caller, callerTone, nil)
	h.phone(agent, annaTone, func(c *sipphone.Call) {
		if !s.deaf.Load() {
			answer(c)
			return
		}
		if err := c.Ring(context.Background()); err != nil {
			h.Logf("it has stopped ringing already: %v", err)
		}
		<-c.Done()
	})
	return s
}

// logFile is a queue_log of ours.
type logFile struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logFile) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// tally is what a report makes of a queue_log: how often each event is in it, and how many seconds of each kind.
type tally struct {
	events  map[string]int
	seconds map[string]int
}

// The fields with seconds, by event: the place behind its name.
var timed = map[string]map[string]int{
	"CONNECT": {"hold": 0}, "COMPLETECALLER": {"talk": 1}, "COMPLETEAGENT": {"talk": 1}, "ABANDON": {"wait": 2}, "EXITWITHTIMEOUT": {"wait": 2},
	"EXITWITHKEY": {"wait": 3},
}

// count makes the tally of the calls: what is not of a call, such as pauses, is left out.
func count(t *testing.T, text, queue string) tally {
	t.Helper()
	all := tally{map[string]int{}, map[string]int{}}
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSpace(line), "|")
		if len(f) < 5 || f[2] != queue || f[1] == "NONE" {
			continue
		}
		all.events[f[4]]++
		for what, i := range timed[f[4]] {
			n, err := strconv.Atoi(f[5+i])
			if err != nil {
				t.Errorf("%q: %v", line, err)
			}
			all.seconds[f[4]+" "+what] += n
		}
	}
	return all
}

// app_queue and this package have the same calls: answered and ended by either side, given up, led out by a key, timed out, and missed
// by the agent. Their queue_logs give the same totals. (Pauses differ in name: PAUSE of a member there, PAUSEALL of an agent here.)
func TestQueueLogIsAppQueues(t *testing.T) {
	t.Parallel()
	h := plan(t, "carol", "dora", "clara", "anna")
	h.config.Files["queues.conf"] = theirs
	h.config.Files["extensions.conf"] = dialplan + `
exten => theirs,1,Answer()
 same => n,Queue(theirs,,,,4)
 same => n,Hangup()
[exits]
exten => 1,1,Hangup()
`
	h.started(t)
	file := &logFile{}
	w := queuelog.Writer{W: file}
	h.check = func(tr acd.Transition) {
		if err := w.Add(tr); err != nil {
			t.Error(err)
		}
	}
	h.open(&queue.Server{
		Queues: []queue.Queue{{Queue: acd.Queue{
			Name: "support", Strategy: acd.Linear, RingTimeout: 2 * time.Second, Retry: 5 * time.Second, MaxWait: 4 * time.Second,
			Exits: map[string]string{"1": "out"},
		}}},
		Agents: []queue.Agent{agent("anna", nil, "support")},
	})
	sides := []*side{h.newSide("theirs", "theirs", "carol", "dora"), h.newSide("ours", "qsupport", "clara", "anna")}
	sides[0].pause = func(on bool) {
		command := "queue unpause member PJSIP/dora queue theirs"
		if on {
			command = "queue pause member PJSIP/dora queue theirs"
		}
		out, err := h.pbx.CLI(within(t), command)
		must(t, err)
		t.Logf("%s: %s", command, out)
	}
	sides[1].pause = func(on bool) {
		if on {
			must(t, h.server.Pause(within(t), "anna", ""))
		} else {
			must(t, h.server.Unpause(within(t), "anna"))
		}
	}
	h.script(sides)

	var mine, his tally
	h.until("app_queue has written everything", func() bool {
		text, err := os.ReadFile(filepath.Join(h.pbx.Dir, "log", "queue_log"))
		must(t, err)
		his, mine = count(t, string(text), "theirs"), count(t, file.String(), "support")
		return sum(his.events) >= 14 && sum(mine.events) >= 14
	})
	t.Logf("app_queue: %v\nhere:      %v", his, mine)
	want := map[string]int{
		"ENTERQUEUE": 6, "CONNECT": 2, "COMPLETECALLER": 1, "COMPLETEAGENT": 1, "ABANDON": 1, "EXITWITHKEY": 1, "EXITWITHTIMEOUT": 2,
		"RINGNOANSWER": 1,
	}
	for name, got := range map[string]tally{"app_queue": his, "here": mine} {
		delete(got.events, "RINGCANCELED")
		if diff := cmp.Diff(want, got.events); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for what, n := range his.seconds { // each is cut to whole seconds, and the two calls are not dialled in the same moment
		event, _, _ := strings.Cut(what, " ")
		if off := n - mine.seconds[what]; off < -2*want[event] || off > 2*want[event] {
			t.Errorf("%s: %d s there, %d s here", what, n, mine.seconds[what])
		}
	}
}

func sum(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// script has both sides do the same.
func (h *hall) script(sides []*side) {
	h.Helper()
	o := &office{hall: h}
	both := func(do func(*side, int)) {
		for i, s := range sides {
			do(s, i)
		}
	}
	calls := make([]*sipphone.Call, len(sides))
	dial := func(s *side, i int) { calls[i] = h.dial(s.caller, s.number) }
	for _, byAgent := range []bool{false, true} {
		both(dial)
		agents := make([]*sipphone.Call, len(sides))
		both(func(s *side, i int) {
			agents[i] = o.next(s.agent)
			o.talking(calls[i], agents[i], annaTone)
		})
		<-time.After(1200 * time.Millisecond) // talks of more than a second
		both(func(_ *side, i int) {
			if byAgent {
				o.hangUp(agents[i], calls[i])
			} else {
				o.hangUp(calls[i], agents[i])
			}
		})
	}
	both(func(s *side, _ int) { s.pause(true) })
	both(dial)
	<-time.After(1200 * time.Millisecond)
	both(func(_ *side, i int) { must(h, calls[i].Hangup(within(h))) }) // given up
	both(dial)
	both(func(s *side, i int) {
		if err := calls[i].SendDTMF(within(h), "1"); err != nil {
			h.Logf("%s: hung up while the key was still held: %v", s.name, err)
		}
		o.over(calls[i], fmt.Sprint(s.name, ": a key"))
	})
	both(dial)
	both(func(s *side, i int) { o.over(calls[i], fmt.Sprint(s.name, ": timed out")) })
	both(func(s *side, _ int) {
		s.deaf.Store(true)
		s.pause(false)
	})
	both(dial)
	both(func(s *side, i int) { o.over(calls[i], fmt.Sprint(s.name, ": missed and timed out")) })
}

// over waits until a call is over.
func (o *office) over(call *sipphone.Call, what string) {
	o.Helper()
	select {
	case <-call.Done():
	case <-within(o).Done():
		o.Fatalf("%s: it is not over", what)
	}
}

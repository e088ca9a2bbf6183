package queue_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/asterism-go/asterism/internal/sipphone"
	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
)

// The tones of the telephones of the table: who hears one knows who speaks.
var tones = map[string]float64{"carol": callerTone, "clara": 600, "anna": annaTone, "boris": borisTone, "dora": 850}

// team are the agents of the table, in the order that Linear and RoundRobin go by.
var team = []string{"anna", "boris", "dora"}

// floor is a hall in which all queues of the table are, and what they share: agents and two callers.
type floor struct {
	*office
	callers map[string]*sipphone.Phone
	took    map[string]chan *sipphone.Call
}

// row is one line of the table: a queue, what the agents are to it, and what its callers live to see.
type row struct {
	queue   acd.Queue
	members map[string]acd.Member // default: member with the order of the team
	play    func(f *floor, queue string)
}

// newFloor opens all queues of the table.
func newFloor(t *testing.T, rows map[string]row) *floor {
	t.Helper()
	h := plan(t, "carol", "clara", "anna", "boris", "dora")
	h.config.Files["extensions.conf"] = dialplan + `
exten => _ps.,1,Stasis(queue,${EXTEN:1},priority=5)
 same => n,Hangup()
exten => _ls.,1,Stasis(queue,${EXTEN:1},last=boris)
 same => n,Hangup()
`
	h.started(t)
	f := &floor{office: &office{hall: h}, callers: map[string]*sipphone.Phone{}, took: map[string]chan *sipphone.Call{}}
	server := &queue.Server{Seed: 7}
	for name, r := range rows {
		r.queue.Name = name
		server.Queues = append(server.Queues, queue.Queue{Queue: r.queue})
	}
	for i, id := range team {
		a := queue.Agent{
			Agent: acd.Agent{ID: id, Skills: map[string]int{"fr": []int{0, 1, 3}[i]}}, Endpoint: "PJSIP/" + id, LoggedIn: true,
			Device: queue.NoDevice, // who is chosen must not depend on how quick Asterisk tells that a telephone is free
		}
		for name, r := range rows {
			m := r.members[id]
			m.Queue, m.Order = name, i
			a.Members = append(a.Members, m)
		}
		server.Agents = append(server.Agents, a)
	}
	f.open(server)
	for _, id := range team {
		f.took[id] = make(chan *sipphone.Call, 4)
		f.phone(id, tones[id], answering(h, f.took[id]))
	}
	for _, id := range []string{"carol", "clara"} {
		f.callers[id] = f.phone(id, tones[id], nil)
	}
	return f
}

// only has these agents get calls, and no others.
func (f *floor) only(ids ...string) {
	f.Helper()
	for _, id := range team {
		if !slices.Contains(ids, id) {
			must(f, f.server.Pause(within(f), id, "table"))
		} else {
			must(f, f.server.Unpause(within(f), id))
		}
	}
}

// mark has it waited for what comes from now on.
func (h *hall) mark() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.from = len(h.told)
}

// meet waits until a caller is connected, and proves by their tones that the two hear each other.
func (f *floor) meet(caller string, call *sipphone.Call, agent string) *sipphone.Call {
	f.Helper()
	must(f, call.WaitHears(within(f), tones[agent]))
	for {
		answered := f.next(f.took[agent])
		err := answered.WaitHears(within(f), tones[caller])
		if err == nil {
			return answered
		}
		select {
		case <-answered.Done(): // one that was answered when the offer was just taken back
		default:
			f.Fatal(err)
		}
	}
}

// kind waits for a transition of a kind.
func (f *floor) kind(kind acd.Kind) acd.Transition {
	f.Helper()
	return f.wait(kind.String(), func(t acd.Transition) bool { return t.Kind == kind })
}

// serve has carol call a number so many times, and returns who has talked with her each time, by the tones.
func (f *floor) serve(number string, calls int) (by []string) {
	f.Helper()
	for range calls {
		f.mark()
		call := f.dial(f.callers["carol"], number)
		agent := f.kind(acd.Began).Agent
		answered := f.meet("carol", call, agent)
		by = append(by, agent)
		f.hangUp(call, answered)
		f.kind(acd.Finished)
	}
	return by
}

// want compares who has served.
func (f *floor) want(got []string, want ...string) {
	f.Helper()
	if !slices.Equal(got, want) {
		f.Errorf("served by %q, want %q", got, want)
	}
}

// distinct checks that the first calls went to all agents, and the next one to one of them again.
func (f *floor) distinct(got []string, last string) {
	f.Helper()
	if first := slices.Sorted(slices.Values(got[:3])); !slices.Equal(first, team) || got[3] != last {
		f.Errorf("served by %q: not by all, and then by %s", got, last)
	}
}

// both has clara come behind carol, or with a priority before her; both wait.
func (f *floor) both(first, second string) (carol, clara *sipphone.Call) {
	f.Helper()
	carol = f.dial(f.callers["carol"], first)
	f.wait("carol waits", func(t acd.Transition) bool { return t.Kind == acd.Joined && t.CallerInfo.Number == "carol" })
	clara = f.dial(f.callers["clara"], second)
	f.wait("clara waits", func(t acd.Transition) bool { return t.Kind == acd.Joined && t.CallerInfo.Number == "clara" })
	return carol, clara
}

// table is what the queues of the floor do. The names begin with s, as the numbers do in the dialplan.
var table = map[string]row{
	"slinear": {queue: acd.Queue{Strategy: acd.Linear}, play: func(f *floor, number string) {
		f.want(f.serve(number, 2), "anna", "anna")
		f.only("boris", "dora")
		f.want(f.serve(number, 1), "boris")
	}},
	"sidle": {queue: acd.Queue{Strategy: acd.LongestIdle}, play: func(f *floor, number string) {
		got := f.serve(number, 4)
		f.distinct(got, got[0])
	}},
	"sfewest": {queue: acd.Queue{Strategy: acd.FewestCalls}, play: func(f *floor, number string) {
		f.only("anna")
		f.serve(number, 2)
		f.only("anna", "boris")
		f.want(f.serve(number, 2), "boris", "boris")
		f.only(team...)
		f.want(f.serve(number, 2), "dora", "dora")
	}},
	"sleast": {queue: acd.Queue{Strategy: acd.LeastTalkTime}, play: func(f *floor, number string) {
		f.only("anna")
		f.serve(number, 2) // who has talked most
		f.only("anna", "boris")
		f.want(f.serve(number, 1), "boris")
		f.only("anna", "dora")
		f.want(f.serve(number, 1), "dora")
	}},
	"srobin": {queue: acd.Queue{Strategy: acd.RoundRobin}, play: func(f *floor, number string) {
		f.want(f.serve(number, 2), "anna", "boris")
		f.only("anna", "boris")
		f.want(f.serve(number, 1), "anna") // dora's turn, but she pauses
		f.only(team...)
		f.want(f.serve(number, 1), "boris")
	}},
	"srandom": {queue: acd.Queue{Strategy: acd.Random}, play: func(f *floor, number string) {
		f.serve(number, 2) // the tones say that it is who was chosen; what is chosen is for the tests of acd
	}},
	"sweighted": {
		queue:   acd.Queue{Strategy: acd.Weighted},
		members: map[string]acd.Member{"boris": {Weight: 1_000_000}},
		play:    func(f *floor, number string) { f.want(f.serve(number, 2), "boris", "boris") },
	},
	"sbest": {
		queue: acd.Queue{Strategy: acd.BestSkill, Needs: []acd.Need{{Skill: "fr", Min: 1}}},
		play: func(f *floor, number string) {
			f.want(f.serve(number, 1), "dora")
			f.only("anna", "boris")
			f.want(f.serve(number, 1), "boris")
		},
	},
	"srelax": {
		queue: acd.Queue{
			Strategy: acd.Linear, Needs: []acd.Need{{Skill: "fr", Min: 2}},
			Steps: []acd.Step{{After: time.Second, Lower: 1}},
		},
		play: func(f *floor, number string) {
			f.only("anna", "boris")
			f.want(f.serve(number, 1), "boris")
			f.kind(acd.Relaxed)
		},
	},
	"ssticky": {queue: acd.Queue{Strategy: acd.Linear, Sticky: 30 * time.Second}, play: func(f *floor, number string) {
		f.want(f.serve("l"+number[1:], 1), "boris")
		f.want(f.serve(number, 1), "anna")
	}},
	"spenalty": {
		queue:   acd.Queue{Strategy: acd.Linear, UsePenaltyLimit: true, MaxPenalty: 1},
		members: map[string]acd.Member{"anna": {Penalty: 1}, "dora": {Penalty: 2}},
		play: func(f *floor, number string) {
			f.want(f.serve(number, 1), "boris")
			f.only("anna", "dora")
			f.want(f.serve(number, 1), "anna")
		},
	},
	"spriority": {queue: acd.Queue{Strategy: acd.Linear}, play: func(f *floor, number string) {
		f.only()
		carol, clara := f.both(number, "p"+number[1:])
		f.only("anna")
		first := f.meet("clara", clara, "anna")
		f.hangUp(clara, first)
		f.hangUp(carol, f.meet("carol", carol, "anna"))
	}},
	"sheavy": {queue: acd.Queue{Strategy: acd.Linear, Weight: 5}, play: func(f *floor, number string) {
		f.only()
		carol, clara := f.both("qslinear", number) // two queues, one agent: never two offers, and the weight decides
		f.only("anna")
		first := f.meet("clara", clara, "anna")
		if n := f.offers("anna"); n != 1 {
			f.Errorf("anna has %d offers while she talks", n)
		}
		f.hangUp(clara, first)
		f.hangUp(carol, f.meet("carol", carol, "anna"))
	}},
	"swrap": {queue: acd.Queue{Strategy: acd.Linear, WrapUp: time.Second}, play: func(f *floor, number string) {
		f.only("anna")
		f.serve(number, 1)
		over := f.kind(acd.Finished)
		f.serve(number, 1)
		if gap := f.kind(acd.Began).Time.Sub(over.Time); gap < time.Second {
			f.Errorf("the next call begins %v after the last one", gap)
		}
		must(f, f.server.Do(within(f), func(s *acd.State) error { return s.EndWrapUp("anna") }))
	}},
	"sfull": {queue: acd.Queue{Strategy: acd.Linear, MaxLength: 1, MaxWait: 2 * time.Second}, play: func(f *floor, number string) {
		f.only()
		carol := f.dial(f.callers["carol"], number)
		f.kind(acd.Joined)
		clara := f.dial(f.callers["clara"], number)
		if no := f.kind(acd.NotJoined); no.Outcome != acd.Full {
			f.Errorf("%+v", no)
		}
		f.over(clara, "clara is not let in")
		if left := f.kind(acd.Left); left.Outcome != acd.TimedOut || left.Wait < 2*time.Second {
			f.Errorf("%+v", left)
		}
		f.over(carol, "carol has waited for long enough")
	}},
	"sempty": {queue: acd.Queue{JoinNeeds: acd.Unpaused, StayNeeds: acd.Unpaused}, play: func(f *floor, number string) {
		f.only()
		f.over(f.dial(f.callers["carol"], number), "nobody is there")
		if no := f.kind(acd.NotJoined); no.Outcome != acd.JoinEmpty {
			f.Errorf("%+v", no)
		}
	}},
	"sover": {
		queue: acd.Queue{Strategy: acd.Linear, Needs: []acd.Need{{Skill: "nobody", Min: 1}}, Overflow: acd.Overflow{After: time.Second, Queue: "slinear"}},
		play: func(f *floor, number string) {
			f.want(f.serve(number, 1), "anna")
			if moved := f.kind(acd.Moved); moved.From != "sover" || moved.Queue != "slinear" {
				f.Errorf("%+v", moved)
			}
		},
	},
	"sreason": {queue: acd.Queue{Strategy: acd.Linear}, play: func(f *floor, number string) {
		f.mark()
		must(f, f.server.Pause(within(f), "anna", "coffee"))
		if c := f.kind(acd.AgentChanged); c.State != acd.Paused || c.Reason != "coffee" {
			f.Errorf("%+v", c)
		}
		must(f, f.server.Logout(within(f), "boris"))
		f.want(f.serve(number, 1), "dora")
		must(f, f.server.Login(within(f), "boris"))
	}},
}

// offers is how many offers of an agent there have been since the mark.
func (f *floor) offers(agent string) (n int) {
	f.find(func(t acd.Transition) bool {
		if t.Kind == acd.OfferMade && slices.Contains(t.Agents, agent) {
			n++
		}
		return false
	})
	return n
}

// What each strategy and each rule of a queue does with real telephones. Ringing all, refusing, missed calls, exits by key and what
// agents hear have tests of their own above.
func TestTable(t *testing.T) {
	t.Parallel()
	f := newFloor(t, table)
	must(t, f.server.Ready(within(t)))
	for _, name := range slices.Sorted(maps.Keys(table)) {
		began := time.Now()
		f.only(team...)
		f.mark()
		table[name].play(f, "q"+name)
		t.Logf("%s: %v", name, time.Since(began))
		if t.Failed() {
			t.Fatalf("in %s", name)
		}
	}
}

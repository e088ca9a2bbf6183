package acd

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// world is a State to which random things happen, and what must be true of it all the time.
type world struct {
	s       *State
	draw    func(n int) int // less than n
	now     time.Time
	joined  int
	began   map[string]int // callers who have joined, by how often they have ended
	changed int
}

var epoch = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

const (
	worldQueues = 4
	worldAgents = 7
)

var worldSkills = []string{"de", "fr", "el"}

func newWorld(draw func(int) int) *world {
	w := &world{s: New(uint64(draw(1000))), draw: draw, now: epoch, began: map[string]int{}}
	w.s.Advance(w.now)
	for i := range worldQueues {
		w.check(w.s.SetQueue(w.queue(i)))
	}
	for i := range worldAgents {
		w.check(w.s.SetAgent(w.agent(i)))
	}
	return w
}

func (w *world) check(err error) {
	if err != nil {
		panic(err)
	}
}

func (w *world) seconds(n int) time.Duration { return time.Duration(w.draw(n)) * time.Second }

func (w *world) queue(i int) Queue {
	q := Queue{
		Name: fmt.Sprint("q", i), Strategy: Strategy(w.draw(len(strategyNames))), Weight: w.draw(2), WrapUp: w.seconds(4),
		RingTimeout: time.Second + w.seconds(20), MaxLength: w.draw(3) * 10, MaxWait: w.seconds(3) * 40, Sticky: w.seconds(3) * 15,
		JoinNeeds: Presence(w.draw(4)), StayNeeds: Presence(w.draw(3)), Exits: map[string]string{"1": "voicemail"},
		NoAnswer: NoAnswer{PauseAfter: w.draw(4), BackOff: w.seconds(5), MaxBackOff: w.seconds(20)},
		Steps: []Step{
			{After: 20 * time.Second, Lower: 1 + w.draw(3)},
			{After: 40 * time.Second, Drop: worldSkills, LiftPenalty: true, MaxPenalty: -1, Raise: w.draw(2)},
		},
		UsePenaltyLimit: w.draw(2) == 0, MaxPenalty: w.draw(3),
	}
	if i > 0 && w.draw(2) == 0 {
		q.Overflow = Overflow{time.Second + w.seconds(60), fmt.Sprint("q", w.draw(i))}
	}
	return q
}

func (w *world) agent(i int) Agent {
	a := Agent{ID: fmt.Sprint("a", i), Skills: map[string]int{}}
	for _, skill := range worldSkills {
		a.Skills[skill] = w.draw(4)
	}
	for q := range worldQueues {
		if w.draw(2) == 0 {
			a.Members = append(a.Members, Member{Queue: fmt.Sprint("q", q), Penalty: w.draw(3), Weight: 1 + w.draw(3), Order: w.draw(3)})
		}
	}
	return a
}

// happen lets one random thing happen.
func (w *world) happen() {
	agent := fmt.Sprint("a", w.draw(worldAgents))
	switch w.draw(14) {
	case 0, 1, 2:
		w.join()
	case 3:
		w.check(w.s.Login(agent))
	case 4:
		if w.draw(3) == 0 {
			w.check(w.s.Logout(agent))
		} else {
			w.check(w.s.Pause(agent, "lunch"))
		}
	case 5:
		w.check(w.s.Unpause(agent))
		w.check(w.s.SetBusy(agent, w.draw(4) == 0))
	case 6, 7, 8:
		w.ring()
	case 9, 10:
		w.talk()
	case 11:
		w.leave()
	case 12:
		w.configure(agent)
	default:
		w.now = w.now.Add(time.Duration(w.draw(8000)) * time.Millisecond)
		w.s.Advance(w.now)
	}
}

func (w *world) configure(agent string) {
	switch w.draw(6) {
	case 0:
		i := w.draw(worldQueues)
		w.check(w.s.SetQueue(w.queue(i)))
	case 1:
		i, _ := strconv.Atoi(agent[1:])
		w.check(w.s.SetAgent(w.agent(i)))
	case 2:
		_ = w.s.ExtendWrapUp(agent, w.seconds(10)) // if it wraps up
	default:
		w.check(w.s.EndWrapUp(agent))
	}
}

func (w *world) join() {
	w.joined++
	c := Caller{ID: fmt.Sprint("c", w.joined), Queue: fmt.Sprint("q", w.draw(worldQueues)), Priority: w.draw(3) / 2}
	if w.draw(3) == 0 {
		c.Needs = []Need{{worldSkills[w.draw(3)], 1 + w.draw(3)}}
	}
	if w.draw(2) == 0 {
		c.LastAgent = fmt.Sprint("a", w.draw(worldAgents))
	}
	if err := w.s.Join(c); err == nil {
		w.began[c.ID] = 0
	}
}

// pick returns one of the callers who are there, by chance.
func (w *world) pick(fits func(*caller) bool) *caller {
	var all []*caller
	for _, c := range w.s.callers {
		if fits(c) {
			all = append(all, c)
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.SortFunc(all, func(a, b *caller) int { return int(a.seq) - int(b.seq) })
	return all[w.draw(len(all))]
}

// ring has one of those who ring do something.
func (w *world) ring() {
	c := w.pick(func(c *caller) bool { return c.reserved != nil })
	if c == nil {
		return
	}
	r := c.reserved
	a := r.agents[w.draw(len(r.agents))].ID
	switch {
	case c.state == Accepting && w.draw(4) > 0:
		w.check(w.s.Accept(r.id))
	case c.state == Accepting || w.draw(3) == 0:
		w.check(w.s.Fail(r.id, a, []Cause{Unanswered, Refused, LineBusy, Unreachable, Withdrawn}[w.draw(5)]))
	default:
		w.check(w.s.Pick(r.id, a))
	}
}

func (w *world) talk() {
	if c := w.pick(func(c *caller) bool { return c.state == Connected }); c != nil {
		w.check(w.s.Finish(c.ID, w.draw(2) == 0))
	}
}

func (w *world) leave() {
	c := w.pick(func(*caller) bool { return true })
	switch {
	case c == nil:
	case c.state == Waiting && w.draw(4) == 0:
		w.check(w.s.AskCallback(c.ID, "1"))
	case w.draw(3) == 0:
		w.s.Exit(c.ID, "1")
	default:
		w.check(w.s.Abandon(c.ID))
	}
}

// settle decides as Settle does, and compares each decision with one that looks at everything.
func (w *world) settle() error {
	for {
		d, again := Decide(w.s), Decide(w.s)
		if !reflect.DeepEqual(d.Considered, again.Considered) || !slices.Equal(d.Agents, again.Agents) {
			return fmt.Errorf("the same state gives %v and %v", d, again)
		}
		if first := w.firstOfAll(); first != d.caller {
			return fmt.Errorf("decided for %+v, but the first who may have somebody is %+v", d.caller, first)
		}
		w.s.Apply(d)
		if !d.Any() {
			break
		}
	}
	w.s.Settle()
	return w.invariants()
}

// firstOfAll is the first caller of all queues for whom there is an agent.
func (w *world) firstOfAll() *caller {
	var best *caller
	for _, c := range w.s.callers {
		if c.state == Waiting && w.s.anybody(c) && (best == nil || c.before(best)) {
			best = c
		}
	}
	return best
}

// invariants says which of the promises is broken.
func (w *world) invariants() error {
	s := w.s
	if c := w.firstOfAll(); c != nil {
		return fmt.Errorf("caller %s waits, and an agent idles who may have it", c.ID)
	}
	holds := map[*agent]int{}
	for _, r := range s.reserved {
		if len(r.agents) == 0 || r.caller.reserved != r || r.caller.state != Offered && r.caller.state != Accepting {
			return fmt.Errorf("reservation %d has %d agents and a caller who is %v", r.id, len(r.agents), r.caller.state)
		}
		for _, a := range r.agents {
			holds[a]++
			if a.caller != r.caller || a.activity != Reserved && a.activity != Answering {
				return fmt.Errorf("agent %s has an offer and is %v", a.ID, a.activity)
			}
		}
	}
	for _, c := range s.callers {
		if c.state == Connected {
			holds[c.agent]++
		}
	}
	for _, a := range s.agents {
		if want := a.activity != Unoccupied && a.activity != Wrapping; want != (holds[a] == 1) || holds[a] > 1 {
			return fmt.Errorf("agent %s is %v and has %d callers", a.ID, a.activity, holds[a])
		}
		if a.state != a.work(s.now) {
			return fmt.Errorf("agent %s counts as %v and is %v", a.ID, a.state, a.work(s.now))
		}
	}
	return w.lines()
}

func (w *world) lines() error {
	n := 0
	for _, q := range w.s.queues {
		free := 0
		for _, m := range q.members {
			if m.agent.free() {
				free++
			}
		}
		if free != q.free {
			return fmt.Errorf("queue %s counts %d who are free of %d", q.Name, q.free, free)
		}
		for i, c := range q.line {
			if i > 0 && !q.line[i-1].before(c) || c.queue != q || c.position() != i+1 {
				return fmt.Errorf("queue %s: caller %s is not at its place %d", q.Name, c.ID, i+1)
			}
		}
		n += len(q.line)
	}
	for _, c := range w.s.callers {
		if c.state != Connected {
			n--
		}
	}
	if n != 0 {
		return fmt.Errorf("the lines have %d callers too many", n)
	}
	return w.ends()
}

// ends looks at what was told: each caller who has joined ends once.
func (w *world) ends() error {
	for _, t := range w.s.Take() {
		w.changed++
		if t.Kind != Left && t.Kind != Finished {
			continue
		}
		n, ok := w.began[t.Caller]
		if !ok || n > 0 || t.Wait < 0 || t.Talk < 0 {
			return fmt.Errorf("%v of %s: %+v", t.Kind, t.Caller, t)
		}
		delete(w.began, t.Caller)
	}
	if len(w.began) != len(w.s.callers) {
		return fmt.Errorf("%d have not ended and %d are there", len(w.began), len(w.s.callers))
	}
	return nil
}

// Over random configurations and random things that happen: no available agent idles while an eligible caller waits, no agent
// is offered two calls, nobody is overtaken except by the rules.
func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.IntRange(0, 1<<30)
		w := newWorld(func(n int) int { return numbers.Draw(t, "n") % n })
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			w.happen()
			if err := w.settle(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// The same for long: ASTERISM_QUEUE_TRANSITIONS=1000000 is the million.
func TestTransitions(t *testing.T) {
	want := 60_000
	if n, err := strconv.Atoi(os.Getenv("ASTERISM_QUEUE_TRANSITIONS")); err == nil {
		want = n
	}
	for seed, changed := uint64(1), 0; changed < want; seed++ {
		chance := rand.New(rand.NewPCG(seed, 0))
		w := newWorld(chance.IntN)
		for step := range 2000 {
			w.happen()
			if err := w.settle(); err != nil {
				t.Fatalf("seed %d, step %d: %v", seed, step, err)
			}
		}
		if w.changed == 0 {
			t.Fatal("nothing has changed")
		}
		changed += w.changed
	}
}

// The same seed gives the same day, to the last word.
func TestDeterministic(t *testing.T) {
	day := func() (all []string) {
		chance := rand.New(rand.NewPCG(7, 7))
		w := newWorld(chance.IntN)
		for range 3000 {
			w.happen()
			w.s.Settle()
			for _, t := range w.s.Take() {
				t.Why = nil
				all = append(all, fmt.Sprintf("%+v", t))
			}
		}
		return all
	}
	if a, b := day(), day(); !slices.Equal(a, b) {
		t.Error("two runs differ")
	}
}

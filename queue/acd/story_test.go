package acd_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/queue/acd"
)

var morning = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

// stage is a State of one or more queues, told in short lines.
type stage struct {
	*testing.T
	*acd.State
	told []acd.Transition
}

func newStage(t *testing.T, queues ...acd.Queue) *stage {
	t.Helper()
	s := &stage{T: t, State: acd.New(1)}
	s.Advance(morning)
	for _, q := range queues {
		s.ok(s.SetQueue(q))
	}
	return s
}

func (s *stage) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// agent adds one to all queues named, and logs it in.
func (s *stage) agent(id string, skills map[string]int, members ...acd.Member) {
	s.Helper()
	s.ok(s.SetAgent(acd.Agent{ID: id, Skills: skills, Members: members}))
	s.ok(s.Login(id))
}

func in(queue string) acd.Member { return acd.Member{Queue: queue} }

// at goes to a time of the morning, in seconds.
func (s *stage) at(seconds int) { s.Advance(morning.Add(time.Duration(seconds) * time.Second)) }

// offers settles, and returns the offers as "caller>agent+agent".
func (s *stage) offers() string {
	s.Settle()
	s.told = s.Take()
	var all []string
	for _, t := range s.told {
		if t.Kind == acd.OfferMade {
			all = append(all, t.Caller+">"+strings.Join(t.Agents, "+"))
		}
	}
	return strings.Join(all, " ")
}

func (s *stage) wantOffers(want string) {
	s.Helper()
	if got := s.offers(); got != want {
		s.Fatalf("offers %q, want %q", got, want)
	}
}

// find returns what was told last of a kind.
func (s *stage) find(kind acd.Kind) acd.Transition {
	s.Helper()
	for _, t := range slices.Backward(s.told) {
		if t.Kind == kind {
			return t
		}
	}
	s.Fatalf("no %v in %v", kind, s.told)
	return acd.Transition{}
}

func (s *stage) join(id, queue string) {
	s.Helper()
	s.ok(s.Join(acd.Caller{ID: id, Queue: queue}))
}

// talk has the offer that was made last answered by an agent.
func (s *stage) talk(agent string) {
	s.Helper()
	r := s.find(acd.OfferMade).Reservation
	s.ok(s.Pick(r, agent))
	s.ok(s.Accept(r))
}

// served is the order in which the agents get six calls, one after the other, of a second each.
func served(t *testing.T, strategy acd.Strategy) string {
	t.Helper()
	s := newStage(t, acd.Queue{Name: "q", Strategy: strategy, Needs: []acd.Need{{Skill: "de", Min: 1}}})
	s.agent("a", map[string]int{"de": 1}, acd.Member{Queue: "q", Order: 2})
	s.agent("b", map[string]int{"de": 3}, acd.Member{Queue: "q", Order: 1, Weight: 1000})
	s.agent("c", map[string]int{"de": 2}, acd.Member{Queue: "q", Order: 3})
	var order []string
	now := 0
	for i, talk := range []int{30, 1, 1, 1, 1, 1} {
		now++
		s.at(now)
		s.join(strconv.Itoa(i), "q")
		s.offers()
		agents := s.find(acd.OfferMade).Agents
		order = append(order, strings.Join(agents, "+"))
		s.talk(agents[0])
		now += talk
		s.at(now)
		s.ok(s.Finish(strconv.Itoa(i), false))
		s.offers()
	}
	return strings.Join(order, " ")
}

func TestStrategies(t *testing.T) {
	alwaysB := strings.TrimSpace(strings.Repeat("b ", 6))
	for strategy, want := range map[acd.Strategy]string{
		acd.RingAll:       strings.TrimSpace(strings.Repeat("b+a+c ", 6)),
		acd.LongestIdle:   "b a c b a c",
		acd.FewestCalls:   "b a c b a c",
		acd.LeastTalkTime: "b a c a c a",
		acd.RoundRobin:    "b a c b a c",
		acd.Linear:        alwaysB,
		acd.BestSkill:     alwaysB,
		acd.Weighted:      alwaysB,
	} {
		if got := served(t, strategy); got != want {
			t.Errorf("%v: %s, want %s", strategy, got, want)
		}
	}
	if got := served(t, acd.Random); got != served(t, acd.Random) || !strings.ContainsAny(got, "ac") {
		t.Errorf("random: %s, and then %s", got, served(t, acd.Random))
	}
}

// Who has the skill gets the call; as time goes by, less of it does, and then none.
func TestSkillsRelax(t *testing.T) {
	s := newStage(t, acd.Queue{Name: "q", Strategy: acd.LongestIdle, Steps: []acd.Step{
		{After: 10 * time.Second, Lower: 2}, {After: 20 * time.Second, Drop: []string{"fr"}},
	}})
	s.agent("little", map[string]int{"fr": 1}, in("q"))
	s.ok(s.Join(acd.Caller{ID: "1", Queue: "q", Needs: []acd.Need{{Skill: "fr", Min: 3}}}))
	s.wantOffers("")
	s.at(9)
	s.wantOffers("")
	s.at(10)
	s.wantOffers("1>little")
	s.agent("none", nil, in("q"))
	s.ok(s.Join(acd.Caller{ID: "2", Queue: "q", Needs: []acd.Need{{Skill: "fr", Min: 3}}}))
	s.at(29)
	s.ok(s.Pick(1, "little"))
	s.wantOffers("")
	s.at(30)
	s.wantOffers("2>none")
}

// A caller waits for the agent of the last time, for a while, or until that one pauses.
func TestSticky(t *testing.T) {
	for name, test := range map[string]struct {
		then func(s *stage)
		want string
	}{
		"time is over": {func(s *stage) { s.at(31) }, "2>other"},
		"paused":       {func(s *stage) { s.ok(s.Pause("last", "lunch")) }, "2>other"},
		"logged out":   {func(s *stage) { s.ok(s.Logout("last")) }, "2>other"},
		"free again":   {func(s *stage) { s.ok(s.Finish("1", false)) }, "2>last"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, acd.Queue{Name: "q", Strategy: acd.Linear, Sticky: 30 * time.Second})
			s.agent("last", nil, acd.Member{Queue: "q", Order: -1})
			s.join("1", "q")
			s.wantOffers("1>last")
			s.talk("last")
			s.agent("other", nil, in("q"))
			s.at(1)
			s.ok(s.Join(acd.Caller{ID: "2", Queue: "q", LastAgent: "last"}))
			s.wantOffers("")
			test.then(s)
			s.wantOffers(test.want)
		})
	}
}

// Weight of the queue, then priority, then who was first.
func TestOrder(t *testing.T) {
	s := newStage(t, acd.Queue{Name: "light", Strategy: acd.Linear}, acd.Queue{Name: "heavy", Strategy: acd.Linear, Weight: 1})
	s.join("1", "light")
	s.at(1)
	s.ok(s.Join(acd.Caller{ID: "2", Queue: "light", Priority: 1}))
	s.at(2)
	s.join("3", "heavy")
	if n, _, _ := s.Place("1"); n != 2 {
		t.Errorf("the first is at %d", n)
	}
	s.agent("a", nil, in("light"), in("heavy"))
	for _, want := range []string{"3", "2", "1"} {
		s.wantOffers(want + ">a")
		s.talk("a")
		s.ok(s.Finish(want, true))
	}
}

// Penalties: who has more is rung if nobody with less is free, and not if the limit forbids it.
func TestPenalty(t *testing.T) {
	s := newStage(t, acd.Queue{Name: "q", UsePenaltyLimit: true, MaxPenalty: 1, Steps: []acd.Step{
		{After: 60 * time.Second, LiftPenalty: true, MaxPenalty: -1},
	}})
	for i := range 3 {
		s.agent(fmt.Sprint("p", i), nil, acd.Member{Queue: "q", Penalty: i})
		s.join(strconv.Itoa(i), "q")
	}
	s.wantOffers("0>p0 1>p1")
	s.ok(s.Pick(1, "p0"))
	s.ok(s.Pick(2, "p1"))
	s.at(60)
	s.wantOffers("2>p2")
}

// Who misses calls is left out for longer and longer, and paused in the end; the caller keeps its place.
func TestNoAnswer(t *testing.T) {
	s := newStage(t, acd.Queue{Name: "q", Strategy: acd.Linear, NoAnswer: acd.NoAnswer{PauseAfter: 3, BackOff: 10 * time.Second}})
	s.agent("a", nil, in("q"))
	s.join("1", "q")
	s.join("2", "q")
	s.wantOffers("1>a")
	s.at(20) // it has rung in vain
	s.wantOffers("")
	s.at(30)
	s.wantOffers("1>a")
	s.ok(s.Fail(2, "a", acd.LineBusy))
	s.at(49)
	s.wantOffers("")
	s.at(50)
	s.wantOffers("1>a")
	s.ok(s.Fail(3, "a", acd.Unreachable))
	s.at(500)
	s.wantOffers("")
	if r, _ := s.Agent("a"); !r.Paused || r.Reason != acd.PausedNoAnswer {
		t.Errorf("%+v", r)
	}
	s.ok(s.Unpause("a"))
	s.wantOffers("1>a")
	if err := s.Fail(3, "a", acd.Refused); !errors.Is(err, acd.ErrStale) {
		t.Errorf("a stale one: %v", err)
	}
}

// An agent who refuses after the answer does not get the same caller at once; somebody else does.
func TestRefuse(t *testing.T) {
	s := newStage(t, acd.Queue{Name: "q", Strategy: acd.Linear})
	s.agent("a", nil, in("q"))
	s.agent("b", nil, in("q"))
	s.join("1", "q")
	s.wantOffers("1>a")
	s.ok(s.Pick(1, "a"))
	s.ok(s.Fail(1, "a", acd.Refused))
	s.join("2", "q")
	s.wantOffers("1>b 2>a")
}

// Of those who ring the first has it, and the others are free for the next.
func TestRingAll(t *testing.T) {
	s := newStage(t, acd.Queue{Name: "q"})
	s.agent("a", nil, in("q"))
	s.agent("b", nil, in("q"))
	s.join("1", "q")
	s.join("2", "q")
	s.wantOffers("1>a+b")
	s.ok(s.Pick(1, "b"))
	if err := s.Pick(1, "a"); !errors.Is(err, acd.ErrStale) {
		t.Errorf("the second to answer: %v", err)
	}
	s.wantOffers("2>a")
	if cause := s.find(acd.OfferEnded).Cause; cause != acd.Lost {
		t.Errorf("the offer to a ended with %v", cause)
	}
	s.ok(s.Abandon("2"))
	s.ok(s.Accept(1))
	s.wantOffers("")
	if cause := s.find(acd.OfferEnded).Cause; cause != acd.CallerGone {
		t.Errorf("the offer to a ended with %v", cause)
	}
}

func TestWrapUp(t *testing.T) {
	s := newStage(t, acd.Queue{Name: "q", WrapUp: 10 * time.Second})
	s.agent("a", nil, in("q"))
	s.join("1", "q")
	s.wantOffers("1>a")
	s.talk("a")
	s.at(10)
	s.ok(s.Finish("1", false))
	s.join("2", "q")
	s.ok(s.ExtendWrapUp("a", 15*time.Second))
	s.at(24)
	s.wantOffers("")
	s.at(25)
	s.wantOffers("2>a")
	s.talk("a")
	s.ok(s.Finish("2", false))
	s.join("3", "q")
	s.wantOffers("")
	s.ok(s.EndWrapUp("a"))
	s.wantOffers("3>a")
}

// The ways not to get in, and to get out.
func TestLeaving(t *testing.T) {
	queues := []acd.Queue{
		{
			Name: "q", MaxLength: 2, MaxWait: 60 * time.Second, Exits: map[string]string{"1": "voicemail"}, JoinNeeds: acd.LoggedIn,
			StayNeeds: acd.Unpaused, Overflow: acd.Overflow{After: 30 * time.Second, Queue: "other"},
		},
		{Name: "other", MaxWait: 60 * time.Second},
	}
	begin := func(t *testing.T) *stage {
		s := newStage(t, queues...)
		s.agent("a", nil, in("q"))
		s.ok(s.SetBusy("a", true))
		s.join("1", "q")
		s.offers()
		return s
	}
	t.Run("full", func(t *testing.T) {
		s := begin(t)
		s.join("2", "q")
		var refused *acd.RefusedError
		if err := s.Join(acd.Caller{ID: "3", Queue: "q"}); !errors.As(err, &refused) || refused.Outcome != acd.Full {
			t.Errorf("%v", err)
		}
	})
	t.Run("nobody logged in", func(t *testing.T) {
		s := begin(t)
		s.ok(s.Logout("a"))
		var refused *acd.RefusedError
		if err := s.Join(acd.Caller{ID: "3", Queue: "q"}); !errors.As(err, &refused) || refused.Outcome != acd.JoinEmpty {
			t.Errorf("%v", err)
		}
	})
	for name, test := range map[string]struct {
		then func(*stage)
		want acd.Outcome
		wait int
	}{
		"all paused":                  {func(s *stage) { s.ok(s.Pause("a", "lunch")) }, acd.LeaveEmpty, 0},
		"key":                         {func(s *stage) { s.Exit("1", "2"); s.Exit("1", "1") }, acd.ExitKey, 0},
		"hangup":                      {func(s *stage) { s.at(7); s.ok(s.Abandon("1")) }, acd.Abandoned, 7},
		"overflow, then time is over": {func(s *stage) { s.at(500) }, acd.TimedOut, 90},
		"sent":                        {func(s *stage) { s.ok(s.Send("1", "x")) }, acd.Sent, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := begin(t)
			test.then(s)
			s.offers()
			left := s.find(acd.Left)
			if left.Outcome != test.want || left.Wait != time.Duration(test.wait)*time.Second {
				t.Errorf("%v after %v", left.Outcome, left.Wait)
			}
		})
	}
}

// What was stored puts everybody back: the line in its order, the talk with its agent, the pause with its reason.
func TestRestore(t *testing.T) {
	q := acd.Queue{Name: "q", Strategy: acd.Linear, WrapUp: 5 * time.Second}
	s := newStage(t, q)
	for _, id := range []string{"a", "b", "c"} {
		s.agent(id, nil, in("q"))
	}
	s.ok(s.Pause("c", "lunch"))
	for _, id := range []string{"1", "2", "3", "4"} {
		s.join(id, "q")
	}
	s.wantOffers("1>a 2>b")
	s.ok(s.Pick(1, "a"))
	s.ok(s.Accept(1))
	s.at(3)

	after := newStage(t, q)
	after.at(10)
	for _, id := range []string{"a", "b", "c"} {
		after.ok(after.SetAgent(acd.Agent{ID: id, Members: []acd.Member{in("q")}}))
		r, _ := s.Agent(id)
		after.ok(after.RestoreAgent(r))
	}
	for _, id := range []string{"4", "2", "1", "3"} {
		r, _ := s.Caller(id)
		after.ok(after.RestoreCaller(r))
	}
	after.Restored()
	after.wantOffers("2>b")
	after.ok(after.Finish("1", false))
	if got := after.offers(); got != "" || after.find(acd.Finished).Talk != 10*time.Second {
		t.Errorf("offers %q in wrap-up, talk %v", got, after.find(acd.Finished).Talk)
	}
	after.at(15)
	after.wantOffers("3>a")
	if n, _, _ := after.Place("4"); n != 3 {
		t.Errorf("the last is at %d", n)
	}
	if r, _ := after.Agent("c"); !r.Paused || r.Reason != "lunch" {
		t.Errorf("%+v", r)
	}
}

// The explanation names everybody.
func TestExplain(t *testing.T) {
	s := newStage(t, acd.Queue{Name: "q", Strategy: acd.Linear})
	s.agent("a", nil, in("q"))
	s.agent("b", nil, acd.Member{Queue: "q", Penalty: 1})
	s.agent("c", nil, in("q"))
	s.ok(s.Pause("c", "lunch"))
	s.agent("d", nil, in("q"))
	s.join("1", "q")
	const want = "1 of q (linear, waited 0s): a chosen; b more penalty; c not free (paused); d not best"
	if got := acd.Decide(s.State).String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The wait that is expected comes of real service times.
func TestExpected(t *testing.T) {
	s := newStage(t, acd.Queue{Name: "q", Strategy: acd.Linear})
	s.agent("a", nil, in("q"))
	s.agent("b", nil, in("q"))
	if _, ok := s.Expect("q"); !ok {
		t.Error("somebody is free: nobody waits")
	}
	s.join("1", "q")
	s.wantOffers("1>a")
	s.talk("a")
	s.at(100)
	s.ok(s.Finish("1", false))
	for _, id := range []string{"2", "3", "4", "5"} {
		s.join(id, "q")
	}
	s.offers()
	n, e, ok := s.Place("5")
	if n != 4 || !ok || e.Mean != 200*time.Second || e.P50.Round(time.Second) != 184*time.Second || e.P90.Round(time.Second) != 333*time.Second {
		t.Errorf("place %d, %+v, %v", n, e, ok)
	}
}

// A call-back waits like everybody, and keeps its place.
func TestCallbackKeepsPlace(t *testing.T) {
	s := newStage(t, acd.Queue{Name: "q"})
	s.join("1", "q")
	s.join("2", "q")
	s.ok(s.AskCallback("1", "2610123456"))
	s.agent("a", nil, in("q"))
	s.wantOffers("1>a")
	if info := s.find(acd.OfferMade).CallerInfo; !info.Callback || info.Number != "2610123456" {
		t.Errorf("%+v", info)
	}
}

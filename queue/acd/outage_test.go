package acd_test

import (
	"testing"
	"time"

	"github.com/asterism-go/asterism/queue/acd"
)

// What has gone on during an outage has not changed: it is not told, and lasts from before. What has changed is told once.
func TestStateOverAnOutage(t *testing.T) {
	q := acd.Queue{Name: "q", Strategy: acd.Linear}
	s := newStage(t, q)
	for _, id := range []string{"a", "b", "c"} {
		s.agent(id, nil, in("q"))
	}
	s.ok(s.Pause("c", "lunch"))
	s.join("1", "q")
	s.join("2", "q")
	s.wantOffers("1>a 2>b")
	s.ok(s.Pick(1, "a"))
	s.ok(s.Accept(1))

	after := newStage(t, q)
	after.at(60)
	for _, id := range []string{"a", "b", "c"} {
		after.ok(after.SetAgent(acd.Agent{ID: id, Members: []acd.Member{in("q")}}))
		r, _ := s.Agent(id)
		after.ok(after.RestoreAgent(r))
	}
	for _, id := range []string{"1", "2"} {
		r, _ := s.Caller(id)
		after.ok(after.RestoreCaller(r))
	}
	after.Restored()
	told := after.Take()
	if len(told) != 1 || told[0].Agent != "b" || told[0].Was != acd.Ringing || told[0].State != acd.Idle || told[0].For != time.Minute {
		t.Errorf("%+v", told)
	}
	after.ok(after.Unpause("c"))
	after.told = after.Take()
	if c := after.find(acd.AgentChanged); c.Agent != "c" || c.Was != acd.Paused || c.For != time.Minute {
		t.Errorf("%+v", c)
	}
	if err := after.RestoreAgent(acd.AgentRecord{ID: "nobody"}); err == nil {
		t.Error("an agent who is not there is restored")
	}
}

// Round robin goes on where it was, and so does the expected wait.
func TestQueueOverAnOutage(t *testing.T) {
	q := acd.Queue{Name: "q", Strategy: acd.RoundRobin}
	s := newStage(t, q)
	for _, id := range []string{"a", "b", "c"} {
		s.agent(id, nil, in("q"))
	}
	s.join("1", "q")
	s.wantOffers("1>a")
	s.talk("a")
	s.at(30)
	s.ok(s.Finish("1", false))
	s.join("2", "q")
	s.wantOffers("2>b")

	after := newStage(t, q)
	for _, id := range []string{"a", "b", "c"} {
		after.agent(id, nil, in("q"))
	}
	r, _ := s.Queue("q")
	after.ok(after.RestoreQueue(r))
	after.join("3", "q")
	after.wantOffers("3>c")
	if got, _ := after.Queue("q"); got.Service != 30*time.Second || got.Count != 1 || got.Last != "c" {
		t.Errorf("%+v", got)
	}
	if err := after.RestoreQueue(acd.QueueRecord{Name: "other"}); err == nil {
		t.Error("a queue that is not there is restored")
	}
}

// What is learnt late counts with the time when it was.
func TestEnd(t *testing.T) {
	s := newStage(t, acd.Queue{Name: "q"})
	s.join("1", "q")
	s.join("2", "q")
	s.join("3", "q")
	s.agent("a", nil, in("q"))
	s.wantOffers("1>a")
	s.talk("a")
	s.at(60)
	start := s.Now().Add(-time.Minute)
	s.ok(s.End("2", acd.End{At: start.Add(20 * time.Second)}))
	s.told = s.Take()
	if left := s.find(acd.Left); left.Outcome != acd.Abandoned || left.Wait != 20*time.Second || !left.Time.Equal(start.Add(20*time.Second)) {
		t.Errorf("%+v", left)
	}
	s.ok(s.End("1", acd.End{At: start.Add(30 * time.Second), ByAgent: true, Restart: true}))
	s.told = s.Take()
	if over := s.find(acd.Finished); over.Outcome != acd.Restart || over.Talk != 30*time.Second || !over.ByAgent {
		t.Errorf("%+v", over)
	}
	s.ok(s.End("3", acd.End{At: s.Now().Add(time.Hour), Restart: true}))
	s.told = s.Take()
	if left := s.find(acd.Left); left.Outcome != acd.Restart || left.Wait != time.Minute {
		t.Errorf("%+v", left)
	}
	if err := s.End("4", acd.End{}); err == nil {
		t.Error("somebody ends who is not there")
	}
}

// While time only passes nothing is due: who has left meanwhile has not timed out. Afterwards everything is that still fits.
func TestPass(t *testing.T) {
	s := newStage(t, acd.Queue{Name: "q", MaxWait: 5 * time.Second})
	s.join("1", "q")
	s.join("2", "q")
	s.Take()
	s.Pass(morning.Add(time.Minute))
	s.Pass(morning)
	if told := s.Take(); len(told) != 0 || !s.Now().Equal(morning.Add(time.Minute)) {
		t.Errorf("%v: %+v", s.Now(), told)
	}
	s.ok(s.End("1", acd.End{At: morning.Add(time.Second)}))
	s.at(61)
	s.told = s.Take()
	if len(s.told) != 2 || s.told[0].Outcome != acd.Abandoned || s.told[0].Wait != time.Second {
		t.Errorf("%+v", s.told)
	}
	if left := s.find(acd.Left); left.Caller != "2" || left.Outcome != acd.TimedOut || left.Wait != time.Minute {
		t.Errorf("%+v", left)
	}
}

// While it is held nothing is decided, whatever is due; afterwards everything is.
func TestHold(t *testing.T) {
	s := newStage(t, acd.Queue{Name: "q", WrapUp: 5 * time.Second})
	s.agent("a", nil, in("q"))
	s.join("1", "q")
	s.wantOffers("1>a")
	s.talk("a")
	s.Hold(true)
	s.ok(s.Finish("1", false))
	s.join("2", "q")
	s.at(30)
	s.wantOffers("")
	s.Hold(false)
	s.wantOffers("2>a")
}

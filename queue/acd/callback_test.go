package acd_test

import (
	"testing"
	"time"

	"github.com/asterism-go/asterism/queue/acd"
)

// A caller who is called back keeps the place while it rests, and others are served meanwhile; with the customer first an agent is
// offered only who has answered.
func TestCallbackRests(t *testing.T) {
	s := newStage(t, acd.Queue{Name: "q", CustomerFirst: true, MaxWait: time.Minute, StayNeeds: acd.LoggedIn})
	s.agent("a", nil, in("q"))
	s.ok(s.Pause("a", "lunch"))
	s.join("1", "q")
	s.join("2", "q")
	s.ok(s.AskCallback("1", "2610123456"))
	s.ok(s.RestCallback("1", time.Time{}))
	if position, _, _ := s.Place("1"); position != 1 {
		t.Errorf("the position is %d", position)
	}
	s.ok(s.Unpause("a"))
	s.wantOffers("2>a")
	s.talk("a")
	s.ok(s.Finish("2", false))
	s.at(300) // no MaxWait
	s.ok(s.RestCallback("1", s.Now().Add(time.Second)))
	s.wantOffers("")
	s.at(301)
	s.Settle()
	s.told = s.Take()
	if due := s.find(acd.CallbackDue); due.Caller != "1" || due.Wait != 301*time.Second || due.CallerInfo.Number != "2610123456" {
		t.Errorf("%+v", due)
	}
	s.ok(s.MissCallback("1", "busy", s.Now().Add(time.Minute)))
	s.ok(s.Logout("a"))
	s.ok(s.Login("a"))
	s.wantOffers("")
	s.at(361)
	s.Settle()
	s.told = s.Take()
	s.find(acd.CallbackDue)
	s.ok(s.ReachCallback("1"))
	s.wantOffers("1>a")
	for _, err := range []error{
		s.RestCallback("1", s.Now()), s.ReachCallback("1"), s.DueCallback("1"), s.MissCallback("9", "", s.Now()), s.AskCallback("9", "1"),
	} {
		if err == nil {
			t.Error("it is taken for a call-back")
		}
	}
}

// A rest survives a restart.
func TestCallbackRestored(t *testing.T) {
	q := acd.Queue{Name: "q", CustomerFirst: true}
	s := newStage(t, q)
	s.join("1", "q")
	s.ok(s.AskCallback("1", "26"))
	s.ok(s.RestCallback("1", s.Now().Add(30*time.Second)))
	r, _ := s.Caller("1")
	after := newStage(t, q)
	after.ok(after.RestoreCaller(r))
	after.agent("a", nil, in("q"))
	after.wantOffers("")
	after.at(30)
	after.Settle()
	after.told = after.Take()
	if due := after.find(acd.CallbackDue); due.Caller != "1" {
		t.Errorf("%+v", due)
	}
}

// Who is called back does not flow over into a queue that may call nobody back: neither when it is due, nor after an attempt in
// vain. Who has been reached may.
func TestCallbackDoesNotOverflow(t *testing.T) {
	first := acd.Queue{Name: "q", Overflow: acd.Overflow{After: 30 * time.Second, Queue: "other"}}
	s := newStage(t, first, acd.Queue{Name: "other"})
	s.join("1", "q")
	s.ok(s.AskCallback("1", "2610123456"))
	s.stays("1", 31)
	s.agent("a", nil, in("q"))
	s.wantOffers("1>a")
	s.ok(s.Pick(1, "a"))
	s.ok(s.DueCallback("1"))
	s.ok(s.MissCallback("1", "busy", s.Now().Add(time.Minute)))
	s.stays("1", 40)
	s.at(100)
	s.wantOffers("1>a")
	s.ok(s.ReachCallback("1"))
	s.ok(s.Fail(2, "a", acd.Refused))
	s.told = s.Take()
	if moved := s.find(acd.Moved); moved.Queue != "other" {
		t.Errorf("%+v", moved)
	}
}

// stays goes to a time of the morning, at which a caller is still in the queue q.
func (s *stage) stays(id string, seconds int) {
	s.Helper()
	s.at(seconds)
	if r, ok := s.Caller(id); !ok || r.Caller.Queue != "q" {
		s.Fatalf("after %d s: %+v", seconds, r)
	}
}

// Who has asked to be called back has no MaxWait any more: not over a restart after being reached, not in the queue into which the
// caller flows over then, and not if the time was over while an agent was rung before.
func TestCallbackHasNoLimit(t *testing.T) {
	queues := []acd.Queue{
		{Name: "q", MaxWait: 5 * time.Minute, RingTimeout: time.Hour, Overflow: acd.Overflow{After: 10 * time.Minute, Queue: "other"}},
		{Name: "other", MaxWait: time.Minute},
	}
	s := newStage(t, queues...)
	s.agent("a", nil, in("q"))
	s.join("1", "q")
	s.wantOffers("1>a")
	s.at(301) // the time is over while it rings
	s.ok(s.AskCallback("1", "2610123456"))
	s.ok(s.RestCallback("1", time.Time{}))
	s.stays("1", 1200)
	s.ok(s.ReachCallback("1"))
	s.wantOffers("1>a")
	r, _ := s.Caller("1")

	after := newStage(t, queues[0])
	after.at(1201)
	after.ok(after.RestoreCaller(r))
	after.stays("1", 4000)

	s.ok(s.Fail(2, "a", acd.Refused))
	s.told = s.Take()
	s.find(acd.Moved)
	s.at(4000)
	if r, ok := s.Caller("1"); !ok || r.Caller.Queue != "other" {
		t.Errorf("%+v", s.Take())
	}
}

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

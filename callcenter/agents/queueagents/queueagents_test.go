package queueagents_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/callcenter/agents"
	"github.com/asterism-go/asterism/callcenter/agents/queueagents"
	"github.com/asterism-go/asterism/queue"
	"github.com/asterism-go/asterism/queue/acd"
)

// TestMain fails if a test leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is the state of a queue.Server without telephones.
type server struct {
	state *acd.State
	told  func(acd.Transition)
}

func (s *server) Do(_ context.Context, what func(*acd.State) error) error {
	err := what(s.state)
	s.settle()
	return err
}

func (s *server) settle() {
	s.state.Settle()
	for _, t := range s.state.Take() {
		s.told(t)
	}
}

// desk is a server with two queues and anna in both, a Model that is told of it, and what carries out commands.
type desk struct {
	*testing.T
	server *server
	own    *queueagents.Queues
	model  *agents.Model
	edits  chan agents.Edit
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	anna := queue.Agent{
		Agent:    acd.Agent{ID: "anna", Name: "Anna", Members: []acd.Member{{Queue: "support"}, {Queue: "sales", Penalty: 2}}},
		Endpoint: "PJSIP/101",
	}
	s := &server{state: acd.New(1)}
	s.state.Advance(time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC))
	for _, name := range []string{"support", "sales", "empty"} {
		if err := s.state.SetQueue(acd.Queue{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.state.SetAgent(anna.Agent); err != nil {
		t.Fatal(err)
	}
	d := &desk{T: t, server: s, model: agents.NewModel(agents.Config{}), edits: make(chan agents.Edit, 100)}
	d.own = &queueagents.Queues{Server: s, Agents: []queue.Agent{anna}, Edits: d.edits}
	s.told = d.own.Observe
	return d
}

// members is what the Model knows.
func (d *desk) members() map[string]agents.Member {
	for {
		select {
		case edit := <-d.edits:
			edit(d.model)
			continue
		default:
		}
		break
	}
	all := map[string]agents.Member{}
	for _, a := range d.model.Agents() {
		for _, m := range a.Queues {
			all[m.Queue] = m
		}
	}
	return all
}

func (d *desk) carry(c agents.Command, changed bool) {
	d.Helper()
	c.Interface = "PJSIP/101"
	done, err := d.own.Carry(d.Context(), c)
	if err != nil || len(done) != 2 || done[0].Changed != changed {
		d.Errorf("%v: %+v, %v", c.Verb, done, err)
	}
}

// What is done at the desk is so in the queues, and the other way round; the Model agrees with both.
func TestAgree(t *testing.T) {
	d := newDesk(t)
	record := func() acd.AgentRecord { r, _ := d.server.state.Agent("anna"); return r }

	d.carry(agents.Command{Verb: agents.LogIn, Queue: "support"}, true)
	d.carry(agents.Command{Verb: agents.LogIn, Queue: "support"}, false)
	if m := d.members(); len(m) != 2 || !m["sales"].Own || m["sales"].Penalty != 2 || m["support"].Paused || !record().LoggedIn {
		t.Errorf("%+v, %+v", m, record())
	}
	d.carry(agents.Command{Verb: agents.Pause, Reason: "lunch"}, true)
	if m := d.members(); !m["sales"].Paused || m["support"].PausedReason != "lunch" || record().Reason != "lunch" {
		t.Errorf("%+v, %+v", m, record())
	}
	if err := d.server.Do(t.Context(), func(s *acd.State) error { return s.Unpause("anna") }); err != nil {
		t.Fatal(err)
	}
	if m := d.members(); m["sales"].Paused || m["support"].PausedReason != "" {
		t.Errorf("the queue has ended the pause: %+v", m)
	}
	d.carry(agents.Command{Verb: agents.Unpause}, false)
	d.carry(agents.Command{Verb: agents.LogOut}, true)
	if m := d.members(); len(m) != 0 || record().LoggedIn {
		t.Errorf("%+v, %+v", m, record())
	}
	d.carry(agents.Command{Verb: agents.LogIn, Queue: "sales", Paused: true, Reason: "setup"}, true)
	if m := d.members(); !m["sales"].Paused || record().Reason != "setup" {
		t.Errorf("%+v, %+v", m, record())
	}
}

// A pause that begins in a call is told at once, though the agent goes on talking.
func TestPauseInACall(t *testing.T) {
	d := newDesk(t)
	d.carry(agents.Command{Verb: agents.LogIn, Queue: "support"}, true)
	if err := d.server.state.Join(acd.Caller{ID: "1", Queue: "support"}); err != nil {
		t.Fatal(err)
	}
	d.server.settle()
	for _, err := range []error{d.server.state.Pick(1, "anna"), d.server.state.Accept(1)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	d.server.settle()
	d.carry(agents.Command{Verb: agents.Pause, Reason: "after this"}, true)
	if m := d.members(); m["support"].PausedReason != "after this" {
		t.Errorf("%+v", m)
	}
	if err := d.server.Do(t.Context(), func(s *acd.State) error { return s.Finish("1", true) }); err != nil {
		t.Fatal(err)
	}
	if m := d.members(); m["support"].PausedReason != "after this" {
		t.Errorf("%+v", m)
	}
}

// What cannot be is refused, so that others may be asked.
func TestRefused(t *testing.T) {
	d := newDesk(t)
	for _, test := range []struct {
		c    agents.Command
		want error
	}{
		{agents.Command{Verb: agents.LogIn, Queue: "theirs", Interface: "PJSIP/101"}, agents.ErrNoSuchQueue},
		{agents.Command{Verb: agents.LogIn, Queue: "sales", Interface: "PJSIP/102"}, agents.ErrNotMember},
		{agents.Command{Verb: agents.Pause, Interface: "PJSIP/101"}, agents.ErrNotMember},
		{agents.Command{Verb: agents.Unpause, Queue: "sales", Interface: "PJSIP/101"}, agents.ErrNotMember},
	} {
		if _, err := d.own.Carry(t.Context(), test.c); !errors.Is(err, test.want) {
			t.Errorf("%+v: %v, want %v", test.c, err, test.want)
		}
	}
	var invalid *agents.InvalidError
	if _, err := d.own.Carry(t.Context(), agents.Command{Verb: agents.SetPenalty, Interface: "PJSIP/101"}); !errors.As(err, &invalid) {
		t.Errorf("%v", err)
	}
}

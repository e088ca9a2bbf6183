package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/asterism-go/asterism/queue/acd"
	"github.com/asterism-go/asterism/queue/stats"
)

// board tells what happens, a line for each thing, with who waits and what the agents do.
type board struct {
	out     io.Writer
	waiting map[string]bool
	agents  map[string]string
	book    *stats.Book
}

func newBoard(out io.Writer) *board {
	return &board{out: out, waiting: map[string]bool{}, agents: map[string]string{}, book: stats.New(0)}
}

func (b *board) tell(t acd.Transition) {
	b.book.Add(t)
	line := b.line(t)
	if line == "" {
		return
	}
	q := b.book.Queue("support")
	var doing []string
	for agent, state := range b.agents {
		doing = append(doing, agent+" "+state)
	}
	slices.Sort(doing)
	fmt.Fprintf(b.out, "%s  %2d waiting  level %3.0f %%  [%s]  %s\n",
		t.Time.Format(time.TimeOnly), len(b.waiting), 100*q.ServiceLevel(), strings.Join(doing, ", "), line)
}

// line is what has happened; empty if it is not worth a line.
func (b *board) line(t acd.Transition) string {
	who := t.CallerInfo.Number
	switch t.Kind {
	case acd.Joined:
		b.waiting[t.Caller] = true
		return fmt.Sprintf("%s waits, at position %d", who, t.Position)
	case acd.NotJoined:
		return fmt.Sprintf("%s is not let in: %v", who, t.Outcome)
	case acd.OfferMade:
		return t.Why.String()
	case acd.Began:
		delete(b.waiting, t.Caller)
		return fmt.Sprintf("%s talks with %s, after %v", who, t.Agent, t.Wait.Round(time.Second))
	case acd.Finished:
		return fmt.Sprintf("%s has talked with %s for %v", who, t.Agent, t.Talk.Round(time.Second))
	case acd.Left:
		delete(b.waiting, t.Caller)
		return fmt.Sprintf("%s has left after %v: %v", who, t.Wait.Round(time.Second), t.Outcome)
	case acd.AgentChanged:
		b.agents[t.Agent] = strings.TrimSpace(t.State.String() + " " + t.Reason)
		return fmt.Sprintf("%s is %v", t.Agent, t.State)
	case acd.AgentRefused:
		return fmt.Sprintf("%s is refused: %s", t.Agent, t.Reason)
	case acd.MessageLeft:
		return fmt.Sprintf("%s has left a message of %v: %s", who, t.For, t.Recording)
	default:
		return b.callback(t)
	}
}

// callback is what has become of a call-back.
func (b *board) callback(t acd.Transition) string {
	who := t.CallerInfo.Number
	switch t.Kind {
	case acd.CallbackAsked:
		return fmt.Sprintf("%s will be called back, and keeps position %d", who, t.Position)
	case acd.CallbackDue:
		return who + " is called back"
	case acd.CallbackReached:
		return who + " has answered"
	case acd.CallbackMissed:
		return fmt.Sprintf("%s was not reached: %s", who, t.Reason)
	default:
		return ""
	}
}

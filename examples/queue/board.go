package main

import (
	"fmt"
	"io"
	"time"

	"github.com/asterism-go/asterism/queue/acd"
	"github.com/asterism-go/asterism/queue/stats"
)

// board tells what happens, a line for each thing.
type board struct {
	out     io.Writer
	waiting int
	book    *stats.Book
}

func (b *board) tell(t acd.Transition) {
	if b.book == nil {
		b.book = stats.New(0)
	}
	b.book.Add(t)
	var line string
	switch t.Kind {
	case acd.Joined:
		b.waiting++
		line = fmt.Sprintf("%s waits, at position %d", t.CallerInfo.Number, t.Position)
	case acd.OfferMade:
		line = t.Why.String()
	case acd.Began:
		b.waiting--
		line = fmt.Sprintf("%s talks with %s, after %v", t.CallerInfo.Number, t.Agent, t.Wait.Round(time.Second))
	case acd.Finished:
		line = fmt.Sprintf("%s has talked with %s for %v", t.CallerInfo.Number, t.Agent, t.Talk.Round(time.Second))
	case acd.Left:
		b.waiting--
		line = fmt.Sprintf("%s has left after %v: %v", t.CallerInfo.Number, t.Wait.Round(time.Second), t.Outcome)
	case acd.AgentChanged:
		line = fmt.Sprintf("%s is %v", t.Agent, t.State)
	default:
		return
	}
	q := b.book.Queue("support")
	fmt.Fprintf(b.out, "%s  %2d waiting  service level %3.0f %%  %s\n",
		t.Time.Format(time.TimeOnly), b.waiting, 100*q.ServiceLevel(), line)
}

package stats_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/asterism-go/asterism/queue/acd"
	"github.com/asterism-go/asterism/queue/stats"
)

// shelf is where a Book is stored.
type shelf map[string]string

// store stores what has changed.
func (s shelf) store(t *testing.T, b *stats.Book) {
	t.Helper()
	for _, e := range b.Changed() {
		text, err := json.Marshal(e)
		must(t, err)
		if s[e.Key()] = string(text); e.OfQueue == nil && e.OfAgent == nil {
			delete(s, e.Key())
		}
	}
	b.Stored()
}

// restore makes a Book of what is stored.
func (s shelf) restore(t *testing.T, b *stats.Book) {
	t.Helper()
	for _, text := range s {
		var e stats.Entry
		must(t, json.Unmarshal([]byte(text), &e))
		b.Put(e)
	}
}

// A Book that is stored and restored after each transition is the same as one that was never.
func TestBookOverRestarts(t *testing.T) {
	newBook := func() *stats.Book {
		b := stats.New(15 * time.Minute)
		b.Keep = 2
		return b
	}
	kept, book, stored := newBook(), newBook(), shelf{}
	for _, tr := range day(t) {
		kept.Add(tr)
		book.Add(tr)
		stored.store(t, book)
		book = newBook()
		stored.restore(t, book)
	}
	end := morning.Add(time.Hour)
	kept.Advance(end)
	book.Advance(end)
	if diff := cmp.Diff(kept.Total(), book.Total(), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(kept.Periods(), book.Periods(), cmpopts.EquateEmpty()); diff != "" || len(kept.Periods()) != 2 {
		t.Errorf("%d periods: %s", len(kept.Periods()), diff)
	}
	stored.store(t, book)
	if n := len(stored); n > 6 { // a queue and an agent: ever, and in two periods
		t.Errorf("%d entries are stored: those of old periods are not forgotten", n)
	}
}

// What is learnt late counts in the interval in which it was, even if nothing else had happened in it.
func TestLate(t *testing.T) {
	b := stats.New(15 * time.Minute)
	for _, minute := range []int{40, 5, 20, 6} {
		b.Add(acd.Transition{Time: morning.Add(time.Duration(minute) * time.Minute), Kind: acd.Left, Queue: "q", Outcome: acd.Abandoned})
	}
	var got []string
	for _, p := range b.Periods() {
		q := p.Queues["q"]
		got = append(got, p.From.Format("15:04"), string(rune('0'+q.Abandoned())))
	}
	if diff := cmp.Diff([]string{"08:00", "2", "08:15", "1", "08:30", "1"}, got); diff != "" {
		t.Error(diff)
	}
}

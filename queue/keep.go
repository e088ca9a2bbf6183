package queue

import (
	"time"

	"github.com/asterism-go/asterism/queue/acd"
)

// The waits between attempts to store what could not be stored.
const (
	minStoreWait = 100 * time.Millisecond
	maxStoreWait = 5 * time.Second
)

// unsaved is what has happened and is not stored yet. It is told to nobody, and nothing new is begun for it.
type unsaved struct {
	told    []acd.Transition
	waiting []chan struct{} // closed when it is stored
	fails   int             // attempts in a row that have failed
	again   time.Time       // when the next attempt is due, if fails > 0
	seen    bool            // s.startup is to be stored
	legs    []string        // callers whose leg is another one
}

// collect takes what has happened.
func (s *Server) collect() {
	fresh := s.state.Take()
	for _, t := range fresh {
		s.prepare(t)
	}
	if s.Book != nil {
		for _, t := range fresh {
			s.Book.Add(t)
		}
	}
	s.unsaved.told = append(s.unsaved.told, fresh...)
}

// change is what is to be stored.
func (s *Server) change() Change {
	var change Change
	agents, callers, queues := map[string]bool{}, map[string]bool{}, map[string]bool{}
	once := func(seen map[string]bool, id string) bool {
		if id == "" || seen[id] {
			return false
		}
		seen[id] = true
		return true
	}
	for _, t := range s.unsaved.told {
		for _, id := range append(t.Agents[:len(t.Agents):len(t.Agents)], t.Agent) {
			if r, ok := s.state.Agent(id); ok && once(agents, id) {
				change.Agents = append(change.Agents, r)
			}
		}
		if t.Kind == acd.OfferMade || t.Kind == acd.Finished {
			if r, ok := s.state.Queue(t.Queue); ok && once(queues, t.Queue) {
				change.Queues = append(change.Queues, r)
			}
		}
		if t.Kind != acd.NotJoined && once(callers, t.Caller) {
			s.changeCaller(&change, t.Caller)
		}
	}
	for _, id := range s.unsaved.legs {
		if once(callers, id) {
			s.changeCaller(&change, id)
		}
	}
	if s.Book != nil {
		change.Stats = s.Book.Changed()
	}
	if s.unsaved.seen {
		change.Asterisk = s.startup
	}
	return change
}

func (s *Server) changeCaller(change *Change, id string) {
	r, ok := s.state.Caller(id)
	if !ok {
		change.Gone = append(change.Gone, id)
		return
	}
	record := CallerRecord{Caller: r}
	if c := s.callers[id]; c != nil {
		record.Leg = c.leg
		c.keep(&record)
	}
	change.Callers = append(change.Callers, record)
}

// keep stores what has happened, and reports whether it is stored. What cannot be stored is held: no decision is made, and the
// offers that it has are taken back, as nobody has been rung for them.
func (s *Server) keep() bool {
	u := &s.unsaved
	if u.fails > 0 && time.Now().Before(u.again) {
		s.lament()
		return false
	}
	if change := s.change(); !change.Empty() {
		if err := s.Store.Put(change); err != nil {
			s.log().Error("queue: not stored; nothing new is begun until it is", "attempt", u.fails+1, "error", err)
			u.again = time.Now().Add(min(minStoreWait<<min(u.fails, 10), maxStoreWait))
			u.fails++
			s.state.Hold(true)
			s.lament()
			return false
		}
	}
	if s.Book != nil {
		s.Book.Stored()
	}
	u.seen = false
	return true
}

// lament does what cannot wait until it is stored: who has hung up has, so what is left of the call is cleared away.
func (s *Server) lament() {
	for _, t := range s.unsaved.told {
		if t.Kind == acd.OfferMade {
			for _, agent := range t.Agents {
				_ = s.state.Fail(t.Reservation, agent, acd.Withdrawn) // it is over already if it was withdrawn before
			}
		}
	}
	s.collect()
	for _, t := range s.unsaved.told {
		gone := t.Kind == acd.Left && (t.Outcome == acd.Abandoned || t.Outcome == acd.Restart)
		if gone || t.Kind == acd.OfferEnded || t.Kind == acd.Finished {
			s.follow(t)
		}
	}
}

// tellAll tells what is stored, and has it done. It reports whether there was anything.
func (s *Server) tellAll() bool {
	u := s.unsaved
	s.unsaved = unsaved{}
	for _, t := range u.told {
		if s.Observe != nil {
			s.Observe(t)
		}
	}
	for _, w := range u.waiting { // before what follows ends the contexts of those who wait
		close(w)
	}
	for _, t := range u.told {
		if t.Kind != acd.OfferMade || u.fails == 0 { // otherwise it was taken back
			s.follow(t)
		}
	}
	s.state.Hold(!s.ready)
	return len(u.told) > 0
}

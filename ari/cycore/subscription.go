package cycore

import (
	"sync"

	v5 "github.com/CyCoreSystems/ari/v5"
)

// subscriptionBuffer is how many events wait in the channel of a subscription; what is more waits behind it.
const subscriptionBuffer = 16

// subscription is one who wants events. A goroutine moves them into the channel only while that is full.
type subscription struct {
	bus    *bus
	key    *v5.Key
	types  []string
	turn   uint64 // guarded by bus.mu
	events chan v5.Event
	done   chan struct{}

	mu     sync.Mutex
	behind []v5.Event
	moving bool // a goroutine moves what is behind
	ended  bool
	gap    *Gap // events are being dropped
}

func (s *subscription) id() string {
	if s.key == nil {
		return ""
	}
	return s.key.ID
}

// put appends an event, or counts it as lost: when as many wait as the application may have waiting (App.QueueSize), until
// half of them are taken.
func (s *subscription) put(e v5.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	if !s.fits() {
		s.gap.Lost++
		s.bus.lost.Add(1)
		return
	}
	if !s.moving {
		select {
		case s.events <- e:
			return
		default:
		}
		s.moving = true
		go s.move()
	}
	s.behind = append(s.behind, e)
}

// fits reports whether there is room, and opens or closes the gap.
func (s *subscription) fits() bool {
	if s.gap != nil {
		if len(s.behind) > s.bus.bound/2 {
			return false
		}
		if logger := s.bus.app.Client.Logger; logger != nil {
			logger.Error("cycore: a subscription was too slow", "types", s.types, "lost", s.gap.Lost)
		}
		if wantsGaps(s.types) {
			s.behind = append(s.behind, s.gap)
			if !s.moving {
				s.moving = true
				go s.move()
			}
		}
		s.gap = nil
	}
	if len(s.behind) >= s.bus.bound {
		s.gap = newGap(s.bus.app.Name, 0, errSlow)
		return false
	}
	return true
}

// move moves what is behind into the channel, until nothing is or the subscription ends.
func (s *subscription) move() {
	for {
		s.mu.Lock()
		if s.ended {
			close(s.events)
			s.mu.Unlock()
			return
		}
		if len(s.behind) == 0 {
			s.moving, s.behind = false, nil
			s.mu.Unlock()
			return
		}
		e := s.behind[0]
		s.behind[0] = nil
		s.behind = s.behind[1:]
		s.mu.Unlock()
		select {
		case s.events <- e:
		case <-s.done:
		}
	}
}

// Events implements [v5.Subscription]. The channel is closed when the subscription ends.
func (s *subscription) Events() <-chan v5.Event { return s.events }

// Cancel implements [v5.Subscription]. It may be called more than once.
func (s *subscription) Cancel() {
	if s == nil {
		return
	}
	s.bus.remove(s)
	s.end()
}

func (s *subscription) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.ended = true
	close(s.done)
	if !s.moving {
		close(s.events)
	}
}

package sipphone

import (
	"slices"
	"sync"
	"time"
)

// Heard is a tone that a call heard, from when to when.
type Heard struct {
	Tone float64 // Hz
	From time.Time
	To   time.Time // zero while it is still heard
}

const (
	// hearsAfter is how many frames in a row must hold a tone until it counts as heard.
	hearsAfter = 3
	// deafAfter is how long a tone must be away until it counts as ended: audio may be late on a machine that is busy.
	deafAfter = 300 * time.Millisecond
)

// ears note which tones come in and when.
type ears struct {
	frequencies []float64

	mu    sync.Mutex
	tones map[float64]*hearing
	past  []Heard
}

// hearing is a tone that is heard, or begins to be.
type hearing struct {
	frames      int
	first, last time.Time
}

func newEars(frequencies []float64) *ears {
	return &ears{frequencies: frequencies, tones: map[float64]*hearing{}}
}

// take hears one frame of mu-law that came now.
func (e *ears) take(frame []byte, now time.Time) {
	heard := tonesIn(frame, e.frequencies)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.settle(now)
	for tone, h := range e.tones {
		if h.frames < hearsAfter && !slices.Contains(heard, tone) {
			delete(e.tones, tone) // not in a row
		}
	}
	for _, tone := range heard {
		h := e.tones[tone]
		if h == nil {
			h = &hearing{first: now}
			e.tones[tone] = h
		}
		h.frames++
		h.last = now
	}
}

// close ends all tones: nothing will come any more.
func (e *ears) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, h := range e.tones {
		e.settle(h.last.Add(deafAfter))
	}
}

// settle ends the tones that have been away for long enough. The lock must be held.
func (e *ears) settle(now time.Time) {
	for tone, h := range e.tones {
		if now.Sub(h.last) < deafAfter {
			continue
		}
		if h.frames >= hearsAfter {
			e.past = append(e.past, Heard{Tone: tone, From: h.first, To: h.last})
		}
		delete(e.tones, tone)
	}
}

// heard returns what was heard up to now, in the order in which it began.
func (e *ears) heard(now time.Time) []Heard {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.settle(now)
	all := slices.Clone(e.past)
	for tone, h := range e.tones {
		if h.frames >= hearsAfter {
			all = append(all, Heard{Tone: tone, From: h.first})
		}
	}
	slices.SortFunc(all, func(a, b Heard) int { return a.From.Compare(b.From) })
	return all
}

// hears reports whether a tone is heard now.
func (e *ears) hears(tone float64, now time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.settle(now)
	h := e.tones[tone]
	return h != nil && h.frames >= hearsAfter
}

package routing

import (
	"sync"
	"time"

	"github.com/asterism-go/asterism/callcenter/directory/numbers"
)

// DefaultRecent is how many callers a [Recent] remembers if nothing else is said.
const DefaultRecent = 1 << 16

// Recent is a [Memory] in memory, of bounded size. The zero value is ready; it may be used by several goroutines at once.
// Whoever connects calls tells it who served whom.
type Recent struct {
	// Size is how many callers it remembers at most. Default: DefaultRecent. It must not change after the first call.
	Size int

	mu         sync.RWMutex
	young, old map[string]served
}

type served struct {
	desk string
	at   time.Time
}

// Served notes that a desk has served a caller. One who withholds his number is nobody's.
func (m *Recent) Served(caller numbers.Number, desk string, at time.Time) {
	key := caller.Key()
	if key == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	size := m.Size
	if size <= 0 {
		size = DefaultRecent
	}
	if m.young == nil || len(m.young) >= max(size/2, 1) {
		m.young, m.old = map[string]served{}, m.young
	}
	m.young[key] = served{desk, at}
}

// Last implements [Memory].
func (m *Recent) Last(caller numbers.Number) (desk string, at time.Time, known bool) {
	key := caller.Key()
	m.mu.RLock()
	defer m.mu.RUnlock()
	s, known := m.young[key]
	if !known {
		s, known = m.old[key]
	}
	return s.desk, s.at, known && key != ""
}

// Package recent holds a map of bounded size that keeps what was used lately.
package recent

import "sync"

// Map keeps at least the size/2 entries that were used last and at most size. It has two generations: what is put or found
// goes to the young one, and when that is full the old one is dropped. So a hit in the young generation changes nothing and
// readers do not wait for each other. It may be used by several goroutines at once.
type Map[K comparable, V any] struct {
	half       int
	mu         sync.RWMutex
	young, old map[K]V
}

// New returns a map of at most size entries, of at least two.
func New[K comparable, V any](size int) *Map[K, V] {
	return &Map[K, V]{half: max(size/2, 1), young: map[K]V{}}
}

// Get returns the entry of the key.
func (m *Map[K, V]) Get(key K) (V, bool) {
	m.mu.RLock()
	v, ok := m.young[key]
	if ok || len(m.old) == 0 {
		m.mu.RUnlock()
		return v, ok
	}
	_, ok = m.old[key]
	m.mu.RUnlock()
	if !ok {
		return v, false
	}
	return m.promote(key)
}

// promote moves an entry of the old generation to the young one, if it is still there.
func (m *Map[K, V]) promote(key K) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.young[key]; ok {
		return v, true
	}
	v, ok := m.old[key]
	if ok {
		delete(m.old, key)
		m.put(key, v)
	}
	return v, ok
}

// Put adds or replaces an entry.
func (m *Map[K, V]) Put(key K, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.old, key)
	m.put(key, v)
}

func (m *Map[K, V]) put(key K, v V) {
	if _, replaces := m.young[key]; !replaces && len(m.young) >= m.half {
		m.young, m.old = make(map[K]V, m.half), m.young
	}
	m.young[key] = v
}

// Clear removes all entries.
func (m *Map[K, V]) Clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.young, m.old = map[K]V{}, nil
}

// Len is the number of entries.
func (m *Map[K, V]) Len() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.young) + len(m.old)
}

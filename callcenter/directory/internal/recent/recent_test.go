package recent_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/asterism-go/asterism/callcenter/directory/internal/recent"
)

// TestAgainstAModel plays random use against a list of keys in the order of their last use.
func TestAgainstAModel(t *testing.T) {
	const size = 8
	random := rand.New(rand.NewPCG(1, 2))
	m := recent.New[int, int](size)
	values := map[int]int{}
	var used []int // the last at the end
	use := func(key int) {
		used = append(slices.DeleteFunc(used, func(k int) bool { return k == key }), key)
	}
	for step := range 20_000 {
		key := random.IntN(20)
		switch random.IntN(2) {
		case 0:
			m.Put(key, step)
			values[key] = step
			use(key)
		default:
			got, ok := m.Get(key)
			want, known := values[key]
			if ok && (!known || got != want) {
				t.Fatalf("step %d: Get(%d) is %d, want %d, %v", step, key, got, want, known)
			}
			lately := slices.Contains(used[max(len(used)-size/2, 0):], key)
			if known && lately && !ok {
				t.Fatalf("step %d: %d is gone, though only %v were used", step, key, used)
			}
			if ok {
				use(key)
			}
		}
		if n := m.Len(); n > size {
			t.Fatalf("step %d: %d entries", step, n)
		}
	}
	m.Clear()
	if m.Len() != 0 {
		t.Error("it is not empty when cleared")
	}
}

func TestTogether(t *testing.T) {
	m := recent.New[int, int](16)
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := range 2000 {
				key := (i*7 + worker) % 40
				if v, ok := m.Get(key); ok && v != key {
					t.Errorf("Get(%d) is %d", key, v)
				}
				m.Put(key, key)
			}
		})
	}
	group.Wait()
}

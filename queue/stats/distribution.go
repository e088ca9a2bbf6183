package stats

import (
	"sort"
	"time"
)

// Bounds are the upper ends of the buckets of a [Distribution]; what is longer is in one more.
var Bounds = [...]time.Duration{
	1 * time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 20 * time.Second, 30 * time.Second,
	45 * time.Second, time.Minute, 90 * time.Second, 2 * time.Minute, 3 * time.Minute, 5 * time.Minute, 10 * time.Minute,
	15 * time.Minute, 20 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour,
}

// Distribution is of durations. The zero value is empty.
type Distribution struct {
	Count   int                  `json:"count"`
	Sum     time.Duration        `json:"sum"`
	Max     time.Duration        `json:"max"`
	Buckets [len(Bounds) + 1]int `json:"buckets"`
}

// Add counts one.
func (d *Distribution) Add(v time.Duration) {
	d.Count++
	d.Sum += v
	d.Max = max(d.Max, v)
	d.Buckets[sort.Search(len(Bounds), func(i int) bool { return v <= Bounds[i] })]++
}

// Mean is exact; zero if there is none.
func (d *Distribution) Mean() time.Duration {
	if d.Count == 0 {
		return 0
	}
	return d.Sum / time.Duration(d.Count)
}

// Quantile is what a share q (0 to 1) of all do not exceed, by the bounds of the bucket, between which it is linear.
func (d *Distribution) Quantile(q float64) time.Duration {
	want, below := q*float64(d.Count), 0.0
	for i, n := range d.Buckets {
		if n == 0 || below+float64(n) < want {
			below += float64(n)
			continue
		}
		var low time.Duration
		if i > 0 {
			low = Bounds[i-1]
		}
		high := d.Max
		if i < len(Bounds) {
			high = min(high, Bounds[i])
		}
		return low + time.Duration((want-below)/float64(n)*float64(high-low))
	}
	return d.Max
}

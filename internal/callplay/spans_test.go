package callplay_test

import (
	"slices"
	"time"
)

// union joins spans that touch.
func union(spans []span) []span {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	var all []span
	for _, s := range spans {
		if n := len(all); n > 0 && !s.from.After(all[n-1].to) {
			if s.to.After(all[n-1].to) {
				all[n-1].to = s.to
			}
			continue
		}
		all = append(all, s)
	}
	return all
}

// intersect is when both are.
func intersect(a, b []span) []span {
	var both []span
	for _, x := range a {
		for _, y := range b {
			from, to := later(x.from, y.from), earlier(x.to, y.to)
			if to.After(from) {
				both = append(both, span{from, to})
			}
		}
	}
	return union(both)
}

// without is when one is and the other is not.
func without(a, b []span) []span {
	rest := union(a)
	for _, y := range b {
		var next []span
		for _, x := range rest {
			if left := (span{x.from, earlier(x.to, y.from)}); left.to.After(left.from) {
				next = append(next, left)
			}
			if right := (span{later(x.from, y.to), x.to}); right.to.After(right.from) {
				next = append(next, right)
			}
		}
		rest = next
	}
	return rest
}

// differences are when one of two is and the other is not, for longer than is tolerated.
func differences(a, b []span) []span {
	apart := slices.Concat(without(a, b), without(b, a))
	return slices.DeleteFunc(apart, func(s span) bool { return s.to.Sub(s.from) <= tolerance })
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

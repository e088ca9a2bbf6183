package numbers_test

import (
	"strconv"
	"testing"
)

// BenchmarkKnown reads a number that was read before: the bound is a microsecond.
func BenchmarkKnown(b *testing.B) {
	p := plan(b)
	for _, test := range []struct{ name, trunk, text string }{
		{"E164", "", "+302101234567"}, {"national", "", "2101234567"}, {"trunk", "tehran", "۰۹۱۲۱۲۳۴۵۶۷"}, {"withheld", "", "anonymous"},
	} {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Parse(test.trunk, test.text)
			}
		})
	}
}

func BenchmarkKnownParallel(b *testing.B) {
	p := plan(b)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			p.Parse("", "+302101234567")
		}
	})
}

// BenchmarkNew reads numbers that were not read before.
func BenchmarkNew(b *testing.B) {
	p := plan(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p.Parse("", "+30210"+strconv.Itoa(2_000_000+i%7_000_000))
	}
}

package ami

import (
	"math/rand/v2"
	"testing"
)

// TestFind compares both ways to look at a block, in blocks that are made of what matters and of its neighbours.
func TestFind(t *testing.T) {
	const alphabet = "\n\n\r\r::\v\f\t;9*\x00\x8a\x8d\xba\xffab"
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test that is the same each time
	var block [blockSize]byte
	for range 100_000 {
		for i := range block {
			block[i] = alphabet[random.IntN(len(alphabet))]
		}
		lfs, crs, colons := find(&block)
		plainLFs, plainCRs, plainColons := findPlainly(&block)
		matter := lfs>>1 | 1<<(blockSize-1)
		if lfs != plainLFs || crs&matter != plainCRs || colons != plainColons {
			t.Fatalf("%q: %b %b %b, plainly %b %b %b", block, lfs, crs, colons, plainLFs, plainCRs, plainColons)
		}
		for i, c := range block {
			if lfs>>i&1 == 1 != (c == '\n') || crs>>i&1 == 1 != (c == '\r') && matter>>i&1 == 1 || colons>>i&1 == 1 != (c == ':') {
				t.Fatalf("%q at %d: %b %b %b", block, i, lfs, crs, colons)
			}
		}
	}
}

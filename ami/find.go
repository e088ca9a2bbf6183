package ami

import (
	"encoding/binary"
	"math/bits"
)

// blockSize is how many bytes the scanner takes at once: as many as a word has bits.
const blockSize = 64

// findPlainly returns where the LFs and the colons of a block are, a bit for each byte, the lowest for the first. Of the CRs
// it finds those before an LF and at the end, which matter.
func findPlainly(block *[blockSize]byte) (lfs, crs, colons uint64) {
	for i := 0; i < blockSize; i += 8 {
		word := binary.LittleEndian.Uint64(block[i:])
		lfs |= zeros(word^ones*'\n') << i
		colons |= zeros(word^ones*':') << i
	}
	for rest := lfs; rest != 0; rest &= rest - 1 {
		at := bits.TrailingZeros64(rest)
		if at > 0 && block[at-1] == '\r' {
			crs |= 1 << (at - 1)
		}
	}
	if block[blockSize-1] == '\r' {
		crs |= 1 << (blockSize - 1)
	}
	return lfs, crs, colons
}

const ones = 0x0101010101010101

// zeros returns a bit for each byte of the word that is zero (H. S. Warren, Hacker's Delight, 6-1).
func zeros(word uint64) uint64 {
	const low = ones * 0x7f
	return ^(word&low + low | word | low) >> 7 * 0x0102040810204080 >> 56
}

//go:build !amd64

package ami

func find(block *[blockSize]byte) (lfs, crs, colons uint64) { return findPlainly(block) }

package ami

// find returns where the LFs, the CRs and the colons of a block are, a bit for each byte: findPlainly with the registers of
// sixteen bytes that every amd64 has.
//
//go:noescape
func find(block *[blockSize]byte) (lfs, crs, colons uint64)

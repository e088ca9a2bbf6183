//go:build race

package ivr_test

// raced says that the race detector is on.
const raced = true

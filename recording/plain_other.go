//go:build !unix

package recording

// noFollow is not there; openPlain compares after the opening.
const noFollow = 0

// Package recording finds the recording of a call, wherever it lies, and gets it.
//
// A [Store] is a place where recordings lie. This package has what all stores share; the stores themselves live in
// packages of their own, so that a program links the libraries of those only that it uses.
package recording

// Package agents tells who is logged in to which queue, who is ready, rings, talks, is paused and why, and who cannot be
// reached.
package agents

// Package callplay holds package calls against a real Asterisk: phones of package sipphone play situations of an office,
// written down and at random, and what they hear of each other is the truth that the calls told have to agree with.
//
// There is nothing to import: the package is tests. CALLPLAY_CALLS is how many random calls are played (default 60),
// CALLPLAY_SEED the seed of the first batch, CALLPLAY_ONLY a part of the name of the situations to play, CALLPLAY_EVENTS a
// folder for the events of what differs.
package callplay

// Package legacy turns the events of an older Asterisk into those of Asterisk 13 and later, so that package calls, whose
// rules are for those, tells the calls of an older one too:
//
//	var old legacy.Translator
//	for event, err := range client.Events(ctx) {
//		...
//		for _, event := range old.Translate(event) {
//			changes := tracker.Feed(event, time.Now())
//			...
//		}
//	}
//
// Two vocabularies are known: that of Asterisk 1.8 to 11 (Dial with SubEvent, Bridge, Masquerade and Rename, Join and Leave,
// Transfer) and that of 1.4 (Dial without an end, Link and Unlink). Events that are the same in both pass.
//
// # What cannot be known
//
//   - Why each of several telephones that rang together stopped: DialEnd tells one status for all of them. The one that is
//     up has answered, the causes of the hangups tell the rest.
//   - Under 1.4 an attended transfer, a pickup and spying are not told at all; calls that have met are merged.
//   - A transfer by feature code is told by Masquerade only: the legs and conversations are right, the transfer is missing.
//   - Agents of a queue need eventwhencalled=yes in queues.conf, holds callevents=yes in sip.conf.
//   - There are no snapshots that name bridges: after a lost connection only calls that are gone can be found.
//   - The streams that this was tested with are written by hand, from the sources and their documentation; no such Asterisk
//     was at hand.
package legacy

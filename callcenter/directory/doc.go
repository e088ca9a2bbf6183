// Package directory tells who a telephone number or a username belongs to.
//
// A [Source] is a place that knows people: package ldapdir, sqldir, csvdir or httpdir, a [Table] in memory, or your own. A
// [Chain] asks sources in order, each with a deadline and all within a budget, and judges what they return: only an equal
// number is a hit. A [Cache] before it remembers answers.
//
//	chain := &directory.Chain{
//		Plan:   plan,
//		Budget: 400 * time.Millisecond,
//		Links: []directory.Link{
//			{Source: ldap, Deadline: 300 * time.Millisecond},
//			{Source: csv},
//		},
//	}
//	people := &directory.Cache{Directory: chain, TTL: time.Hour}
//	answer, err := people.ByNumber(ctx, plan.Parse("provider", callerID))
//
// The error is nil if the answer's Person is the one. [ErrNotFound] says that every source has answered and none knows;
// [ErrAmbiguous] that it could be one of the answer's Candidates; [ErrUnavailable] that those who might know did not answer.
// With or without an error the [Answer] tells which source was asked, how long it took and what it said, and whether the
// answer came from the cache, fresh or stale, so that whoever decides by it can explain himself.
//
// A source that hangs delays nobody beyond its deadline: the chain does not wait for it, and after some failures in a row
// does not ask it for a while.
package directory

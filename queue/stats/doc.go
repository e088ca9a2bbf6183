// Package stats keeps the books of queues and agents: how many calls, how long the waits and talks, the service level, what
// agents did with their time. All of it is made of the transitions of package acd, the same that the calls themselves follow:
//
//	book := stats.New(15 * time.Minute)
//	for _, t := range state.Take() {
//		book.Add(t)
//	}
//	support := book.Queue("support")
//	fmt.Println(support.ServiceLevel(), support.AbandonRate(), support.Wait.Mean())
//
// Counts, sums and maxima are exact; quantiles are those of buckets. What ends counts in the interval in which it ends; the time
// of agents is split at the borders of intervals.
//
// [NewCollector] makes metrics for Prometheus of the same transitions.
package stats

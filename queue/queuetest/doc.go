// Package queuetest simulates a call centre in virtual time, with the same package acd that routes the real calls: callers arrive,
// lose patience, are rung through and talk, and a day of 50,000 calls takes a second or so.
//
//	m := queuetest.Model{
//		Start: start, Length: 10 * time.Hour, Seed: 1,
//		Queues: []acd.Queue{{Name: "support", Strategy: acd.LongestIdle, WrapUp: 20 * time.Second}},
//		Agents: queuetest.Team(12, "support"),
//		Flows: []queuetest.Flow{{
//			Queue: "support", PerHour: queuetest.Steady(200),
//			Service: queuetest.Exponential(3 * time.Minute), Patience: queuetest.Exponential(2 * time.Minute),
//		}},
//	}
//	result, err := m.Run()
//	support := result.Book.Queue("support")
//	fmt.Println(support.ServiceLevel(), support.Wait.Mean())
//
// The same model gives the same result, to the last call. Where the formulas of Erlang apply ([ErlangC], [ErlangA]), the
// simulation agrees with them; that is a test.
package queuetest

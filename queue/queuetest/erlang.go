package queuetest

import "time"

// ErlangC tells what a queue does in which everybody waits for as long as it takes: callers arrive by chance (perHour), talk for
// exponential times with the mean service, and the agents are all alike. waits is the share of callers who wait at all, mean the
// wait of all. With too few agents for the load the line grows for ever: ok is false.
func ErlangC(perHour float64, service time.Duration, agents int) (waits float64, mean time.Duration, ok bool) {
	load := perHour * service.Hours()
	if load >= float64(agents) {
		return 1, 0, false
	}
	blocked := 1.0 // Erlang B, by its recursion over the number of agents
	for n := 1; n <= agents; n++ {
		blocked = load * blocked / (float64(n) + load*blocked)
	}
	free := float64(agents) - load
	waits = float64(agents) * blocked / (free + load*blocked)
	return waits, time.Duration(waits * float64(service) / free), true
}

// ErlangA is ErlangC with callers who hang up after exponential times with the mean patience (Palm). abandons is the share of
// those who do, mean the wait of all, those included who hang up.
func ErlangA(perHour float64, service, patience time.Duration, agents int) (abandons float64, mean time.Duration) {
	arrive, leave, tire := perHour, 1/service.Hours(), 1/patience.Hours()
	var sum, waiting float64
	p := 1.0 // how likely k callers are, up to a factor
	for k := 0; ; k++ {
		sum += p
		waiting += p * float64(max(0, k-agents))
		if k > agents && p < sum*1e-15 {
			break
		}
		p *= arrive / (float64(min(k+1, agents))*leave + float64(max(0, k+1-agents))*tire)
		if sum > 1e200 {
			sum, waiting, p = sum*1e-200, waiting*1e-200, p*1e-200
		}
	}
	length := waiting / sum // of the line, on average
	return length * tire / arrive, time.Duration(length / arrive * float64(time.Hour))
}

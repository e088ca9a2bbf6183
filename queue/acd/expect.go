package acd

import (
	"math"
	"time"
)

// expected estimates the wait of who is at a position of the line. With n agents who work and a mean time m from call to call,
// somebody becomes free each m/n, at random: the wait until the k-th time is gamma distributed.
func (q *queue) expected(position int) (Expected, bool) {
	n := 0
	for _, m := range q.members {
		if m.agent.present(Unpaused) {
			n++
		}
	}
	if n == 0 || q.service.count == 0 {
		return Expected{}, false
	}
	each := q.service.mean / time.Duration(n)
	return Expected{
		Mean: time.Duration(position) * each,
		P50:  gamma(position, each, 0),
		P90:  gamma(position, each, normal90),
	}, true
}

// normal90 is how many standard deviations the 90th percentile of the normal distribution is off its mean.
const normal90 = 1.2815515655446004

// gamma is the quantile of the sum of k exponential times, by Wilson and Hilferty (PNAS 17, 1931): z is that of the normal
// distribution. It is off by less than 2 % for the quantiles above.
func gamma(k int, each time.Duration, z float64) time.Duration {
	v := 1 / (9 * float64(k))
	x := 1 - v + z*math.Sqrt(v)
	return time.Duration(float64(k) * float64(each) * x * x * x)
}

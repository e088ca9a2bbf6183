package queuetest_test

import (
	"fmt"
	"math"
	"os"
	"reflect"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/queue/acd"
	"github.com/asterism-go/asterism/queue/queuetest"
)

// TestMain fails if a test leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var morning = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

// model is one queue whose callers talk for three minutes.
func model(perHour float64, agents, calls int) queuetest.Model {
	return queuetest.Model{
		Start: morning, Length: time.Duration(float64(calls) / perHour * float64(time.Hour)), Seed: 1,
		Queues:   []acd.Queue{{Name: "q", Strategy: acd.LongestIdle}},
		Agents:   queuetest.Team(agents, "q"),
		Flows:    []queuetest.Flow{{Queue: "q", PerHour: queuetest.Steady(perHour), Service: queuetest.Exponential(3 * time.Minute)}},
		Interval: 24 * time.Hour,
	}
}

// calls is how many are simulated for each load, and how far off the formula the result may be. Chance alone makes it some % with
// so few calls; with ASTERISM_QUEUE_CALLS=4000000 it must be less than that.
func calls(t *testing.T) (n int, tolerance float64) {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv("ASTERISM_QUEUE_CALLS")); err == nil {
		return n, 0.02
	}
	return 30_000, 0.05
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	_, tolerance := calls(t)
	off := math.Abs(got/want - 1)
	t.Logf("%s: %.4f, by the formula %.4f: off by %.2f %%", what, got, want, 100*off)
	if off > tolerance {
		t.Errorf("%s: %v is %.1f %% off %v", what, got, 100*off, want)
	}
}

// cameAndTalked are the load that there was by chance, which differs a little from that of the model: the wait is many times as
// sensitive to it.
func cameAndTalked(r *queuetest.Result) (perHour float64, talk time.Duration) {
	q := r.Book.Queue("q")
	return float64(r.Calls) / r.End.Sub(morning).Hours(), q.Talk.Mean()
}

// The simulated waits are those of Erlang C. The seed is fixed: the result is always the same.
func TestErlangC(t *testing.T) {
	for _, load := range []struct {
		agents int
		use    float64
	}{{2, 0.5}, {3, 0.6}, {5, 0.7}, {10, 0.75}, {20, 0.8}} {
		t.Run(fmt.Sprintf("%d agents at %v", load.agents, load.use), func(t *testing.T) {
			perHour := load.use * float64(load.agents) * 20
			n, _ := calls(t)
			result, err := model(perHour, load.agents, n).Run()
			if err != nil {
				t.Fatal(err)
			}
			q := result.Book.Queue("q")
			came, talk := cameAndTalked(result)
			_, mean, ok := queuetest.ErlangC(came, talk, load.agents)
			if !ok {
				t.Fatal("too much load")
			}
			near(t, "mean wait", q.Wait.Mean().Seconds(), mean.Seconds())
		})
	}
}

// With callers who lose patience they are those of Erlang A, also where the load is more than the agents can do.
func TestErlangA(t *testing.T) {
	for _, load := range []struct {
		agents int
		use    float64
	}{{5, 0.8}, {10, 0.9}, {10, 1.2}} {
		t.Run(fmt.Sprintf("%d agents at %v", load.agents, load.use), func(t *testing.T) {
			perHour := load.use * float64(load.agents) * 20
			n, _ := calls(t)
			m := model(perHour, load.agents, n)
			m.Flows[0].Patience = queuetest.Exponential(2 * time.Minute)
			result, err := m.Run()
			if err != nil {
				t.Fatal(err)
			}
			q := result.Book.Queue("q")
			came, talk := cameAndTalked(result)
			abandons, mean := queuetest.ErlangA(came, talk, 2*time.Minute, load.agents)
			near(t, "abandoned", q.AbandonRate(), abandons)
			near(t, "mean wait", (q.Wait.Sum+q.LostWait.Sum).Seconds()/float64(q.Wait.Count+q.LostWait.Count), mean.Seconds())
		})
	}
}

// The formulas themselves, by known values.
func TestErlangValues(t *testing.T) {
	waits, mean, ok := queuetest.ErlangC(40, 3*time.Minute, 3) // a load of 2 erlangs: 4/9 wait
	if !ok || math.Abs(waits-4.0/9) > 1e-12 || mean != 80*time.Second {
		t.Errorf("%v, %v, %v", waits, mean, ok)
	}
	if _, _, ok := queuetest.ErlangC(60, 3*time.Minute, 3); ok {
		t.Error("a line that grows for ever is none")
	}
	// One agent, and patience like service: each state has its Poisson probability; of the load 1, 1/e of the callers are lost.
	abandons, _ := queuetest.ErlangA(20, 3*time.Minute, 3*time.Minute, 1)
	if math.Abs(abandons-1/math.E) > 1e-9 {
		t.Errorf("%v", abandons)
	}
}

// A day of 50,000 calls, with all that goes wrong: everything adds up.
func TestDay(t *testing.T) {
	m := model(5000, 280, 50_000)
	m.Length = 10 * time.Hour
	m.Queues[0].WrapUp, m.Queues[0].MaxWait = 10*time.Second, 5*time.Minute
	m.Queues[0].NoAnswer.BackOff = 30 * time.Second
	m.Flows[0].PerHour = queuetest.Hours(3000, 5000, 6000, 6500, 5000, 4000, 5500, 6000, 5000, 3000)
	m.Flows[0].Patience = queuetest.Exponential(2 * time.Minute)
	m.Pickup, m.Missed, m.Refused = queuetest.Exponential(4*time.Second), 0.03, 0.01
	began := time.Now()
	result, err := m.Run()
	if err != nil {
		t.Fatal(err)
	}
	q := result.Book.Queue("q")
	t.Logf("%d calls, %d transitions in %v; service level %.3f, abandoned %.3f, mean wait %v",
		result.Calls, result.Transitions, time.Since(began), q.ServiceLevel(), q.AbandonRate(), q.Wait.Mean())
	if q.Joined != result.Calls || q.Answered+q.LeftAll() != q.Joined || q.Talk.Count != q.Answered {
		t.Errorf("%+v", q)
	}
	if q.Missed["no_answer"] == 0 || q.Missed["refused"] == 0 || q.Abandoned() == 0 {
		t.Errorf("nothing has gone wrong: %+v", q)
	}
}

// The same model gives the same result.
func TestRepeatable(t *testing.T) {
	m := model(400, 18, 2000)
	m.Flows[0].Patience, m.Pickup = queuetest.Exponential(time.Minute), queuetest.Exponential(4*time.Second)
	m.Missed, m.Refused = 0.03, 0.01
	first, err := m.Run()
	if err != nil {
		t.Fatal(err)
	}
	again, err := m.Run()
	if err != nil || !reflect.DeepEqual(first.Book.Total(), again.Book.Total()) || first.Transitions != again.Transitions {
		t.Errorf("the second run differs: %v", err)
	}
}

// The strategies serve the same callers; who does the work is what differs.
func TestCompare(t *testing.T) {
	results, err := queuetest.Compare(model(150, 10, 3000), acd.Linear, acd.LongestIdle, acd.RingAll)
	if err != nil {
		t.Fatal(err)
	}
	spread := func(s acd.Strategy) time.Duration {
		var least, most time.Duration = math.MaxInt64, 0
		for _, a := range results[s].Book.Total().Agents {
			least, most = min(least, a.Talk.Sum), max(most, a.Talk.Sum)
		}
		return most - least
	}
	if results[acd.Linear].Calls != results[acd.LongestIdle].Calls || spread(acd.Linear) < 2*spread(acd.LongestIdle) {
		t.Errorf("%d and %d calls, spread %v and %v", results[acd.Linear].Calls, results[acd.LongestIdle].Calls,
			spread(acd.Linear), spread(acd.LongestIdle))
	}
}

// What is wrong with a model is said.
func TestWrongModel(t *testing.T) {
	for name, change := range map[string]func(*queuetest.Model){
		"no length":  func(m *queuetest.Model) { m.Length = 0 },
		"no service": func(m *queuetest.Model) { m.Flows[0].Service = nil },
		"no queue":   func(m *queuetest.Model) { m.Flows[0].Queue = "other" },
		"all missed": func(m *queuetest.Model) { m.Missed = 1 },
	} {
		m := model(100, 3, 10)
		change(&m)
		if _, err := m.Run(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func ExampleModel() {
	m := queuetest.Model{
		Start: time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC), Length: 8 * time.Hour, Seed: 1,
		Queues: []acd.Queue{{Name: "support", Strategy: acd.LongestIdle}},
		Agents: queuetest.Team(12, "support"),
		Flows: []queuetest.Flow{{
			Queue: "support", PerHour: queuetest.Steady(200), Service: queuetest.Fixed(3 * time.Minute),
		}},
	}
	result, err := m.Run()
	if err != nil {
		fmt.Println(err)
		return
	}
	support := result.Book.Queue("support")
	fmt.Println(support.Joined == support.Answered, support.LeftAll())
	// Output: true 0
}

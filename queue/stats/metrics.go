package stats

import (
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/asterism-go/asterism/queue/acd"
)

// Collector makes metrics for Prometheus of transitions. Its methods may be called by several goroutines at once.
//
// All have the label pbx:
//
//   - asterisk_queue_callers{queue} is how many wait, asterisk_queue_longest_wait_seconds{queue} how long the first has;
//   - asterisk_queue_members{queue,state} is what the agents do who are logged in to the queue;
//   - asterisk_queue_calls_total{queue,outcome} counts callers by how their waiting ended: answered, abandoned, timeout,
//     joinempty, leaveempty, exitkey, transferred, full, toolong, callback_failed or restart (of Asterisk);
//   - asterisk_queue_wait_seconds{queue,outcome} and asterisk_queue_talk_seconds{queue} are histograms, also native ones;
//   - asterisk_queue_service_level_ratio{queue} and asterisk_queue_service_level_threshold_seconds{queue}: [Queue.ServiceLevel]
//     since the beginning, and its goal.
type Collector struct {
	now   func() time.Time
	calls *prometheus.CounterVec
	wait  *prometheus.HistogramVec
	talk  *prometheus.HistogramVec

	mu      sync.Mutex
	waiting map[string]map[string]time.Time // queue, caller: joined
	states  map[string]acd.AgentState
	members map[string]map[string]bool // queue, agent
	book    *Book
}

var (
	callersDesc = prometheus.NewDesc("asterisk_queue_callers", "Callers who wait.", []string{"queue"}, nil)
	longestDesc = prometheus.NewDesc("asterisk_queue_longest_wait_seconds",
		"How long the caller has waited who waits for the longest time.", []string{"queue"}, nil)
	membersDesc = prometheus.NewDesc("asterisk_queue_members",
		"Agents who are logged in to the queue, by what they do.", []string{"queue", "state"}, nil)
	levelDesc = prometheus.NewDesc("asterisk_queue_service_level_ratio",
		"Share of callers who were answered within the threshold.", []string{"queue"}, nil)
	thresholdDesc = prometheus.NewDesc("asterisk_queue_service_level_threshold_seconds",
		"The wait within which callers should be answered.", []string{"queue"}, nil)
)

// NewCollector returns a Collector. The label pbx of its metrics is added by prometheus.WrapRegistererWith.
func NewCollector() *Collector {
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: name, Help: help, Buckets: []float64{1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600},
			NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100,
		}, labels)
	}
	return &Collector{
		now: time.Now,
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "asterisk_queue_calls_total", Help: "Callers by how their waiting ended.",
		}, []string{"queue", "outcome"}),
		wait:    histogram("asterisk_queue_wait_seconds", "How long callers waited.", "queue", "outcome"),
		talk:    histogram("asterisk_queue_talk_seconds", "How long callers and agents talked.", "queue"),
		waiting: map[string]map[string]time.Time{}, states: map[string]acd.AgentState{}, members: map[string]map[string]bool{},
		book: New(0),
	}
}

// SetGoal says what wait is good for a queue; so the queue is known, and has metrics before its first caller.
func (c *Collector) SetGoal(queue string, goal time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.book.SetGoal(queue, goal)
	c.know(queue)
}

func (c *Collector) know(queue string) {
	if c.waiting[queue] == nil {
		c.waiting[queue], c.members[queue] = map[string]time.Time{}, map[string]bool{}
	}
}

// Restore tells who was there when the program began, as the Store of a queue.Server has them: nothing is told of who has never
// left. Counters begin at zero, as Prometheus expects it.
func (c *Collector) Restore(callers []acd.CallerRecord, agents []acd.AgentRecord) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range callers {
		c.know(r.Caller.Queue)
		if r.State != acd.Connected {
			c.waiting[r.Caller.Queue][r.Caller.ID] = r.Caller.Joined
		}
	}
	for _, a := range agents {
		c.states[a.ID] = a.State
		for _, m := range a.Members {
			c.know(m.Queue)
			if a.LoggedIn {
				c.members[m.Queue][a.ID] = true
			}
		}
	}
}

// Add adds a transition. They must come in the order of their times.
func (c *Collector) Add(t acd.Transition) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.book.Add(t)
	if t.Queue != "" {
		c.know(t.Queue)
	}
	switch t.Kind {
	case acd.Joined:
		c.waiting[t.Queue][t.Caller] = t.CallerInfo.Joined
	case acd.Moved:
		c.know(t.From)
		delete(c.waiting[t.From], t.Caller)
		c.waiting[t.Queue][t.Caller] = t.CallerInfo.Joined
	case acd.NotJoined:
		c.calls.WithLabelValues(t.Queue, t.Outcome.String()).Inc()
	case acd.Began:
		c.over(t, acd.Answered)
	case acd.Left:
		c.over(t, t.Outcome)
	case acd.Finished:
		c.talk.WithLabelValues(t.Queue).Observe(t.Talk.Seconds())
	case acd.AgentChanged:
		c.states[t.Agent] = t.State
	case acd.AgentAdded:
		c.members[t.Queue][t.Agent] = true
	case acd.AgentRemoved:
		delete(c.members[t.Queue], t.Agent)
	default:
	}
}

// over ends a caller's waiting.
func (c *Collector) over(t acd.Transition, outcome acd.Outcome) {
	delete(c.waiting[t.Queue], t.Caller)
	c.calls.WithLabelValues(t.Queue, outcome.String()).Inc()
	c.wait.WithLabelValues(t.Queue, outcome.String()).Observe(t.Wait.Seconds())
}

// Describe is that of [prometheus.Collector].
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{callersDesc, longestDesc, membersDesc, levelDesc, thresholdDesc} {
		ch <- d
	}
	c.calls.Describe(ch)
	c.wait.Describe(ch)
	c.talk.Describe(ch)
}

// Collect is that of [prometheus.Collector].
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	c.calls.Collect(ch)
	c.wait.Collect(ch)
	c.talk.Collect(ch)
	c.mu.Lock()
	defer c.mu.Unlock()
	for queue, waiting := range c.waiting {
		gauge := func(d *prometheus.Desc, v float64, labels ...string) {
			ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, append([]string{queue}, labels...)...)
		}
		gauge(callersDesc, float64(len(waiting)))
		gauge(longestDesc, c.longest(waiting).Seconds())
		kept := c.book.Queue(queue)
		gauge(levelDesc, kept.ServiceLevel())
		gauge(thresholdDesc, c.book.goal(queue).Seconds())
		counts := map[acd.AgentState]int{}
		for agent := range c.members[queue] {
			counts[c.states[agent]]++
		}
		for state := acd.LoggedOut + 1; state <= acd.Idle; state++ {
			gauge(membersDesc, float64(counts[state]), state.String())
		}
	}
}

func (c *Collector) longest(waiting map[string]time.Time) time.Duration {
	now := c.now()
	since := make([]time.Time, 0, len(waiting)+1)
	since = append(since, now)
	for _, joined := range waiting {
		since = append(since, joined)
	}
	return now.Sub(slices.MinFunc(since, time.Time.Compare))
}

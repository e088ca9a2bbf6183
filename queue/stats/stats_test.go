package stats_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/asterism-go/asterism/queue/acd"
	"github.com/asterism-go/asterism/queue/stats"
)

var morning = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// day is a morning of one agent and four callers: one is answered at once, one after 60 s, one hangs up after 5 s, one after 50 s.
func day(t *testing.T) []acd.Transition {
	t.Helper()
	s := acd.New(1)
	at := func(seconds int) { s.Advance(morning.Add(time.Duration(seconds) * time.Second)); s.Settle() }
	join := func(id string) { must(t, s.Join(acd.Caller{ID: id, Queue: "q"})); s.Settle() }
	talk := func(r uint64) { must(t, s.Pick(r, "a")); must(t, s.Accept(r)) }
	at(0)
	must(t, s.SetQueue(acd.Queue{Name: "q", WrapUp: 10 * time.Second, JoinNeeds: acd.LoggedIn}))
	if err := s.Join(acd.Caller{ID: "0", Queue: "q"}); err != nil {
		must(t, s.SetAgent(acd.Agent{ID: "a", Members: []acd.Member{{Queue: "q"}}}))
	}
	must(t, s.Login("a"))
	join("1")
	at(4)
	talk(1)
	at(50)
	join("2")
	join("3")
	join("4")
	at(55)
	must(t, s.Abandon("3"))
	at(100)
	must(t, s.Finish("1", false))
	must(t, s.Abandon("4"))
	at(110)
	talk(2)
	at(1000)
	must(t, s.Finish("2", true))
	at(1010)
	must(t, s.Pause("a", "lunch"))
	at(1900)
	must(t, s.Unpause("a"))
	at(2000)
	return s.Take()
}

func TestBook(t *testing.T) {
	b := stats.New(15 * time.Minute)
	for _, tr := range day(t) {
		b.Add(tr)
	}
	b.Advance(morning.Add(2000 * time.Second))
	q := b.Queue("q")
	if q.Joined != 4 || q.Answered != 2 || q.AnsweredInGoal != 1 || q.Abandoned() != 2 || q.LeftInGoal != 1 || q.Refused["joinempty"] != 1 {
		t.Errorf("%+v", q)
	}
	if q.ServiceLevel() != 1.0/3 || q.ServiceLevelOfAll() != 0.25 || q.AbandonRate() != 0.5 {
		t.Errorf("levels %v and %v, abandoned %v", q.ServiceLevel(), q.ServiceLevelOfAll(), q.AbandonRate())
	}
	if q.Wait.Sum != 64*time.Second || q.Wait.Max != 60*time.Second || q.Talk.Sum != 986*time.Second || q.LostWait.Sum != 55*time.Second {
		t.Errorf("%+v", q)
	}
	a := b.Agent("a")
	want := map[acd.AgentState]time.Duration{
		acd.Ringing: 4e9, acd.Talking: 986e9, acd.WrapUp: 20e9, acd.Paused: 890e9, acd.Idle: 100e9,
	}
	for state, d := range want {
		if a.Time[state] != d {
			t.Errorf("%v for %v, want %v", state, a.Time[state], d)
		}
	}
	if a.Calls != 2 || a.Pauses["lunch"] != 890*time.Second || a.Occupancy() != 1010.0/1110 {
		t.Errorf("%+v, occupancy %v", a, a.Occupancy())
	}
	periods := b.Periods()
	if len(periods) != 3 || periods[1].Agents["a"].Time[acd.Talking] != 100*time.Second || periods[2].Agents["a"].Time[acd.Idle] != 100*time.Second {
		t.Errorf("%d periods", len(periods))
	}
	again := stats.New(0)
	again.Restore(b.Total())
	if !reflect.DeepEqual(again.Total(), b.Total()) {
		t.Error("not restored")
	}
}

// However often agents change and whatever the intervals: their times add up to the time that there was.
func TestTimesAddUp(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 1))
	s, b := acd.New(1), stats.New(7*time.Minute)
	now := morning
	s.Advance(now)
	must(t, s.SetQueue(acd.Queue{Name: "q", WrapUp: 30 * time.Second, NoAnswer: acd.NoAnswer{BackOff: time.Minute}}))
	for i := range 5 {
		must(t, s.SetAgent(acd.Agent{ID: fmt.Sprint("a", i), Members: []acd.Member{{Queue: "q"}}}))
		must(t, s.Login(fmt.Sprint("a", i)))
	}
	for i := range 3000 {
		now = now.Add(time.Duration(chance.IntN(60_000)) * time.Millisecond)
		s.Advance(now)
		agent := fmt.Sprint("a", chance.IntN(5))
		switch chance.IntN(4) {
		case 0:
			must(t, s.Pause(agent, "x"))
		case 1:
			must(t, s.Unpause(agent))
		default:
			must(t, s.Join(acd.Caller{ID: strconv.Itoa(i), Queue: "q"}))
		}
		s.Settle()
		for _, tr := range s.Take() {
			b.Add(tr)
			if tr.Kind == acd.OfferMade {
				_ = s.Pick(tr.Reservation, tr.Agents[0])
				_ = s.Accept(tr.Reservation)
			}
			if tr.Kind == acd.Began && chance.IntN(2) == 0 {
				must(t, s.Finish(tr.Caller, false))
			}
		}
	}
	for _, tr := range s.Take() {
		b.Add(tr)
	}
	b.Advance(now)
	for id, a := range b.Total().Agents {
		var sum, parts time.Duration
		for _, d := range a.Time {
			sum += d
		}
		for _, p := range b.Periods() {
			if p.Agents[id] != nil {
				for _, d := range p.Agents[id].Time {
					parts += d
				}
			}
		}
		if sum != now.Sub(morning) || len(b.Periods()) < stats.DefaultKeep && parts != sum {
			t.Errorf("%s: %v and %v of %v", id, sum, parts, now.Sub(morning))
		}
	}
}

func TestDistribution(t *testing.T) {
	var d stats.Distribution
	if d.Mean() != 0 || d.Quantile(0.5) != 0 {
		t.Error("an empty one is not zero")
	}
	for i := 1; i <= 100; i++ {
		d.Add(time.Duration(i) * time.Second)
	}
	if d.Mean() != 50500*time.Millisecond || d.Max != 100*time.Second || d.Quantile(0.5) != 50*time.Second || d.Quantile(1) != 100*time.Second {
		t.Errorf("mean %v, max %v, median %v, all %v", d.Mean(), d.Max, d.Quantile(0.5), d.Quantile(1))
	}
}

func TestMetrics(t *testing.T) {
	c := stats.NewCollector()
	c.SetGoal("q", 20*time.Second)
	reg := prometheus.NewPedanticRegistry()
	must(t, prometheus.WrapRegistererWith(prometheus.Labels{"pbx": "main"}, reg).Register(c))
	for _, tr := range day(t) {
		c.Add(tr)
	}
	if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	want := `
# HELP asterisk_queue_callers Callers who wait.
# TYPE asterisk_queue_callers gauge
asterisk_queue_callers{pbx="main",queue="q"} 0
# HELP asterisk_queue_calls_total Callers by how their waiting ended.
# TYPE asterisk_queue_calls_total counter
asterisk_queue_calls_total{outcome="abandoned",pbx="main",queue="q"} 2
asterisk_queue_calls_total{outcome="answered",pbx="main",queue="q"} 2
asterisk_queue_calls_total{outcome="joinempty",pbx="main",queue="q"} 1
# HELP asterisk_queue_members Agents who are logged in to the queue, by what they do.
# TYPE asterisk_queue_members gauge
asterisk_queue_members{pbx="main",queue="q",state="backed_off"} 0
asterisk_queue_members{pbx="main",queue="q",state="busy"} 0
asterisk_queue_members{pbx="main",queue="q",state="idle"} 1
asterisk_queue_members{pbx="main",queue="q",state="paused"} 0
asterisk_queue_members{pbx="main",queue="q",state="ringing"} 0
asterisk_queue_members{pbx="main",queue="q",state="screening"} 0
asterisk_queue_members{pbx="main",queue="q",state="talking"} 0
asterisk_queue_members{pbx="main",queue="q",state="wrap_up"} 0
# HELP asterisk_queue_service_level_ratio Share of callers who were answered within the threshold.
# TYPE asterisk_queue_service_level_ratio gauge
asterisk_queue_service_level_ratio{pbx="main",queue="q"} 0.3333333333333333
`
	must(t, testutil.GatherAndCompare(reg, strings.NewReader(want), "asterisk_queue_callers", "asterisk_queue_calls_total",
		"asterisk_queue_members", "asterisk_queue_service_level_ratio"))
}

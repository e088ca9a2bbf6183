package agents_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/asterism-go/asterism/callcenter/agents"
)

// What a day of one agent counts, and that the linter of Prometheus has nothing to say.
func TestMetrics(t *testing.T) {
	metrics := agents.NewMetrics("main")
	m := agents.NewModel(agents.Config{})
	observe := func(changes []agents.Change) {
		for _, change := range changes {
			metrics.Observe(change)
		}
	}
	feed := func(at float64, text string) { observe(m.Feed(event(t, at, text), noon)) }
	observe(m.Resync(snapshot(t, annaIn, annaHint, annaIdle, "QueueMember Queue=sales Location=PJSIP/102 Status=1"), after(0)))
	feed(10, "QueueMemberPause Queue=support Interface=PJSIP/101 Paused=1 PausedReason=lunch")
	feed(70, "QueueMemberPause Queue=support Interface=PJSIP/101 Paused=0")
	feed(80, "AgentConnect Queue=support Interface=PJSIP/101")
	observe(m.ResetStats(after(90)))
	feed(100, "AgentRingNoAnswer Queue=support Interface=PJSIP/101")
	feed(101, "Hangup Channel=PJSIP/101-1 Uniqueid=1 ChannelStateDesc=Down Cause=17")
	if problems, err := testutil.CollectAndLint(metrics); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
	want := `# HELP asterisk_agents_calls_total Calls that queues have offered to agents, by result.
# TYPE asterisk_agents_calls_total counter
asterisk_agents_calls_total{pbx="main",result="answered"} 1
asterisk_agents_calls_total{pbx="main",result="no_answer"} 1
# HELP asterisk_agents_members Members of each queue, by the state of the agent.
# TYPE asterisk_agents_members gauge
asterisk_agents_members{pbx="main",queue="sales",state="ready"} 1
asterisk_agents_members{pbx="main",queue="support",state="dnd"} 1
# HELP asterisk_agents_pause_seconds_total Time that agents have spent in pauses that have ended, by reason.
# TYPE asterisk_agents_pause_seconds_total counter
asterisk_agents_pause_seconds_total{pbx="main",reason="lunch"} 60
# HELP asterisk_agents_refused_total Calls that telephones have refused as busy.
# TYPE asterisk_agents_refused_total counter
asterisk_agents_refused_total{pbx="main"} 1
`
	err := testutil.CollectAndCompare(metrics, strings.NewReader(want), "asterisk_agents_calls_total", "asterisk_agents_members",
		"asterisk_agents_pause_seconds_total", "asterisk_agents_refused_total")
	if err != nil {
		t.Error(err)
	}
}

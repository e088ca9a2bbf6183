package stats_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/asterism-go/asterism/queue/acd"
	"github.com/asterism-go/asterism/queue/stats"
)

// Who was there before the program is counted, and no more once gone.
func TestCollectorRestore(t *testing.T) {
	c := stats.NewCollector()
	c.Restore([]acd.CallerRecord{
		{Caller: acd.Caller{ID: "1", Queue: "q", Joined: morning}, State: acd.Waiting},
		{Caller: acd.Caller{ID: "2", Queue: "q", Joined: morning}, State: acd.Offered},
		{Caller: acd.Caller{ID: "3", Queue: "q", Joined: morning}, State: acd.Connected},
	}, []acd.AgentRecord{
		{ID: "a", LoggedIn: true, State: acd.Talking, Members: []acd.MemberRecord{{Queue: "q"}}},
		{ID: "b", Members: []acd.MemberRecord{{Queue: "q"}}},
	})
	c.Add(acd.Transition{Time: morning, Kind: acd.Left, Queue: "q", Caller: "1", Outcome: acd.Abandoned})
	const want = `# HELP asterisk_queue_callers Callers who wait.
# TYPE asterisk_queue_callers gauge
asterisk_queue_callers{queue="q"} 1
# HELP asterisk_queue_members Agents who are logged in to the queue, by what they do.
# TYPE asterisk_queue_members gauge
asterisk_queue_members{queue="q",state="backed_off"} 0
asterisk_queue_members{queue="q",state="busy"} 0
asterisk_queue_members{queue="q",state="idle"} 0
asterisk_queue_members{queue="q",state="paused"} 0
asterisk_queue_members{queue="q",state="ringing"} 0
asterisk_queue_members{queue="q",state="screening"} 0
asterisk_queue_members{queue="q",state="talking"} 1
asterisk_queue_members{queue="q",state="wrap_up"} 0
`
	if err := testutil.CollectAndCompare(c, strings.NewReader(want), "asterisk_queue_callers", "asterisk_queue_members"); err != nil {
		t.Error(err)
	}
}

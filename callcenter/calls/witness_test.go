package calls_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/asterism-go/asterism/callcenter/calls"
)

// Every record that Asterisk wrote of the recorded calls agrees with them, or is wrong in a way that has a name.
func TestWitness(t *testing.T) {
	cfg := recordedConfig(t)
	total := map[calls.Verdict]int{}
	for _, r := range append(slices.Clone(situations(t)), randomCalls(t)) {
		witness := calls.NewWitness(cfg)
		finished, _ := play(t, r.messages(t))
		for _, call := range finished {
			witness.Add(call)
		}
		for _, message := range r.messages(t) {
			record, ok := calls.RecordOf(message, time.UTC)
			if !ok {
				continue
			}
			if verdict := witness.Hear(record); verdict == calls.Unexplained || (verdict == calls.Unseen && !r.hasGap()) {
				t.Errorf("%s: %s: %+v", r.name, verdict, record)
			}
		}
		for verdict, n := range witness.Counts {
			total[verdict] += n
		}
	}
	t.Log(total)
	if total[calls.Agrees] < 200 {
		t.Errorf("only %d records agree", total[calls.Agrees])
	}
}

// What a gap hides is told by the records.
func TestUnseenCallsAreFilled(t *testing.T) {
	witness := calls.NewWitness(office)
	at := time.Unix(1_800_000_000, 0)
	record := calls.Record{
		Channel: "PJSIP/provider-1", Dest: "PJSIP/alice-2", Uniqueid: "1.1", Linkedid: "1.1", Source: "2101234567", Destination: "8000",
		Disposition: "ANSWERED", Start: at, Answer: at.Add(3 * time.Second), End: at.Add(10 * time.Second),
	}
	if verdict := witness.Hear(record); verdict != calls.Unseen {
		t.Fatalf("verdict %s", verdict)
	}
	unseen := witness.Unseen()
	if len(unseen) != 1 {
		t.Fatalf("%d calls", len(unseen))
	}
	c := unseen[0]
	if c.Direction != calls.Inbound || c.Result != calls.Answered || c.Caller.Number != "2101234567" || c.Callee.Name != "Alice" ||
		c.TalkTime != 7*time.Second || c.AnsweredBy != "PJSIP/alice-2" || len(c.Uncertain) == 0 {
		t.Errorf("told %+v", c)
	}
}

// The outcomes of visits are those of queue_log, where that tells one. It names the member that was rung, not who picked
// up, and counts as talk what an agent behind a Local channel has long given away; outcomes do not differ.
func TestQueueLog(t *testing.T) {
	outcomes := map[string]calls.QueueOutcome{
		"CONNECT": calls.QueueAnswered, "ABANDON": calls.QueueAbandoned, "EXITWITHTIMEOUT": calls.QueueTimeout,
		"EXITWITHKEY": calls.QueueExitKey, "EXITEMPTY": calls.QueueEmpty,
	}
	rows := 0
	for _, r := range append(slices.Clone(situations(t)), randomCalls(t)) {
		want, got := map[calls.QueueOutcome]int{}, map[calls.QueueOutcome]int{}
		for line := range strings.Lines(string(r.files["queue_log.txt"])) {
			if fields := strings.Split(strings.TrimSpace(line), "|"); len(fields) > 4 && outcomes[fields[4]] != "" {
				want[outcomes[fields[4]]]++
				rows++
			}
		}
		finished, _ := play(t, r.messages(t))
		for _, c := range finished {
			for _, v := range c.Queues {
				got[v.Outcome]++
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-queue_log +told):\n%s", r.name, diff)
		}
	}
	if rows < 50 {
		t.Errorf("only %d rows", rows)
	}
}

package ami_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
)

func TestHooks(t *testing.T) {
	var mu sync.Mutex
	var log []string
	note := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		log = append(log, fmt.Sprintf(format, args...))
	}
	client := &ami.Client{Hooks: ami.Hooks{
		State:   func(state ami.State, _ error) { note("state %v", state) },
		Message: func(m ami.Message) { note("message %s%s", m.Event(), m.Response()) },
		Action:  func(name string, took time.Duration, err error) { note("action %s %v %v", name, took >= 0, err) },
	}}
	start(t, client, amitest.Send("Event: A"), amitest.Expect("Hangup"), amitest.Reply("Response: Error", "Message: No such channel"))
	if _, err := client.Do(t.Context(), ami.Action{Name: "Hangup"}); err == nil {
		t.Error("no error")
	}
	client.Close()
	mu.Lock()
	defer mu.Unlock()
	all := strings.Join(log, "\n")
	for _, order := range [][]string{
		{"state connecting", "state up", "state ended"},
		{"message FullyBooted", "message A", "message Error", `action Hangup true ami: Hangup: Asterisk says "No such channel"`},
	} {
		rest := all
		for _, want := range order {
			_, after, found := strings.Cut(rest, want)
			if !found {
				t.Errorf("no %q in its place in\n%s", want, all)
			}
			rest = after
		}
	}
}

// TestMetricsOfTrouble: reconnects, round trips and old events are measured.
func TestMetricsOfTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := fmt.Sprintf("Timestamp: %d.000000", time.Now().Add(time.Second).Unix()-90)
		client := &ami.Client{Dial: play(t,
			lostScript(),
			script(amitest.Send("Event: Hangup", "Privilege: call,all", old), amitest.Expect("Ping"), amitest.Pause(250*time.Millisecond),
				amitest.Reply("Response: Success"), amitest.Send("Event: TheEnd")))}
		registry := prometheus.NewPedanticRegistry()
		registry.MustRegister(ami.NewCollector("hq", client))
		events := client.Events(t.Context())
		connect(t, client)
		next(t, events, "TheEnd")
		synctest.Wait()
		want := `
# HELP asterisk_ami_ping_seconds Round trip of the last Ping of the keepalive.
# TYPE asterisk_ami_ping_seconds gauge
asterisk_ami_ping_seconds{pbx="hq"} 0.25
# HELP asterisk_ami_reconnects_total Times that the Manager connection was made again after it was lost.
# TYPE asterisk_ami_reconnects_total counter
asterisk_ami_reconnects_total{pbx="hq"} 1
`
		if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "asterisk_ami_ping_seconds", "asterisk_ami_reconnects_total"); err != nil {
			t.Error(err)
		}
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		lag := 0.0
		for _, family := range families {
			if family.GetName() == "asterisk_ami_event_lag_seconds" {
				lag = family.GetMetric()[0].GetGauge().GetValue()
			}
		}
		if lag < 88 || lag > 95 {
			t.Errorf("the lag is %v s, want some 90", lag)
		}
	})
}

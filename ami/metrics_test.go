package ami_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/ami/amitest"
)

func TestMetrics(t *testing.T) {
	client := &ami.Client{QueueSize: 5}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(ami.NewCollector("hq", client))
	client.Events(t.Context())
	start(t, client, burst(10), amitest.Send("Event: forged\xff"))
	if _, err := client.Do(t.Context(), ami.Action{Name: "Ping"}); err != nil {
		t.Fatal(err)
	}
	problems, err := testutil.GatherAndLint(registry)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	want := `
# HELP asterisk_ami_events_dropped_total Events that were not delivered because a consumer was too slow, once per consumer.
# TYPE asterisk_ami_events_dropped_total counter
asterisk_ami_events_dropped_total{pbx="hq"} 7
# HELP asterisk_ami_events_total Events that came over the Manager connection, by name.
# TYPE asterisk_ami_events_total counter
asterisk_ami_events_total{event="FullyBooted",pbx="hq"} 1
asterisk_ami_events_total{event="Tick",pbx="hq"} 10
asterisk_ami_events_total{event="other",pbx="hq"} 1
# HELP asterisk_ami_up Whether the Manager connection is logged in (1) or not (0).
# TYPE asterisk_ami_up gauge
asterisk_ami_up{pbx="hq"} 1
`
	err = testutil.GatherAndCompare(registry, strings.NewReader(want),
		"asterisk_ami_up", "asterisk_ami_events_total", "asterisk_ami_events_dropped_total")
	if err != nil {
		t.Error(err)
	}
	if n, err := testutil.GatherAndCount(registry, "asterisk_ami_action_duration_seconds"); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	client.Close()
	_, want, _ = strings.Cut(want, "# TYPE asterisk_ami_up")
	want = "# HELP asterisk_ami_up Whether the Manager connection is logged in (1) or not (0).\n# TYPE asterisk_ami_up" + want
	want = strings.Replace(want, "} 1", "} 0", 1)
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "asterisk_ami_up"); err != nil {
		t.Error(err)
	}
}

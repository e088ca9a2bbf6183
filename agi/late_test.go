package agi_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/asterism-go/asterism/agi"
)

// TestLate holds that an operator sees when sessions that hear digits are served too late to hear them all.
func TestLate(t *testing.T) {
	for name, test := range map[string]struct {
		hears bool
		after time.Duration
		want  float64
	}{
		"late": {true, 200 * time.Millisecond, 1},
		"deaf": {false, time.Hour, 0},
	} {
		srv := &agi.Server{}
		registry := prometheus.NewRegistry()
		registry.MustRegister(agi.NewCollector("test", srv))
		agi.Listen(srv, test.hears, test.after)
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		got := -1.0
		for _, family := range families {
			if family.GetName() == "asterisk_agi_late_total" {
				got = family.GetMetric()[0].GetCounter().GetValue()
			}
		}
		if got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

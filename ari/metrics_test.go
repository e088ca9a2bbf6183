package ari_test

import (
	"errors"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ari/aritest"
)

func TestCollector(t *testing.T) {
	app := fake(t, &ari.App{},
		aritest.Expect("POST /channels/c/answer"), aritest.Reply(204, ""),
		aritest.Raw("no JSON"),
		aritest.Send(`{"type":"StasisStart","args":[],"channel":{"id":"c"}}`, `{"type":"New"}`, `{"type":"Newer"}`, `{"type":"StasisEnd","channel":{"id":"d"}}`),
	)
	events := app.Events(within(t))
	must(t, app.Channel("c").Answer(within(t)))
	waitFor(t, events, func(e ari.Event) bool { return e.Type == "StasisEnd" })
	collector := ari.NewCollector("lab", app)
	problems, err := testutil.CollectAndLint(collector)
	if err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v, %v", problems, err)
	}
	registry := prometheus.NewPedanticRegistry()
	must(t, registry.Register(collector))
	families, err := registry.Gather()
	must(t, err)
	got := map[string]float64{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			name := family.GetName() + suffix(m)
			got[name] = m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	for name, want := range map[string]float64{
		"asterisk_ari_up": 1, "asterisk_ari_channels": 1, "asterisk_ari_bad_events_total": 1, "asterisk_ari_events_dropped_total": 0,
		"asterisk_ari_events_total StasisStart": 1, "asterisk_ari_events_total other": 2,
		"asterisk_ari_request_duration_seconds channels.answer": 1, "asterisk_ari_reconnects_total": 0,
	} {
		if value, there := got[name]; !there || value != want {
			t.Errorf("%s is %v, want %v", name, value, want)
		}
	}
}

// suffix is the label of a metric that tells it from its brothers.
func suffix(m *dto.Metric) string {
	for _, label := range m.GetLabel() {
		if label.GetName() == "type" || label.GetName() == "operation" {
			return " " + label.GetValue()
		}
	}
	return ""
}

// The states of an App, and Start for those who do not wait.
func TestStates(t *testing.T) {
	cut := make(chan struct{})
	s := aritest.Start(t, aritest.Refuse("test", 503, ""), aritest.Connect("test"), aritest.Await(cut), aritest.Cut(), aritest.Connect("test"))
	app := &ari.App{Client: &ari.Client{URL: s.URL}, Name: "test", ReconnectWait: 1}
	defer app.Client.Close()
	var got []ari.State
	over := make(chan struct{})
	ups := make(chan struct{}, 8)
	go func() {
		defer close(over)
		for state, why := range app.States(within(t)) {
			got = append(got, state)
			if state == ari.Reconnecting && why == nil {
				t.Error("it is reconnecting for no reason")
			}
			if state == ari.Up {
				ups <- struct{}{}
			}
		}
	}()
	must(t, app.Start())
	if err := app.Start(); err == nil {
		t.Error("started twice")
	}
	await(t, ups)
	must(t, app.Ready(within(t)))
	close(cut)
	await(t, ups)
	must(t, app.Close())
	await(t, over)
	if !errors.Is(app.Ready(within(t)), ari.ErrClosed) || !errors.Is(app.Connect(within(t)), ari.ErrClosed) {
		t.Error("an App that is closed can be connected")
	}
	if last := got[len(got)-1]; last != ari.Ended || ari.State(99).String() != "unknown" || ari.Up.String() != "up" {
		t.Errorf("states %v", got)
	}
}

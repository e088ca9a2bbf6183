package menu_test

import (
	"os"
	"testing"

	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/ivr/ivrtest"
	"github.com/asterism-go/asterism/ivr/menu"
)

// BenchmarkParse reads the help desk of examples/ivr: what a reload costs.
func BenchmarkParse(b *testing.B) {
	text, err := os.ReadFile("../../examples/ivr/helpdesk.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := menu.Parse("helpdesk.yaml", text); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCall takes a call through three nodes: what the engine itself costs, without a transport.
func BenchmarkCall(b *testing.B) {
	set, err := menu.Parse("desk.yaml", []byte(desk))
	if err != nil {
		b.Fatal(err)
	}
	w := newWorld()
	w.Metrics, w.Paths = menu.NewMetrics("lab"), nil
	e, err := menu.New(set, w.Config)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c := &ivrtest.Channel{About: ivr.Info{ID: "1.1", Language: "en"}}
		c.Press(b.Context(), "149") //nolint:errcheck // nobody has hung up
		if err := c.Call(b.Context(), e.Serve); err == nil && c.Err() == nil {
			b.Fatal("the call is not over")
		}
	}
}

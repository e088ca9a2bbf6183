package menu_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asterism-go/asterism/ivr/ivrtest"
	"github.com/asterism-go/asterism/ivr/menu"
)

// TestRandomCallers has callers who press anything at any time and then nothing more: every call ends by itself, within a time
// that the patience of its menus bounds, and nothing fails.
func TestRandomCallers(t *testing.T) {
	const calls, longest = 150, 2 * time.Hour
	for seed := range uint64(calls) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 0))
			w, c := newWorld(), caller([]string{"", "2101234567", "rich", "broken"}[r.IntN(4)])
			w.at = open.Add(time.Duration(r.IntN(24)) * time.Hour)
			c.Silent, c.Refused = r.IntN(2) == 0, r.IntN(2) == 0
			var script ivrtest.Script
			for range r.IntN(60) {
				if r.IntN(3) == 0 {
					script = append(script, ivrtest.Wait(time.Duration(r.IntN(6000))*time.Millisecond))
				}
				script = append(script, ivrtest.Press(string("0123456789*#"[r.IntN(12)])))
			}
			begin, e := time.Now(), w.engine(t, desk)
			done := make(chan error, 1)
			go func() { done <- c.Call(t.Context(), e.Serve) }()
			script.Run(t.Context(), c) //nolint:errcheck // the call may be over before
			if err := <-done; err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
			p := w.paths[0]
			if took := time.Since(begin); took > longest || p.Outcome == menu.Failed || p.Outcome == menu.HungUp || len(p.Visits) > menu.MaxVisits {
				t.Errorf("seed %d: after %v %s, by %q", seed, took, p.Outcome, p.Nodes())
			}
		})
	}
}

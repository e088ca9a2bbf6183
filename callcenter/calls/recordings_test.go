package calls_test

import (
	"encoding/json"
	"testing"

	"github.com/asterism-go/asterism/callcenter/calls"
)

func TestRecordings(t *testing.T) {
	checks := 0
	for _, r := range situations(t) {
		t.Run(r.name, func(t *testing.T) {
			finished, _ := play(t, r.messages(t))
			checks += holdAgainstTruth(t, r, finished)
		})
	}
	if checks < 6000 {
		t.Errorf("only %d checks", checks)
	}
}

func TestRandomCalls(t *testing.T) {
	r := randomCalls(t)
	finished, _ := play(t, r.messages(t))
	if checks := holdAgainstTruth(t, r, finished); checks < 10_000 {
		t.Errorf("only %d checks", checks)
	}
}

// holdAgainstTruth reports every difference between the calls and what the phones heard, and returns how many facts were
// compared.
func holdAgainstTruth(t *testing.T, r *recording, finished []calls.Call) int {
	t.Helper()
	var truth trueStory
	if err := json.Unmarshal(r.files["truth.json"], &truth); err != nil {
		t.Fatal(err)
	}
	s := newScore(t, &truth, told(t, finished))
	s.compare()
	return s.checks
}

// told are calls as their JSON tells them.
func told(t *testing.T, finished []calls.Call) []toldCall {
	t.Helper()
	text, err := json.Marshal(finished)
	if err != nil {
		t.Fatal(err)
	}
	var out []toldCall
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

package main

import "testing"

func TestDeskFor(t *testing.T) {
	for number, want := range map[string]string{
		"2101234567": "athens",
		"2310987654": "thessaloniki",
		"2610555555": "patras",
		"2810333333": helpDesk.Default,
		"2":          helpDesk.Default,
		"":           helpDesk.Default,
	} {
		if got := helpDesk.deskFor(number); got != want {
			t.Errorf("deskFor(%q) = %s, want %s", number, got, want)
		}
	}
}

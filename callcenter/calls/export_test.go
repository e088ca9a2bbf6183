package calls

import "fmt"

// Kept tells what the Tracker remembers, or nothing.
func (t *Tracker) Kept() string {
	kept := [...]int{
		len(t.channels), len(t.locals), len(t.bridges), len(t.linked), len(t.visits), len(t.seats), len(t.parked), len(t.holding),
		len(t.placed), len(t.doubtful), len(t.ended), len(t.settling),
	}
	if kept == [len(kept)]int{} {
		return ""
	}
	return fmt.Sprintf("channels, locals, bridges, linked, visits, seats, parked, holding, placed, doubtful, ended, settling: %v", kept)
}

package agents

import "fmt"

// Kept says what a Model still has of calls; "" if nothing.
func (m *Model) Kept() string {
	c := &m.callers
	for _, p := range m.phones {
		if len(p.lines) > 0 || len(p.keeping) > 0 {
			return "lines or holds of " + p.Endpoint
		}
	}
	if n := len(c.lines) + len(c.channels) + len(c.calls) + len(c.talks); n > 0 || len(c.gone) > 4 || len(c.departed) != len(c.gone) {
		return fmt.Sprintf("lines %v, channels %v, calls %v, talks %v, gone %v", c.lines, c.channels, c.calls, c.talks, c.gone)
	}
	return ""
}

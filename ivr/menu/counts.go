package menu

import (
	"maps"
	"sync"
)

// Counts are how often nodes were come to, and ways taken.
type Counts struct {
	// Nodes are by their names, Hangups are the callers who hung up there.
	Nodes, Hangups map[string]int
	// Ways are from a node to a target: a node, hangup or, for calls that were sent on, "".
	Ways map[Way]int
}

// Way is a way from one node to the next.
type Way struct{ From, To string }

// Add adds a path.
func (c *Counts) Add(p Path) {
	for i := range p.Visits {
		c.visit(&p.Visits[i])
	}
}

func (c *Counts) visit(v *Visit) {
	if c.Nodes == nil {
		c.Nodes, c.Hangups, c.Ways = map[string]int{}, map[string]int{}, map[Way]int{}
	}
	c.Nodes[v.Node]++
	if v.Outcome == string(HungUp) {
		c.Hangups[v.Node]++
		return
	}
	c.Ways[Way{v.Node, v.To}]++
}

// counts are the Counts of an engine.
type counts struct {
	mu sync.Mutex
	c  Counts
}

func (c *counts) add(v *Visit) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.c.visit(v)
}

// Counts are how often nodes were come to since the engine was made.
func (e *Engine) Counts() Counts {
	e.counts.mu.Lock()
	defer e.counts.mu.Unlock()
	c := e.counts.c
	return Counts{maps.Clone(c.Nodes), maps.Clone(c.Hangups), maps.Clone(c.Ways)}
}

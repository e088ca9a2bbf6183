package routing

import (
	"cmp"
	"fmt"
	"strings"
)

// noDesk is the number of no desk.
const noDesk int32 = -1

// desk is a [Desk] made ready.
type desk struct {
	name, title           string
	target                Target
	hours                 *calendar
	maxWaiting, minAgents int
	fallback              []int32
	prompt, apology       string
}

func (c *compiler) desks() {
	names := named(c, "desks", c.in.Desks)
	for i, name := range names {
		c.set.byName[name] = int32(i)
	}
	for _, name := range names {
		c.set.desks = append(c.set.desks, c.oneDesk(name))
	}
	if len(names) == 0 {
		c.wrong("desks", "no desks: where should calls go?")
		return
	}
	c.loops()
	if c.in.Default == "" {
		c.wrong("default", "no default: which desk takes the calls that no rule is about?")
		return
	}
	c.set.fallback = c.desk("default", c.in.Default)
	if d := c.in.Desks[c.in.Default]; d.Hours != "" || d.MaxWaiting != 0 || d.MinAgents != 0 {
		c.wrong("default", "the desk %q has hours or limits: the default must take every call", c.in.Default)
	}
}

func (c *compiler) oneDesk(name string) desk {
	in := c.in.Desks[name]
	at := path("desks", name)
	d := desk{
		name: name, title: cmp.Or(in.Title, name), target: c.target(at, &in), hours: c.calendar(at+".hours", in.Hours),
		maxWaiting: in.MaxWaiting, minAgents: in.MinAgents,
		prompt: c.sound(at+".prompt", in.Prompt), apology: c.sound(at+".apology", in.Apology),
	}
	if name == previousDesk {
		c.wrong(at, "the name %q is taken: it means the desk that served the caller last", name)
	}
	if in.MaxWaiting < 0 {
		c.wrong(at+".max_waiting", "%d: want how many callers may wait, or 0 for any number", in.MaxWaiting)
	}
	if in.MinAgents < 0 {
		c.wrong(at+".min_agents", "%d: want how many agents there must be", in.MinAgents)
	}
	for i, name := range in.Fallback {
		if f := c.desk(fmt.Sprintf("%s.fallback[%d]", at, i), name); f >= 0 {
			d.fallback = append(d.fallback, f)
		}
	}
	return d
}

// loops complains of desks whose fallbacks lead back to them: one complaint for each loop.
func (c *compiler) loops() {
	const (
		unseen = iota
		onPath
		done
	)
	state := make([]int, len(c.set.desks))
	var way []int32
	var visit func(i int32)
	visit = func(i int32) {
		state[i] = onPath
		way = append(way, i)
		for k, next := range c.set.desks[i].fallback {
			switch state[next] {
			case unseen:
				visit(next)
			case onPath:
				c.wrong(fmt.Sprintf("%s.fallback[%d]", path("desks", c.set.desks[i].name), k), "a loop of fallbacks: %s", c.loop(way, next))
			}
		}
		way = way[:len(way)-1]
		state[i] = done
	}
	for i := range c.set.desks {
		if state[i] == unseen {
			visit(int32(i))
		}
	}
}

// loop tells the end of a way that has come back to a desk.
func (c *compiler) loop(way []int32, back int32) string {
	var names []string
	for _, i := range way {
		if i == back || len(names) > 0 {
			names = append(names, c.set.desks[i].name)
		}
	}
	return strings.Join(append(names, c.set.desks[back].name), " -> ")
}

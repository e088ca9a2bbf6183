package menu

import (
	"context"
	"maps"
	"slices"
	"strings"
)

func (p *Play) ready(c *checker) kind {
	c.prompt(".prompt", p.Prompt, true)
	return p
}

func (p *Play) edges() []edge { return []edge{{key: ".next", to: p.Next, silent: true}} }

func (p *Play) run(ctx context.Context, r *Session) (step, error) {
	return step{p.Next, "next"}, r.play(ctx, p.Prompt, p.Deaf)
}

func (h *Hours) ready(c *checker) kind {
	n := *h
	if c.set.calendars[n.Calendar] == nil {
		c.bad(".calendar", "there is no calendar %q", n.Calendar)
	}
	if n.Override != "" && !valueShape.MatchString(n.Override) && !variableShape.MatchString(n.Override) {
		c.bad(".override", "%q is neither a value nor a variable in capital letters", n.Override)
	}
	if valueShape.MatchString(n.Override) {
		c.fills(c.path+".override", "${"+n.Override+"}")
	}
	return &n
}

func (h *Hours) edges() []edge {
	list := []edge{{key: ".open", to: h.Open, label: "open", silent: true}, {key: ".closed", to: h.Closed, label: "closed", silent: true}}
	if h.Holiday != "" {
		list = append(list, edge{key: ".holiday", to: h.Holiday, label: "holiday", silent: true})
	}
	return list
}

func (h *Hours) run(ctx context.Context, r *Session) (step, error) {
	decided := ""
	if h.Override != "" {
		var err error
		if decided, err = r.lookUp(ctx, h.Override); err != nil {
			return step{}, err
		}
	}
	calendar, now := r.set.calendars[h.Calendar], r.engine.now()
	switch {
	case strings.EqualFold(decided, "open"):
		return step{h.Open, "open"}, nil
	case strings.EqualFold(decided, "closed"):
		return step{h.Closed, "closed"}, nil
	case calendar.IsOpen(now):
		return step{h.Open, "open"}, nil
	case h.Holiday != "" && calendar.Holiday(now):
		return step{h.Holiday, "holiday"}, nil
	}
	return step{h.Closed, "closed"}, nil
}

func (s *Assign) ready(c *checker) kind {
	if len(s.Values) == 0 {
		c.bad(".values", "there are no values to set")
	}
	for _, name := range slices.Sorted(maps.Keys(s.Values)) {
		c.sets(".values", name)
		c.fills(c.path+quoted(".values", name), s.Values[name])
	}
	return s
}

func (s *Assign) edges() []edge { return []edge{{key: ".next", to: s.Next, silent: true}} }

func (s *Assign) run(_ context.Context, r *Session) (step, error) {
	before := maps.Clone(r.values)
	for name, text := range s.Values {
		r.values[name] = fill(text, before)
	}
	return step{s.Next, "next"}, nil
}

func (s *Switch) ready(c *checker) kind {
	c.switches = append(c.switches, use{c.path + ".value", s.Value})
	return s
}

func (s *Switch) edges() []edge {
	list := []edge{{key: ".default", to: s.Default, label: "else", silent: true}}
	for _, value := range slices.Sorted(maps.Keys(s.Cases)) {
		list = append(list, edge{key: quoted(".cases", value), to: s.Cases[value], label: value, silent: true})
	}
	return list
}

func (s *Switch) run(_ context.Context, r *Session) (step, error) {
	if to, ok := s.Cases[r.values[s.Value]]; ok {
		return step{to, "case " + r.values[s.Value]}, nil
	}
	return step{s.Default, "else"}, nil
}

func (h *Hangup) ready(c *checker) kind {
	c.prompt(".prompt", h.Prompt, false)
	return h
}

func (h *Hangup) edges() []edge { return nil }

func (h *Hangup) run(ctx context.Context, r *Session) (step, error) {
	return step{"hangup", "hangup"}, r.play(ctx, h.Prompt, true)
}

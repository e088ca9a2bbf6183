package menu

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/asterism-go/asterism/ivr"
)

func (n *Queue) ready(c *checker) kind {
	r := *n
	if !dialable(string(r.Name)) {
		c.bad(".name", "%q is no name of a queue", r.Name)
	}
	if r.Context != "" && !dialable(r.Context) {
		c.bad(".context", "%q is no context of the dialplan", r.Context)
	}
	c.variables(r.Variables)
	return &r
}

func (n *Queue) needs(e *Engine, _ *Set) string {
	if e.cfg.Queue == nil && n.Context == "" {
		return "want a context: there is nothing else that has queues"
	}
	return ""
}

func (n *Queue) edges() []edge {
	if n.Next == "" {
		return nil
	}
	return []edge{{key: ".next", to: n.Next, label: "given back", silent: true}}
}

func (n *Queue) run(ctx context.Context, r *Session) (step, error) {
	if err := r.setVariables(ctx, n.Variables); err != nil {
		return step{}, err
	}
	if r.engine.cfg.Queue == nil {
		return r.sendOn(ctx, ivr.Place{Context: n.Context, Extension: string(n.Name), Priority: 1})
	}
	err := r.engine.cfg.Queue(ctx, r, string(n.Name))
	if err != nil && !ivr.IsOver(err) {
		err = fmt.Errorf("queue %s: %w", n.Name, err)
	}
	return step{or(n.Next, "hangup"), "given back"}, err
}

func (n *Do) ready(c *checker) kind {
	r := *n
	if !nameShape.MatchString(r.Name) {
		c.bad(".name", "%q is no name of an action", r.Name)
	}
	for _, value := range r.Sets {
		c.sets(".sets", value)
	}
	r.Failed = or(r.Failed, r.Next)
	return &r
}

func (n *Do) needs(e *Engine, _ *Set) string {
	if e.cfg.Actions[n.Name] == nil {
		return fmt.Sprintf("there is no action %q", n.Name)
	}
	return ""
}

func (n *Do) edges() []edge {
	list := []edge{{key: ".next", to: n.Next, label: "else", silent: true}}
	if n.Failed != n.Next {
		list = append(list, edge{key: ".failed", to: n.Failed, label: "failed", silent: true})
	}
	for _, result := range slices.Sorted(maps.Keys(n.Targets)) {
		list = append(list, edge{key: quoted(".targets", result), to: n.Targets[result], label: result, silent: true})
	}
	return list
}

func (n *Do) run(ctx context.Context, r *Session) (step, error) {
	result, err := r.engine.cfg.Actions[n.Name](ctx, r)
	switch {
	case err == nil:
	case ivr.IsOver(err) || ctx.Err() != nil:
		return step{}, err
	default:
		r.log().ErrorContext(ctx, "menu: an action failed", "node", r.node, "action", n.Name, "error", err)
		return step{n.Failed, "failed"}, nil
	}
	if to, ok := n.Targets[result]; ok {
		return step{to, "result " + result}, nil
	}
	return step{n.Next, "next"}, nil
}

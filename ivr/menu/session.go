package menu

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/asterism-go/asterism/ivr"
)

// Session is a call in the menus, as an [Action] and the other functions of a [Config] see it. It belongs to the call's goroutine.
type Session struct {
	engine *Engine
	set    *Set
	call   *ivr.Call
	values map[string]string
	menus  []string // the menus that the caller came through
	node   string
	path   *Path
	// recordings are the names that recordings of this call have, as far as they are theirs alone
	recordings map[string]bool
	visit      *Visit
	gone       bool // the call was sent on
}

// Call is the call itself.
func (r *Session) Call() *ivr.Call { return r.call }

// Node is the name of the node where the call is.
func (r *Session) Node() string { return r.node }

// Value returns a value; "" if nobody has set it. Those of every call are caller, caller_name, dialed, language and id.
func (r *Session) Value(name string) string { return r.values[name] }

// SetValue sets one. The names are those of the Sets of the node.
func (r *Session) SetValue(name, value string) { r.values[name] = value }

// MaxVisits is how many nodes a call may come to.
const MaxVisits = 1000

var errVisits = fmt.Errorf("menu: a call came to more than %d nodes", MaxVisits)

// run takes the call from node to node.
func (r *Session) run(ctx context.Context) error {
	next := r.set.start
	for range MaxVisits {
		r.node = next
		k := r.set.nodes[next]
		begin := time.Now()
		r.path.Visits = append(r.path.Visits, Visit{Node: next, Kind: k.name(), Seconds: begin.Sub(r.path.Start).Seconds()})
		r.visit = &r.path.Visits[len(r.path.Visits)-1]
		st, err := k.run(ctx, r)
		next = r.leave(ctx, begin, st, err)
		if err != nil {
			return fmt.Errorf("menu: node %q: %w", r.node, err)
		}
		if next == "" {
			return nil
		}
	}
	return errVisits
}

// leave notes what came of a node, and returns the next one: none if the call is over, or elsewhere.
func (r *Session) leave(ctx context.Context, begin time.Time, st step, err error) (next string) {
	took := time.Since(begin)
	v := r.visit
	v.Took = took.Seconds()
	switch {
	case errors.Is(err, ivr.ErrHangup):
		v.Outcome = string(HungUp)
	case errors.Is(err, ivr.ErrContinued):
		v.Outcome = string(SentOn)
	case err != nil:
		v.Outcome = string(Failed)
	default:
		v.Outcome, next = st.outcome, r.follow(st.to)
		v.To = or(next, st.to)
	}
	r.engine.left(v, took)
	r.log().DebugContext(ctx, "menu: left a node", "node", v.Node, "outcome", v.Outcome, "to", v.To, "inputs", v.Inputs)
	return next
}

// follow is the node that a target stands for now.
func (r *Session) follow(target string) string {
	switch target {
	case "", "hangup":
		return ""
	case "again":
		return r.node
	case "back":
		if n := len(r.menus); n > 0 && r.menus[n-1] == r.node {
			r.menus = r.menus[:n-1]
		}
		if n := len(r.menus); n > 0 {
			return r.menus[n-1]
		}
		return r.node
	}
	return r.set.resolve(target)
}

// enterMenu notes that the call has come to a menu: to a new one, or back to one that it came through.
func (r *Session) enterMenu() {
	if i := slices.Index(r.menus, r.node); i >= 0 {
		r.menus = r.menus[:i+1]
		return
	}
	r.menus = append(r.menus, r.node)
}

func (r *Session) log() *slog.Logger { return r.engine.log.With("call", r.path.ID) }

func (r *Session) setLanguage(ctx context.Context, language string) error {
	r.values["language"] = language
	return r.call.SetLanguage(ctx, language)
}

// lookUp is a value, or a variable of the channel, or a global one.
func (r *Session) lookUp(ctx context.Context, name string) (string, error) {
	if valueShape.MatchString(name) {
		return r.values[name], nil
	}
	value, err := r.call.Var(ctx, name)
	if value != "" || err != nil {
		return value, err
	}
	return r.call.Var(ctx, "GLOBAL("+name+")")
}

func (r *Session) setVariables(ctx context.Context, list map[string]string) error {
	for name, text := range list {
		if err := r.call.SetVar(ctx, name, fill(text, r.values)); err != nil {
			return err
		}
	}
	return nil
}

// sendOn has the call go on in the dialplan.
func (r *Session) sendOn(ctx context.Context, to ivr.Place) (step, error) {
	if err := r.call.Continue(ctx, to); err != nil {
		return step{}, err
	}
	r.gone = true
	return step{"", string(SentOn)}, nil
}

// transfer has the caller's telephone call somebody else.
func (r *Session) transfer(ctx context.Context, to string, failed step) (step, error) {
	var refused *ivr.TransferError
	switch err := r.call.Transfer(ctx, to); {
	case errors.As(err, &refused):
		r.log().WarnContext(ctx, "menu: a transfer was refused", "node", r.node, "problem", refused.Problem)
		return failed, nil
	case err != nil:
		return step{}, err
	}
	r.gone = true
	return step{"", string(SentOn)}, nil
}

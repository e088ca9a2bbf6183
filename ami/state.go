package ami

import (
	"context"
	"iter"
)

// State says where a [Client] is in its life.
type State int

const (
	// Idle is a client that has not connected yet.
	Idle State = iota
	// Connecting is a client inside Connect.
	Connecting
	// Up is a client that is logged in.
	Up
	// Reconnecting is a client that has lost its connection and is making another.
	Reconnecting
	// Draining is a client inside Drain: it takes no more actions, but waits for the answers to those that it has sent.
	Draining
	// Ended is a client whose Close or Drain was called, or whose connection was lost and which does not reconnect. There is
	// no way back.
	Ended
)

var stateNames = [...]string{
	Idle: "idle", Connecting: "connecting", Up: "up", Reconnecting: "reconnecting", Draining: "draining", Ended: "ended",
}

// String returns the state in lower case.
func (s State) String() string {
	if s < 0 || int(s) >= len(stateNames) {
		return "unknown"
	}
	return stateNames[s]
}

// State returns where the client is in its life.
func (c *Client) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// States yields the state that the client is in, then every state that it gets into, with why: what the connection was lost
// of, or why the last attempt to make one has failed, which yields Reconnecting again; nil otherwise. It ends after Ended or
// with ctx. A consumer that stands still misses the oldest of more than 64 changes.
func (c *Client) States(ctx context.Context) iter.Seq2[State, error] {
	return func(yield func(State, error) bool) {
		w := c.watchStates()
		defer c.unwatch(w)
		for {
			for _, change := range w.take() {
				if !yield(change.state, change.why) || change.state == Ended {
					return
				}
			}
			select {
			case <-w.ready:
			case <-ctx.Done():
				return
			}
		}
	}
}

// Ready waits until the client is Up. The error is why it will not be: the client has ended, or why it is not yet when ctx
// ends.
func (c *Client) Ready(ctx context.Context) error {
	var last error
	for state, why := range c.States(ctx) {
		switch {
		case state == Up:
			return nil
		case state == Ended:
			return c.Err()
		case why != nil:
			last = why
		}
	}
	if last != nil {
		return last
	}
	return context.Cause(ctx)
}

// change is one step in the life of a client.
type change struct {
	state State
	why   error
}

// stateBacklog is how many changes are kept for one who watches.
const stateBacklog = 64

// watcher is one who watches the states of a client.
type watcher struct {
	c       *Client
	ready   chan struct{}
	changes []change // guarded by c.mu
}

func (c *Client) watchStates() *watcher {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := &watcher{c: c, ready: make(chan struct{}, 1), changes: []change{{c.state, c.why}}}
	if c.watchers == nil {
		c.watchers = map[*watcher]bool{}
	}
	c.watchers[w] = true
	return w
}

func (c *Client) unwatch(w *watcher) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.watchers, w)
}

func (w *watcher) take() []change {
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	changes := w.changes
	w.changes = nil
	return changes
}

// become changes the state and tells everybody who watches. The caller holds c.mu.
func (c *Client) become(state State, why error) {
	c.state, c.why = state, why
	for w := range c.watchers {
		if len(w.changes) == stateBacklog {
			w.changes = w.changes[1:]
		}
		w.changes = append(w.changes, change{state, why})
		select {
		case w.ready <- struct{}{}:
		default:
		}
	}
	if c.Hooks.State != nil {
		c.Hooks.State(state, why)
	}
}

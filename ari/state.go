package ari

import (
	"context"
	"iter"
)

// State says where an [App] is in its life.
type State int

const (
	// Idle is an application that has not connected yet.
	Idle State = iota
	// Connecting is one inside Connect.
	Connecting
	// Up is one whose websocket is there: Asterisk knows the application.
	Up
	// Reconnecting is one that has lost its websocket and waits for another.
	Reconnecting
	// Ended is one that was closed or replaced, or has lost its websocket and does not reconnect. There is no way back.
	Ended
)

var stateNames = [...]string{Idle: "idle", Connecting: "connecting", Up: "up", Reconnecting: "reconnecting", Ended: "ended"}

// String returns the state in lower case.
func (s State) String() string {
	if s < 0 || int(s) >= len(stateNames) {
		return "unknown"
	}
	return stateNames[s]
}

// State returns where the application is in its life.
func (a *App) State() State {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state
}

// States yields the state that the application is in, then every state that it gets into, with why: what the connection was
// lost of, or why the last attempt to make one has failed, which yields Reconnecting again; nil otherwise. It ends after
// Ended or with ctx. A consumer that stands still misses the oldest of more than 64 changes.
func (a *App) States(ctx context.Context) iter.Seq2[State, error] {
	return func(yield func(State, error) bool) {
		w := a.watchStates()
		defer a.unwatchStates(w)
		for {
			for _, change := range a.takeStates(w) {
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

// Ready waits until the application is Up. The error is why it will not be: it has ended, or why it is not yet when ctx ends.
func (a *App) Ready(ctx context.Context) error {
	var last error
	for state, why := range a.States(ctx) {
		switch {
		case state == Up:
			return nil
		case state == Ended:
			return a.Err()
		case why != nil:
			last = why
		}
	}
	if last != nil {
		return last
	}
	return context.Cause(ctx)
}

// change is one step in the life of an application.
type change struct {
	state State
	why   error
}

// stateBacklog is how many changes are kept for one who watches.
const stateBacklog = 64

// stateWatcher is one who watches the states of an application.
type stateWatcher struct {
	ready   chan struct{}
	changes []change // guarded by App.mu
}

func (a *App) watchStates() *stateWatcher {
	a.mu.Lock()
	defer a.mu.Unlock()
	w := &stateWatcher{ready: make(chan struct{}, 1), changes: []change{{a.state, a.why}}}
	if a.watchers == nil {
		a.watchers = map[*stateWatcher]bool{}
	}
	a.watchers[w] = true
	return w
}

func (a *App) unwatchStates(w *stateWatcher) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.watchers, w)
}

func (a *App) takeStates(w *stateWatcher) []change {
	a.mu.Lock()
	defer a.mu.Unlock()
	changes := w.changes
	w.changes = nil
	return changes
}

// become changes the state and tells everybody who watches. The caller holds a.mu.
func (a *App) become(state State, why error) {
	a.state, a.why = state, why
	for w := range a.watchers {
		if len(w.changes) == stateBacklog {
			w.changes = w.changes[1:]
		}
		w.changes = append(w.changes, change{state, why})
		select {
		case w.ready <- struct{}{}:
		default:
		}
	}
	if hook := a.Client.Hooks.State; hook != nil {
		hook(a.Name, state, why)
	}
}

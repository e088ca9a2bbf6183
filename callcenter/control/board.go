package control

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/asterism-go/asterism/callcenter/calls"
)

// board is the calls as they are, and those that have ended until they are finished.
type board struct {
	mu    sync.Mutex
	calls map[string]calls.Call
	legs  map[string]string // the call of a leg, by channel and by Uniqueid
	waits map[*wait]struct{}
}

// wait is somebody who waits for the calls to show something.
type wait struct {
	shows func(b *board) bool
	done  chan struct{}
}

func (b *board) apply(change calls.Change) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.calls == nil {
		b.calls, b.legs = map[string]calls.Call{}, map[string]string{}
	}
	call := change.Call
	b.forget(b.calls[call.ID])
	b.calls[call.ID] = call
	for i := range call.Legs {
		b.legs[call.Legs[i].Channel], b.legs[call.Legs[i].Uniqueid] = call.ID, call.ID
	}
	b.tell() // those who wait see it even if it is the last that is heard of the call
	if change.Kind == calls.Finished || change.Kind == calls.Absorbed {
		b.forget(call)
		delete(b.calls, call.ID)
	}
}

// forget removes the legs of a call, unless another call has them by now.
func (b *board) forget(call calls.Call) {
	for i := range call.Legs {
		for _, name := range []string{call.Legs[i].Channel, call.Legs[i].Uniqueid} {
			if b.legs[name] == call.ID {
				delete(b.legs, name)
			}
		}
	}
}

// tell ends the waits for what shows now.
func (b *board) tell() {
	for w := range b.waits {
		if w.shows(b) {
			delete(b.waits, w)
			close(w.done)
		}
	}
}

// wait waits until the calls show something, which is looked for at every change. shows runs with the board locked.
func (b *board) wait(ctx context.Context, shows func(b *board) bool) error {
	b.mu.Lock()
	if shows(b) {
		b.mu.Unlock()
		return nil
	}
	w := &wait{shows: shows, done: make(chan struct{})}
	if b.waits == nil {
		b.waits = map[*wait]struct{}{}
	}
	b.waits[w] = struct{}{}
	b.mu.Unlock()
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.waits, w)
		return context.Cause(ctx)
	}
}

// leg finds a leg that lives, and its call.
func (b *board) leg(channel string) (calls.Call, calls.Leg, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	call, leg := b.find(channel)
	if leg == nil || !leg.Ended.IsZero() {
		return calls.Call{}, calls.Leg{}, ErrGone
	}
	return call, *leg, nil
}

// find finds a leg, if it lives or not; the board is locked.
func (b *board) find(channel string) (calls.Call, *calls.Leg) {
	call := b.calls[b.legs[channel]]
	return call, legOf(call, channel)
}

func legOf(call calls.Call, channel string) *calls.Leg {
	for i := range call.Legs {
		if call.Legs[i].Channel == channel {
			return &call.Legs[i]
		}
	}
	return nil
}

// byID finds the call of this ID, or of the leg of this Uniqueid; the board is locked.
func (b *board) byID(id string) (calls.Call, bool) {
	if of, ok := b.legs[id]; ok {
		id = of
	}
	call, ok := b.calls[id]
	return call, ok
}

// Wait waits until the calls show something: so is given all that live, and those that have ended and are not finished, in
// no particular order, after every change. It must not block.
func (c *Control) Wait(ctx context.Context, so func(all []calls.Call) bool) error {
	return c.live.wait(ctx, func(b *board) bool { return so(slices.Collect(maps.Values(b.calls))) })
}

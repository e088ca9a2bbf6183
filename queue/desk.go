package queue

import (
	"context"
	"fmt"

	"github.com/asterism-go/asterism/queue/acd"
)

// Do has a function look at the state, or change it, as the only one that does. It must not wait, and not keep the State.
func (s *Server) Do(ctx context.Context, what func(*acd.State) error) error { return s.do(ctx, what) }

// Login has an agent get calls; see [acd.State.Login].
func (s *Server) Login(ctx context.Context, agent string) error {
	return s.do(ctx, func(state *acd.State) error { return state.Login(agent) })
}

// Logout has an agent get no more calls; see [acd.State.Logout].
func (s *Server) Logout(ctx context.Context, agent string) error {
	return s.do(ctx, func(state *acd.State) error { return state.Logout(agent) })
}

// Pause has an agent get no calls for a reason; see [acd.State.Pause].
func (s *Server) Pause(ctx context.Context, agent, reason string) error {
	return s.do(ctx, func(state *acd.State) error { return state.Pause(agent, reason) })
}

// Unpause ends a pause; see [acd.State.Unpause].
func (s *Server) Unpause(ctx context.Context, agent string) error {
	return s.do(ctx, func(state *acd.State) error { return state.Unpause(agent) })
}

// Caller returns what is known of a caller.
func (s *Server) Caller(ctx context.Context, id string) (r acd.CallerRecord, err error) {
	err = s.do(ctx, func(state *acd.State) error {
		var ok bool
		if r, ok = state.Caller(id); !ok {
			return fmt.Errorf("%w: caller %q", acd.ErrUnknown, id)
		}
		return nil
	})
	return r, err
}

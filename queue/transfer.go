package queue

import (
	"context"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/queue/acd"
)

// An agent's telephone that asks somebody else and then transfers the caller to them (REFER with Replaces) has Asterisk put one end of
// a Local channel into the bridge of the talk in the place of the agent's leg (attended_transfer_bridge in main/bridge.c). That comes
// into the application with a StasisStart that names the leg, before the leg's StasisEnd, and is the leg from then on.

// replaces has a channel that comes into the application take the place of another, if it does.
func (s *Server) replaces(e ari.Event) {
	decoded, err := e.Decode()
	if err != nil {
		return
	}
	start := decoded.(*ari.StasisStart)
	if old := start.ReplaceChannel; old != nil {
		s.tell(func(*acd.State) { s.replaceLeg(old.ID, e.Channel) })
	}
}

// takesPlace is the handler of a channel that takes the place of another. ours is false if that was no leg of a talk.
func (s *Server) takesPlace(ctx context.Context, call *ari.Channel, old string) (ours bool, err error) {
	err = s.look(ctx, func(*acd.State) error {
		s.replaceLeg(old, call.ID()) // unless replaces was quicker
		_, ours = s.legs[call.ID()]
		return nil
	})
	if err != nil || !ours {
		return ours, err
	}
	<-ctx.Done()
	return true, context.Cause(ctx)
}

// replaceLeg has the talk of a leg go on with another channel. It is the owner's.
func (s *Server) replaceLeg(old, leg string) {
	id, ok := s.legs[old]
	if !ok {
		return
	}
	delete(s.legs, old)
	s.legs[leg] = id
	if c := s.callers[id]; c != nil {
		c.leg = leg
		s.unsaved.legs = append(s.unsaved.legs, id)
		return
	}
	s.legs[id] = leg // a talk that was left alone
}

package queue

import (
	"context"
	"slices"
	"strings"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/queue/acd"
)

// takeOver waits until Asterisk knows the application, finds out who of those who were stored is still there, and begins to
// decide.
func (s *Server) takeOver(ctx context.Context) error {
	if err := s.App.Ready(ctx); err != nil {
		return err
	}
	application, err := s.App.Client.Applications().Get(ctx, s.App.Name)
	if err != nil {
		return err
	}
	here := application.ChannelIDs
	var talks map[string]string // leg: caller
	var waiting map[string]string
	err = s.do(ctx, func(state *acd.State) error {
		talks, waiting = s.missing(state, here)
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range here {
		if strings.HasPrefix(id, legPrefix) && talks[id] == "" {
			s.hangUp(id) // an offer that was under way
		}
	}
	s.reconnect(ctx, talks, waiting)
	return s.do(ctx, func(*acd.State) error {
		s.ready = true
		return nil
	})
}

// missing says goodbye to those who have gone meanwhile, and returns who talks (caller by leg) and who waits (queue by caller).
func (s *Server) missing(state *acd.State, here []string) (talks, waiting map[string]string) {
	talks, waiting = map[string]string{}, map[string]string{}
	for _, id := range s.before {
		c := s.callers[id]
		record, ok := state.Caller(id)
		switch {
		case !ok || c == nil:
		case s.missingCallback(state, c, here):
		case !slices.Contains(here, s.channelOf(id)):
			s.gone(state, s.channelOf(id))
		case c.leg != "" && !slices.Contains(here, c.leg):
			s.gone(state, c.leg)
		case c.leg != "":
			talks[c.leg] = id
		default:
			waiting[id] = record.Caller.Queue
		}
	}
	return talks, waiting
}

// reconnect puts those into their bridges who are not, because the program ended while it did so.
func (s *Server) reconnect(ctx context.Context, talks, waiting map[string]string) {
	in := map[string]string{}
	bridges, err := s.App.Client.Bridges().List(ctx)
	if err != nil {
		s.log().Warn("queue: bridges not read", "error", err)
		return
	}
	for _, b := range bridges {
		for _, id := range b.Channels {
			in[id] = b.ID
		}
	}
	for leg, caller := range talks {
		if in[leg] == talkPrefix+caller && in[s.lineOf(ctx, caller)] == in[leg] {
			continue
		}
		if err := s.talk(ctx, caller, leg); err != nil && !ari.IsHangup(err) {
			s.log().Warn("queue: not connected again", "caller", caller, "error", err)
		}
	}
	for caller, queue := range waiting {
		line := s.lineOf(ctx, caller)
		if in[line] == holdPrefix+bridgeID(queue) {
			continue
		}
		if err := s.hold(ctx, queue, s.App.Channel(line)); err != nil && !ari.IsHangup(err) {
			s.log().Warn("queue: not put back", "caller", caller, "error", err)
		}
	}
}

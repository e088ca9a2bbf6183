package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/queue/acd"
)

// The variables in which the channels themselves say what they are, so that they can be taken over even if the Store is lost: the
// queue, the time of joining and all else that makes the place of a caller, and the agent whose telephone it is.
const (
	callerVariable = "ASTERISM_QUEUE_CALLER"
	agentVariable  = "ASTERISM_QUEUE_AGENT"
)

// tag has the channel of a caller say what the caller is. It is a second line of defence: without it the call goes on.
func (s *Server) tag(ctx context.Context, call *ari.Channel, r acd.CallerRecord) {
	text, err := json.Marshal(r)
	if err == nil {
		err = call.SetVar(ctx, callerVariable, string(text))
	}
	if err != nil && !ari.IsHangup(err) && ctx.Err() == nil {
		s.log().Warn("queue: a channel does not know whose it is", "caller", r.Caller.ID, "error", err)
	}
}

// tagged is what the channel of a caller says: what the caller is, or how the caller has left, if there is still something to be done.
type tagged struct {
	acd.CallerRecord
	Left *left `json:"left,omitempty"`
}

// left is a caller who is done with the queue, and is to leave a message, or to go on in the dialplan.
type left struct {
	Caller  acd.Caller `json:"caller"`
	Outcome uint8      `json:"outcome"` // an acd.Outcome
	To      string     `json:"to,omitempty"`
	// Recording is the name of the message, Language that in which it is asked for.
	Recording string `json:"recording,omitempty"`
	Language  string `json:"language,omitempty"`
}

func newLeft(how acd.Transition, language string) *left {
	l := &left{Caller: how.CallerInfo, Outcome: uint8(how.Outcome), To: how.To, Language: language}
	l.Caller.Queue = how.Queue
	return l
}

// how is the transition with which the caller has left, as far as it matters.
func (l *left) how() acd.Transition {
	return acd.Transition{
		Kind: acd.Left, Queue: l.Caller.Queue, Caller: l.Caller.ID, CallerInfo: l.Caller, Outcome: acd.Outcome(l.Outcome), To: l.To,
	}
}

// tagLeft has a channel say that its caller is done with the queue, so that whoever takes it over does not have the caller wait again.
func (s *Server) tagLeft(ctx context.Context, call *ari.Channel, l *left) error {
	text, err := json.Marshal(map[string]any{"left": l})
	if err == nil {
		err = call.SetVar(ctx, callerVariable, string(text))
	}
	return s.tolerate(ctx, call, err)
}

// resumeLeft goes on with a caller who was done with the queue before the program was. It reports whether the caller is one.
func (s *Server) resumeLeft(ctx context.Context, call *ari.Channel) (ok bool, err error) {
	text, err := s.App.Client.Channels().GetChannelVar(ctx, call.ID(), callerVariable)
	if err != nil || text == "" {
		return false, ignoreGone(err)
	}
	var t tagged
	if err := json.Unmarshal([]byte(text), &t); err != nil || t.Left == nil || s.queues[t.Left.Caller.Queue] == nil {
		return false, nil //nolint:nilerr // adopt has told of it
	}
	if t.Left.Recording != "" { // which nobody has asked to end: it is asked for again
		if err := ignoreGone(s.App.Client.Recordings().Cancel(ctx, t.Left.Recording)); err != nil {
			return true, err
		}
	}
	return true, s.goOn(ctx, call, t.Left.Language, t.Left.how())
}

// adopt takes those in of whom nothing is stored, by what their channels say.
func (s *Server) adopt(ctx context.Context, there census) {
	known := map[string]bool{}
	if err := s.look(ctx, func(*acd.State) error {
		for id := range s.callers {
			known[id] = true
		}
		for id := range s.ended {
			known[id] = true
		}
		return nil
	}); err != nil {
		return
	}
	in := there.in()
	for id := range there.channels {
		if known[id] || strings.HasPrefix(id, legPrefix) {
			continue
		}
		leg, err := s.adoptOne(ctx, id, there.talk(in[id], id))
		if err != nil && ctx.Err() == nil {
			s.log().Warn("queue: a caller is not known, and cannot be taken over", "caller", id, "error", err)
			s.leaveAlone(ctx, id, leg)
		}
	}
}

// talk returns the bridge in which a caller talks, nil if it is none.
func (c *census) talk(bridge, caller string) *ari.BridgeSnapshot {
	if bridge != talkPrefix+caller {
		return nil
	}
	i := slices.IndexFunc(c.bridges, func(b ari.BridgeSnapshot) bool { return b.ID == bridge })
	if i < 0 {
		return nil
	}
	return &c.bridges[i]
}

// adoptOne takes one in, by its variable. Who has none, or is not in the application, is not ours to take here.
func (s *Server) adoptOne(ctx context.Context, id string, talk *ari.BridgeSnapshot) (leg string, err error) {
	now, err := s.App.Client.Channels().Get(ctx, id)
	if err != nil || now.Dialplan.AppName != "Stasis" {
		return "", ignoreGone(err)
	}
	text, err := s.App.Client.Channels().GetChannelVar(ctx, id, callerVariable)
	if err != nil || text == "" {
		return "", ignoreGone(err)
	}
	var t tagged
	if err := json.Unmarshal([]byte(text), &t); err != nil || t.Left != nil {
		return "", err
	}
	r := t.CallerRecord
	r.Caller.ID, r.State = id, acd.Waiting
	if talk != nil {
		if leg, err = s.other(ctx, &r, talk); err != nil {
			return leg, err
		}
	}
	return leg, s.look(ctx, func(state *acd.State) error {
		if err := state.Return(r); err != nil {
			return err
		}
		s.callers[id] = newCaller(id, leg)
		close(s.callers[id].held)
		if leg != "" {
			s.legs[leg] = id
			s.line(leg, r.Agent)
		}
		return nil
	})
}

// other finds out who talks with a caller.
func (s *Server) other(ctx context.Context, r *acd.CallerRecord, talk *ari.BridgeSnapshot) (leg string, err error) {
	i := slices.IndexFunc(talk.Channels, func(id string) bool { return strings.HasPrefix(id, legPrefix) })
	if i < 0 {
		return "", nil // the agent has gone: the caller waits again
	}
	leg = talk.Channels[i]
	r.State, r.Answered = acd.Connected, talk.CreationTime
	if r.Agent, err = s.App.Client.Channels().GetChannelVar(ctx, leg, agentVariable); err != nil {
		return leg, fmt.Errorf("queue: whose telephone is %q: %w", leg, err)
	}
	return leg, nil
}

// leaveAlone has a talk go on of which it is not known whose it is. Both sides are legs then, each with the other.
func (s *Server) leaveAlone(ctx context.Context, caller, leg string) {
	if leg == "" {
		return
	}
	_ = s.look(ctx, func(*acd.State) error { // it fails if Serve ends
		s.legs[leg], s.legs[caller] = caller, leg
		return nil
	})
}

func ignoreGone(err error) error {
	if ari.IsNotFound(err) {
		return nil
	}
	return err
}

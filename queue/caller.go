package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/queue/acd"
)

// The variables of a call that goes on in the dialplan behind the queue.
const (
	OutcomeVariable = "QUEUE_OUTCOME" // such as timeout, exitkey, leaveempty, joinempty, full or toolong
	ToVariable      = "QUEUE_TO"      // where the key leads
)

// arrive has a call that comes from the dialplan.
func (s *Server) arrive(ctx context.Context, call *ari.Channel) error {
	start := call.Start()
	if start == nil {
		return errors.New("queue: a call without a start")
	}
	if old := start.ReplaceChannel; old != nil {
		if ours, err := s.takesPlace(ctx, call, old.ID); ours || err != nil {
			return err
		}
	}
	if isAgent(start.Args) {
		return s.phone(ctx, call, start.Args[1:])
	}
	c, err := callerOf(call.ID(), start.Args)
	if err != nil {
		return err
	}
	c.Number, c.Name, c.Joined = start.Channel.Caller.Number, start.Channel.Caller.Name, start.Timestamp
	return s.receive(ctx, call, c, start.Channel.Language)
}

// receive has a caller who is new.
func (s *Server) receive(ctx context.Context, call *ari.Channel, c acd.Caller, language string) error {
	if err := call.Answer(ctx); err != nil {
		return err
	}
	language, w, err := s.enter(ctx, call, c, language)
	if err != nil {
		if !s.survives(ctx, call, err) {
			return err
		}
		s.log().Error("queue: a caller joins without having been asked", "queue", c.Queue, "caller", c.ID, "error", err)
		w = wish{}
	}
	if w.left {
		return s.goOn(ctx, call, language, w.how)
	}
	return s.join(ctx, call, newcomer{Caller: c, language: language, wish: w})
}

// survives reports whether an error, such as of a sound that is not there, leaves a call that can go on without what has failed.
func (s *Server) survives(ctx context.Context, call *ari.Channel, err error) bool {
	over := errors.Is(err, ErrNotServing) || ari.IsHangup(err) || ivr.IsOver(err)
	return !over && ctx.Err() == nil && call.Err() == nil && s.App.Err() == nil
}

// tolerate tells of an error that is not worth the call, and returns those that are.
func (s *Server) tolerate(ctx context.Context, call *ari.Channel, err error) error {
	if err == nil || !s.survives(ctx, call, err) {
		return err
	}
	s.log().Error("queue: a caller was not told something", "channel", call.ID(), "error", err)
	return nil
}

// callerOf reads the arguments of Stasis: the queue, then priority=1, need=de:3, last=anna.
func callerOf(id string, args []string) (acd.Caller, error) {
	if len(args) == 0 || args[0] == "" {
		return acd.Caller{}, errors.New("queue: Stasis has no queue among its arguments")
	}
	c := acd.Caller{ID: id, Queue: args[0]}
	for _, arg := range args[1:] {
		key, value, _ := strings.Cut(arg, "=")
		var err error
		switch key {
		case "priority":
			c.Priority, err = strconv.Atoi(value)
		case "last":
			c.LastAgent = value
		case "need":
			skill, level, found := strings.Cut(value, ":")
			need := acd.Need{Skill: skill, Min: 1}
			if found {
				need.Min, err = strconv.Atoi(level)
			}
			c.Needs = append(c.Needs, need)
		default:
			err = errors.New("not known")
		}
		if err != nil {
			return acd.Caller{}, fmt.Errorf("queue: argument %q of Stasis: %w", arg, err)
		}
	}
	return c, nil
}

// newcomer is a caller who is about to join.
type newcomer struct {
	acd.Caller
	wish
	language string
}

// join lets a caller into the queue, and stays until the caller leaves it.
func (s *Server) join(ctx context.Context, call *ari.Channel, c newcomer) error {
	var here *caller
	var record acd.CallerRecord
	err := s.look(ctx, func(state *acd.State) error { // the caller is there, stored or not
		if err := state.Join(c.Caller); err != nil {
			return err
		}
		here = newCaller(c.ID, "")
		here.language = c.language
		s.callers[c.ID] = here
		if c.number != "" {
			if err := s.agree(state, here, c.number); err != nil {
				return err
			}
		}
		record, _ = state.Caller(c.ID)
		return nil
	})
	var refused *acd.RefusedError
	switch {
	case errors.As(err, &refused):
		return s.goOn(ctx, call, c.language, acd.Transition{Queue: c.Queue, CallerInfo: c.Caller, Outcome: refused.Outcome})
	case err != nil:
		return err
	case errors.Is(call.Err(), ari.ErrHangup): // before anybody knew of it
		close(here.held)
		s.tell(func(state *acd.State) { s.gone(state, c.ID, time.Time{}) })
		return call.Err()
	}
	if c.number != "" {
		close(here.held)
		q := s.queues[c.Queue]
		return s.tolerate(ctx, call, q.utter(ctx, call, c.language, or(q.Sounds.CallbackTaken, defaultSounds.CallbackTaken)))
	}
	err = s.hold(ctx, c.Queue, call)
	close(here.held)
	if err != nil && !ari.IsHangup(err) {
		s.log().Error("queue: no music", "queue", c.Queue, "caller", c.ID, "error", err)
	}
	s.tag(ctx, call, record)
	return s.attend(ctx, call, here)
}

// resume has a channel that was here before the program was.
func (s *Server) resume(ctx context.Context, call *ari.Channel) error {
	select {
	case <-s.counted: // who talks is known
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	var here *caller
	known, callback := false, false
	err := s.look(ctx, func(*acd.State) error {
		_, known = s.legs[call.ID()]
		id := s.idOf(call.ID())
		if here = s.callers[id]; here == nil {
			here = s.ended[id]
		} else {
			callback = here.callback != nil
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case here != nil && callback:
		return s.resumeCallback(ctx, call, here)
	case here != nil:
		return s.attend(ctx, call, here)
	case known:
		<-ctx.Done()
		return context.Cause(ctx)
	case strings.HasPrefix(call.ID(), legPrefix):
		return nil // an offer that nobody knows of: it is hung up
	}
	if done, err := s.resumeLeft(ctx, call); done || err != nil {
		return err
	}
	if strings.HasPrefix(call.ID(), customerPrefix) {
		return nil // so is an attempt
	}
	return s.rejoin(ctx, call)
}

// rejoin lets a caller in who has come so short before the end of the program that nothing was stored.
func (s *Server) rejoin(ctx context.Context, call *ari.Channel) error {
	now, err := call.Snapshot(ctx)
	if err != nil {
		return err
	}
	args := strings.Split(now.Dialplan.AppData, ",")
	args = args[min(1, len(args)):]
	if isAgent(args) {
		return nil // whoever has dialled a code dials it again
	}
	c, err := callerOf(call.ID(), args)
	if err != nil {
		return err
	}
	c.Number, c.Name, c.Joined = now.Caller.Number, now.Caller.Name, now.CreationTime
	return s.receive(ctx, call, c, now.Language)
}

// attend stays with a caller until the caller has left the queue, tells the position now and then, and what else there is to tell.
func (s *Server) attend(ctx context.Context, call *ari.Channel, here *caller) error {
	var every, again time.Duration
	position, turn := 0, 0
	err := s.look(ctx, func(state *acd.State) error {
		if r, ok := state.Caller(here.id); ok {
			every, again = s.queues[r.Caller.Queue].AnnounceEvery, s.queues[r.Caller.Queue].PeriodicEvery
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		return err
	}
	announce, periodic := newTicks(every), newTicks(again)
	defer announce.stop()
	defer periodic.stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-here.over:
			return s.leave(ctx, call, here)
		case <-here.asked:
			if s.wishCallback(ctx, call, here) {
				return nil
			}
		case <-announce.c:
			position = s.announce(ctx, call, here, position)
		case <-periodic.c:
			turn = s.periodic(ctx, call, here, turn)
		}
	}
}

// ticks come again and again; the zero value has none.
type ticks struct {
	c      <-chan time.Time
	ticker *time.Ticker
}

func newTicks(every time.Duration) ticks {
	if every <= 0 {
		return ticks{}
	}
	ticker := time.NewTicker(every)
	return ticks{ticker.C, ticker}
}

func (t ticks) stop() {
	if t.ticker != nil {
		t.ticker.Stop()
	}
}

// leave does with a caller what is to be done when the queue is done.
func (s *Server) leave(ctx context.Context, call *ari.Channel, here *caller) error {
	how := here.how
	if how.Kind == acd.Finished || how.Outcome == acd.Abandoned || how.Outcome == acd.Restart {
		return nil // it is hung up
	}
	if call.ID() != here.id && !s.queues[how.Queue].Voicemail.takes(how) {
		return nil // who was called back has no dialplan to go on in
	}
	return s.goOn(ctx, call, here.language, how)
}

// goOn has a caller leave a message, or sends the call on in the dialplan.
func (s *Server) goOn(ctx context.Context, call *ari.Channel, language string, how acd.Transition) error {
	if s.queues[how.Queue].Voicemail.takes(how) {
		return s.message(ctx, call, language, how)
	}
	if err := s.tagLeft(ctx, call, newLeft(how, language)); err != nil {
		return err
	}
	return s.sendOn(ctx, call, how)
}

// sendOn sends a call on in the dialplan.
func (s *Server) sendOn(ctx context.Context, call *ari.Channel, how acd.Transition) error {
	for _, v := range [][2]string{{OutcomeVariable, how.Outcome.String()}, {ToVariable, how.To}, {callerVariable, ""}} { // in this order
		if err := call.SetVar(ctx, v[0], v[1]); err != nil {
			return err
		}
	}
	return call.Continue(ctx, ari.ChannelContinueInDialplanParams{})
}

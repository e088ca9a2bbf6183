package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/asterism-go/asterism/ari"
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
	c, err := callerOf(call.ID(), start.Args)
	if err != nil {
		return err
	}
	c.Number, c.Name, c.Joined = start.Channel.Caller.Number, start.Channel.Caller.Name, start.Timestamp
	if err := call.Answer(ctx); err != nil {
		return err
	}
	return s.join(ctx, call, c)
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

// join lets a caller into the queue, and stays until the caller leaves it.
func (s *Server) join(ctx context.Context, call *ari.Channel, c acd.Caller) error {
	var here *caller
	var record acd.CallerRecord
	err := s.look(ctx, func(state *acd.State) error { // the caller is there, stored or not
		if err := state.Join(c); err != nil {
			return err
		}
		here = newCaller("")
		s.callers[c.ID] = here
		record, _ = state.Caller(c.ID)
		return nil
	})
	var refused *acd.RefusedError
	switch {
	case errors.As(err, &refused):
		return s.sendOn(ctx, call, acd.Transition{Outcome: refused.Outcome})
	case err != nil:
		return err
	case errors.Is(call.Err(), ari.ErrHangup): // before anybody knew of it
		close(here.held)
		s.tell(func(state *acd.State) { s.gone(state, c.ID, time.Time{}) })
		return call.Err()
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
	known := false
	err := s.look(ctx, func(*acd.State) error {
		_, known = s.legs[call.ID()]
		if here = s.callers[call.ID()]; here == nil {
			here = s.ended[call.ID()]
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case here != nil:
		return s.attend(ctx, call, here)
	case known:
		<-ctx.Done()
		return context.Cause(ctx)
	case strings.HasPrefix(call.ID(), legPrefix):
		return nil // an offer that nobody knows of: it is hung up
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
	c, err := callerOf(call.ID(), args[min(1, len(args)):])
	if err != nil {
		return err
	}
	c.Number, c.Name, c.Joined = now.Caller.Number, now.Caller.Name, now.CreationTime
	if err := call.Answer(ctx); err != nil {
		return err
	}
	return s.join(ctx, call, c)
}

// attend stays with a caller until the caller has left the queue, and tells the position now and then.
func (s *Server) attend(ctx context.Context, call *ari.Channel, here *caller) error {
	every, position := time.Duration(0), 0
	err := s.look(ctx, func(state *acd.State) error {
		if r, ok := state.Caller(call.ID()); ok {
			every = s.queues[r.Caller.Queue].AnnounceEvery
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		return err
	}
	var tick <-chan time.Time
	if every > 0 {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-here.over:
			return s.leave(ctx, call, here.how)
		case <-tick:
			position = s.announce(ctx, call, here, position)
		}
	}
}

// leave does with a caller what is to be done when the queue is done.
func (s *Server) leave(ctx context.Context, call *ari.Channel, how acd.Transition) error {
	if how.Kind == acd.Finished || how.Outcome == acd.Abandoned || how.Outcome == acd.Restart {
		return nil // it is hung up
	}
	return s.sendOn(ctx, call, how)
}

// sendOn sends a call on in the dialplan.
func (s *Server) sendOn(ctx context.Context, call *ari.Channel, how acd.Transition) error {
	for name, value := range map[string]string{OutcomeVariable: how.Outcome.String(), ToVariable: how.To, callerVariable: ""} {
		if err := call.SetVar(ctx, name, value); err != nil {
			return err
		}
	}
	return call.Continue(ctx, ari.ChannelContinueInDialplanParams{})
}

// announce tells a caller the position, if it has become better. It returns what the caller knows.
func (s *Server) announce(ctx context.Context, call *ari.Channel, here *caller, known int) int {
	position := 0
	var wait time.Duration
	saying, cancel := context.WithCancel(ctx)
	defer cancel()
	err := s.look(ctx, func(state *acd.State) error {
		if r, ok := state.Caller(call.ID()); ok && r.State == acd.Waiting {
			var expected acd.Expected
			position, expected, _ = state.Place(call.ID())
			if s.queues[r.Caller.Queue].AnnounceWait {
				wait = expected.P50
			}
		}
		if position == 0 || known > 0 && position >= known {
			position = 0
			return nil
		}
		here.spoken.Lock()
		here.quiet = func() {
			cancel()
			here.spoken.Lock() // once it is over
			defer here.spoken.Unlock()
		}
		return nil
	})
	if err != nil || position == 0 {
		return known
	}
	defer here.spoken.Unlock()
	if err := call.Play(saying, spoken(position, wait)...); err != nil && saying.Err() == nil && !ari.IsHangup(err) {
		s.log().Warn("queue: not announced", "caller", call.ID(), "error", err)
	}
	return position
}

// spoken is how a position and an expected wait are said, the latter in minutes that have begun; zero: not at all.
func spoken(position int, wait time.Duration) []string {
	media := []string{"sound:queue-thereare", "number:" + strconv.Itoa(position), "sound:queue-callswaiting"}
	if position == 1 {
		media = []string{"sound:queue-youarenext"}
	}
	if wait > 0 {
		minutes := int((wait + time.Minute - 1) / time.Minute)
		media = append(media, "sound:queue-holdtime", "number:"+strconv.Itoa(minutes), "sound:queue-minutes")
	}
	return media
}

package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ivr"
	"github.com/asterism-go/asterism/ivr/arichannel"
	"github.com/asterism-go/asterism/queue/acd"
)

// customerPrefix begins the ids of the channels to customers who are called back.
const customerPrefix = "asterism-customer-"

// attempt is a customer who is being dialled.
type attempt struct {
	over  chan struct{} // closed when it is known how it ended
	err   error         // after over: why the customer was not reached
	agent bool          // an agent waits for it, and is told before the next attempt is planned; the owner's
}

// errNotReached says that a customer was not reached, errAttemptOver that nobody wants to reach that customer any more.
var (
	errNotReached  = errors.New("queue: the customer is not reached")
	errAttemptOver = errors.New("queue: the attempt to reach the customer is over")
)

// spokenCall is a call in a language.
func spokenCall(channel *arichannel.Channel, language string) *ivr.Call {
	return ivr.NewCall(spoken{channel, language})
}

// spoken is a channel whose language is known otherwise than by its start.
type spoken struct {
	*arichannel.Channel
	language string
}

// Info is that of [ivr.Channel].
func (s spoken) Info() ivr.Info {
	info := s.Channel.Info()
	info.Language = s.language
	return info
}

// channelOf is the channel of a caller: its own, or that on which it was called back. It is the owner's.
func (s *Server) channelOf(id string) string {
	if c := s.callers[id]; c != nil && c.callback != nil && c.callback.Channel != "" {
		return c.callback.Channel
	}
	return id
}

// idOf is the caller on a channel. It is the owner's.
func (s *Server) idOf(channel string) string {
	if id, ok := s.customers[channel]; ok {
		return id
	}
	return channel
}

// prepare notes what is to be stored of a transition before it is followed: that a customer is about to be dialled.
func (s *Server) prepare(t acd.Transition) {
	c := s.callers[t.Caller]
	if t.Kind != acd.CallbackDue || c == nil || c.callback == nil {
		return
	}
	c.callback.Attempts++
	c.callback.Channel = customerPrefix + uuid.NewString()
	s.customers[c.callback.Channel] = c.id
	if c.attempt == nil {
		c.attempt = &attempt{over: make(chan struct{})}
	}
}

// dialCustomer dials a customer, who then waits until the queue is done.
func (s *Server) dialCustomer(t acd.Transition) {
	c := s.callers[t.Caller]
	if c == nil || c.callback == nil || c.attempt == nil {
		return
	}
	q, id := s.queues[t.Queue], c.callback.Channel
	s.tasks.Go(func() {
		ctx, cancel := context.WithCancelCause(s.life)
		defer cancel(nil)
		call, err := s.customer(ctx, q, id, t.CallerInfo)
		if err != nil {
			s.missed(ctx, c, id, err)
			return
		}
		s.reached(ctx, call, c)
	})
}

// customer makes the channel and dials it, unless the attempt is over by then: whoever has ended it may have found no channel to
// hang up.
func (s *Server) customer(ctx context.Context, q *Queue, id string, who acd.Caller) (*ari.Channel, error) {
	if q.Callback == nil { // any more, since the wish was stored
		return nil, fmt.Errorf("queue: %q calls nobody back", q.Name)
	}
	number, ok := q.Callback.number(who.Number)
	if !ok {
		return nil, errors.New("queue: the number is not allowed any more")
	}
	call, err := s.App.Create(ctx, ari.ChannelCreateParams{
		Endpoint: strings.ReplaceAll(q.Callback.Endpoint, numberMark, number), ChannelID: id,
	})
	if err != nil {
		return nil, err
	}
	if err = s.look(ctx, func(*acd.State) error { return s.current(id) }); err == nil {
		err = show(ctx, call, q.Callback.CallerID)
	}
	if err == nil {
		// when the server ends the telephone goes on ringing
		err = call.Dial(context.WithoutCancel(ctx), ari.ChannelDialParams{Timeout: q.Callback.RingTimeout})
	}
	if err != nil && ctx.Err() == nil {
		s.hangUp(id)
	}
	return call, err
}

// current is errAttemptOver unless a channel is that of an attempt that goes on, or has reached its customer. It is the owner's.
func (s *Server) current(channel string) error {
	if _, ok := s.customers[channel]; !ok {
		return errAttemptOver
	}
	return nil
}

// missed ends the attempt on a channel in vain, if it is not over yet, and plans the next one if there is any.
func (s *Server) missed(ctx context.Context, c *caller, channel string, why error) {
	if ctx.Err() != nil || s.App.Err() != nil {
		return // whoever takes over finds out
	}
	s.tell(func(state *acd.State) {
		if s.current(channel) == nil {
			s.missCallback(state, c, why)
		}
	})
}

// missCallback is missed for the owner. If an agent waits for the customer, planCallback is yet to come: until then the agent is told,
// and gets no other call.
func (s *Server) missCallback(state *acd.State, c *caller, why error) {
	if _, ok := state.Caller(c.id); !ok || c.callback == nil {
		return
	}
	delete(s.customers, c.callback.Channel)
	c.callback.Channel, c.callback.Reached = "", false
	c.vain = why
	waits := c.attempt != nil && c.attempt.agent
	s.endAttempt(c, errors.Join(errNotReached, why))
	if !waits {
		s.planCallback(state, c)
	}
}

// planCallback plans the next attempt after one in vain, if there is any.
func (s *Server) planCallback(state *acd.State, c *caller) {
	why := c.vain
	c.vain = nil
	r, ok := state.Caller(c.id)
	if !ok || why == nil {
		return
	}
	q := s.queues[r.Caller.Queue]
	var err error
	if q.Callback == nil || c.callback.Attempts >= q.Callback.Attempts {
		err = state.FailCallback(c.id)
	} else {
		err = state.MissCallback(c.id, reasonOf(why), state.Now().Add(q.Callback.Pause))
	}
	if err != nil {
		s.log().Debug("queue: a call-back was over", "caller", c.id, "error", err)
	}
}

func (s *Server) endAttempt(c *caller, err error) {
	if c.attempt != nil {
		c.attempt.err = err
		close(c.attempt.over)
		c.attempt = nil
	}
}

// reasonOf is why a customer was not reached, in a word.
func reasonOf(why error) string {
	var failed *ari.DialError
	if errors.As(why, &failed) {
		return causeOf(why).String()
	}
	switch {
	case errors.Is(why, errNotReached):
		return "interrupted"
	case ari.IsHangup(why):
		return "hung_up"
	}
	return acd.Unreachable.String()
}

// reached has a customer who has answered wait like any other caller.
func (s *Server) reached(ctx context.Context, call *ari.Channel, c *caller) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := context.AfterFunc(lifeOf(call), func() { cancel(ari.ErrHangup) })
	defer stop()
	queue, err := s.greet(ctx, call, c)
	if err == nil {
		err = s.hold(ctx, queue, call)
	}
	if err == nil {
		err = s.do(ctx, func(state *acd.State) error {
			if err := s.current(call.ID()); err != nil {
				return err
			}
			if err := state.ReachCallback(c.id); err != nil {
				return err
			}
			c.callback.Reached = true
			s.endAttempt(c, nil)
			return nil
		})
	}
	switch {
	case err != nil && (s.life.Err() != nil || s.App.Err() != nil):
		return // whoever takes over goes on
	case err != nil:
		s.missed(s.life, c, call.ID(), err)
	case call.Err() != nil: // before anybody knew that they wait
		s.tell(func(state *acd.State) { s.gone(state, call.ID(), time.Time{}) })
	default:
		err = s.attend(ctx, call, c)
	}
	if s.life.Err() == nil && !errors.Is(err, ErrNotServing) {
		s.hangUp(call.ID())
	}
}

// lifeOf is a context that ends when a channel leaves the application.
func lifeOf(call *ari.Channel) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-call.Done()
		cancel()
	}()
	return ctx
}

// greet tells a customer who calls, and returns the queue.
func (s *Server) greet(ctx context.Context, call *ari.Channel, c *caller) (queue string, err error) {
	err = s.do(ctx, func(state *acd.State) error {
		r, ok := state.Caller(c.id)
		if !ok {
			return errAttemptOver
		}
		queue = r.Caller.Queue
		return nil
	})
	if err != nil {
		return "", err
	}
	q := s.queues[queue]
	if c.language != "" {
		if err := call.SetVar(ctx, languageVariable, c.language); err != nil {
			return "", err
		}
	}
	if err := q.utter(ctx, call, c.language, or(q.Sounds.CalledBack, defaultSounds.CalledBack)); err != nil && call.Err() != nil {
		return "", err
	}
	return queue, nil
}

// resumeCallback has a channel that has to do with a call-back, after the program was restarted.
func (s *Server) resumeCallback(ctx context.Context, call *ari.Channel, c *caller) error {
	if call.ID() == c.id {
		return nil // the caller who has asked for it: hung up, as was about to be done
	}
	reached := false
	err := s.look(ctx, func(*acd.State) error { reached = c.callback != nil && c.callback.Reached; return nil })
	if err != nil {
		return err
	}
	if reached {
		return s.attend(ctx, call, c)
	}
	if err := s.awaitUp(ctx, call, c); err != nil {
		s.missed(s.life, c, call.ID(), err)
		return nil // it is told
	}
	s.reached(s.life, call, c)
	<-ctx.Done() // it was hung up, or is somebody else's now
	return context.Cause(ctx)
}

// pollUp is how often it is looked whether a customer has answered whom the program before this one has dialled.
const pollUp = 100 * time.Millisecond

// awaitUp waits for the answer.
func (s *Server) awaitUp(ctx context.Context, call *ari.Channel, c *caller) error {
	ticker := time.NewTicker(pollUp)
	defer ticker.Stop()
	for {
		now, err := call.Snapshot(ctx)
		switch {
		case err != nil:
			return err
		case now.State == ari.ChannelStateUp:
			return nil
		case now.State == ari.ChannelStateDown && now.CreationTime.Add(cleanupTimeout).Before(time.Now()):
			return errNotReached // made and never dialled
		case now.CreationTime.Add(s.ringLimit(c)).Before(time.Now()):
			s.hangUp(call.ID())
			return errNotReached
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// ringLimit is how long a customer's telephone may ring.
func (s *Server) ringLimit(c *caller) time.Duration {
	limit := time.Minute
	if err := s.look(s.life, func(state *acd.State) error {
		if r, ok := state.Caller(c.id); ok && s.queues[r.Caller.Queue].Callback != nil {
			limit = s.queues[r.Caller.Queue].Callback.RingTimeout
		}
		return nil
	}); err != nil {
		s.log().Debug("queue: no limit", "error", err)
	}
	return limit
}

// missingCallback finds out what has become of a call-back while there was no program. It reports whether the caller is one that
// nobody has to look at any more.
func (s *Server) missingCallback(state *acd.State, c *caller, there census) bool {
	switch {
	case c.callback == nil || c.callback.Reached:
		return false
	case c.attempt != nil || c.vain != nil: // this program is at it
	case c.callback.Channel == "" && there.channels[c.id]: // not hung up yet
	case c.callback.Channel == "":
		s.hungUpForCallback(state, c)
	case !there.channels[c.callback.Channel]:
		s.missCallback(state, c, errNotReached)
	}
	return true
}

// hungUpForCallback says that the caller who is to be called back has hung up.
func (s *Server) hungUpForCallback(state *acd.State, c *caller) {
	r, ok := state.Caller(c.id)
	if !ok || !r.Away {
		return
	}
	grace := time.Duration(0)
	if q := s.queues[r.Caller.Queue]; q.Callback != nil {
		grace = q.Callback.Grace
	}
	if err := state.RestCallback(c.id, state.Now().Add(grace)); err != nil {
		s.log().Debug("queue: a call-back was over", "caller", c.id, "error", err)
	}
}

// lineOf is channelOf for who is not the owner.
func (s *Server) lineOf(ctx context.Context, id string) string {
	line := id
	if err := s.look(ctx, func(*acd.State) error { line = s.channelOf(id); return nil }); err != nil {
		s.log().Debug("queue: no line", "caller", id, "error", err)
	}
	return line
}

// keep adds what is to be stored of a caller.
func (c *caller) keep(r *CallerRecord) {
	r.Language = c.language
	if c.callback != nil {
		copied := *c.callback
		r.Callback = &copied
	}
}

// recallCallback is the way back.
func (s *Server) recallCallback(c *caller, r CallerRecord) {
	c.language = r.Language
	if r.Callback == nil {
		return
	}
	copied := *r.Callback
	c.callback = &copied
	if copied.Channel != "" {
		s.customers[copied.Channel] = c.id
	}
}

// goneCallback has a channel that has left and that has to do with a call-back. It reports whether nobody else has to look at it.
func (s *Server) goneCallback(state *acd.State, channel string) bool {
	c := s.callers[s.idOf(channel)]
	switch {
	case c == nil || c.callback == nil:
		return false
	case channel == c.id:
		s.hungUpForCallback(state, c)
		return true
	}
	return !c.callback.Reached // who dials sees it too
}

// endCallback forgets a customer, and hangs up one who is still being dialled.
func (s *Server) endCallback(c *caller) {
	if c.callback == nil || c.callback.Channel == "" {
		return
	}
	channel := c.callback.Channel
	delete(s.customers, channel)
	if !c.callback.Reached {
		s.endAttempt(c, errNotReached)
		s.tasks.Go(func() { s.hangUp(channel) })
	}
}

// key has a caller who has pressed a key: it stops what is being said, unless that takes keys itself.
func (s *Server) key(state *acd.State, id, key string) {
	c := s.callers[id]
	if c == nil || c.dialog {
		return
	}
	c.hush()
	if state.Exit(id, key) {
		return
	}
	r, ok := state.Caller(id)
	if !ok || r.Caller.Callback || c.callback != nil {
		return
	}
	if q := s.queues[r.Caller.Queue]; q.Callback != nil && q.Callback.Key == key {
		select {
		case c.asked <- struct{}{}:
		default:
		}
	}
}

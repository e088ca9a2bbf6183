package ari

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
)

// Handler has one call. ctx ends when the channel leaves the application, with [ErrHangup] as its cause, and when the server
// does. Each call has a goroutine of its own.
//
// When it returns nil, the channel is hung up, unless it has left the application already, or a Continue was asked for. If it
// returns an error or panics, the channel is sent on in the dialplan behind its Stasis, with the variable ARI_STATUS set to
// FAILURE, so that the dialplan can do something for the caller.
type Handler func(ctx context.Context, ch *Channel) error

// The values of the variable ARI_STATUS of a call that is sent on in the dialplan.
const (
	StatusVariable = "ARI_STATUS"
	StatusFailure  = "FAILURE"  // the handler has failed
	StatusDraining = "DRAINING" // the server takes no more calls
	StatusOverload = "OVERLOAD" // it has as many as it takes
)

// ErrServerClosed is what Serve returns after Shutdown.
var ErrServerClosed = errors.New("ari: the server is closed")

// Server gives the calls that come into an application to a handler. The fields must not change after Serve.
type Server struct {
	// App is the application. Serve connects it if nobody has.
	App *App
	// Handler has each call that comes. Channels that the App has made itself are none.
	Handler Handler
	// Resume, if not nil, has each call that was in the application before the App was connected: after a restart it finds its
	// calls again, by what it has stored in their variables and in the names of bridges. The handle knows neither digits nor
	// bridges from before.
	Resume Handler
	// MaxCalls bounds how many calls there are at once; more are sent on in the dialplan. Zero: no bound.
	MaxCalls int

	once     sync.Once
	life     context.Context //nolint:containedctx // of the calls, between Serve and its end
	cancel   context.CancelCauseFunc
	closed   chan struct{}
	finished sync.WaitGroup

	mu       sync.Mutex
	active   map[*Channel]bool
	draining bool
	stopped  bool          // Serve waits for the last handlers, or has returned
	idle     chan struct{} // closed when it drains and no call is left
}

// Serve gives the calls of an application to a handler until ctx ends; see [Server].
func Serve(ctx context.Context, app *App, handler Handler) error {
	return (&Server{App: app, Handler: handler}).Serve(ctx)
}

func (s *Server) setup() {
	s.once.Do(func() {
		s.life, s.cancel = context.WithCancelCause(context.Background())
		s.closed, s.idle = make(chan struct{}), make(chan struct{})
		s.active = map[*Channel]bool{}
	})
}

// Serve connects the App if it is Idle and gives its calls to the handler, until ctx or the App ends, or Shutdown is called. It
// returns when all handlers have: those that are running when ctx ends are told by their contexts. The error is the cause of
// ctx, why the App has ended, or [ErrServerClosed]; the App is not closed.
func (s *Server) Serve(ctx context.Context) error {
	s.setup()
	if !s.App.server.CompareAndSwap(nil, s) {
		return errors.New("ari: the application has a server already")
	}
	defer s.App.server.Store(nil)
	err := s.open(ctx)
	if err == nil {
		err = s.wait(ctx)
	}
	s.drain()
	s.cancel(err)
	s.stop()
	s.finished.Wait()
	return err
}

// open connects the App, or resumes the calls of one that is connected.
func (s *Server) open(ctx context.Context) error {
	if s.App.State() == Idle {
		return s.App.Connect(ctx)
	}
	if s.Resume == nil {
		return nil
	}
	if err := s.App.Ready(ctx); err != nil {
		return err
	}
	ids, err := s.resume(ctx)
	s.finished.Go(func() { s.App.confirm(s.life, ids) })
	return err
}

// wait returns why the server is to end, when it is.
func (s *Server) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.App.Done():
		return s.App.Err()
	case <-s.closed:
		return ErrServerClosed
	}
}

// drain takes no more calls.
func (s *Server) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.draining {
		s.draining = true
		if len(s.active) == 0 {
			close(s.idle)
		}
	}
}

func (s *Server) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
}

// Shutdown ends the server gently: calls that come are sent on in the dialplan with the variable ARI_STATUS set to DRAINING,
// and those that there are go on until they end, or until ctx does. Then Serve returns.
func (s *Server) Shutdown(ctx context.Context) error {
	s.setup()
	s.drain()
	var err error
	select {
	case <-s.idle:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
	default:
		close(s.closed)
	}
	return err
}

// Calls returns how many calls there are.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.active)
}

// begin has a handler for a channel that has come into the application. It does not wait.
func (s *Server) begin(ch *Channel) { s.run(ch, s.Handler) }

func (s *Server) run(ch *Channel, handler Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped || s.active[ch] { // a call that comes back before its first handler has returned is another Channel
		return
	}
	refused := s.admit(ch)
	s.finished.Go(func() {
		switch refused {
		case "":
			s.call(ch, handler)
		default:
			s.sendOn(ch, refused)
		}
	})
}

// admit reports why a call is refused, if so. The lock is held.
func (s *Server) admit(ch *Channel) string {
	switch {
	case s.draining:
		return StatusDraining
	case s.MaxCalls > 0 && len(s.active) >= s.MaxCalls:
		return StatusOverload
	}
	s.active[ch] = true
	return ""
}

// call runs the handler, and does with the channel what is to be done after it.
func (s *Server) call(ch *Channel, handler Handler) {
	defer s.over(ch)
	ctx, cancel := ch.within(s.life)
	defer cancel()
	ctx, end := s.spanCall(ctx, ch)
	err := protect(ctx, ch, handler)
	end(err)
	switch {
	case ch.isLeaving(), ch.Err() != nil: // it is elsewhere, and may even have come back
	case err == nil:
		cleanup(ctx, func(ctx context.Context) { s.tidy(ch, ch.Hangup(ctx)) })
	case s.life.Err() != nil:
		s.sendOn(ch, StatusDraining)
	default:
		s.App.log().Error("ari: a handler has failed", "app", s.App.Name, "channel", ch.id, "error", err)
		s.sendOn(ch, StatusFailure)
	}
}

func (s *Server) over(ch *Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.active, ch)
	if s.draining && len(s.active) == 0 {
		select {
		case <-s.idle:
		default:
			close(s.idle)
		}
	}
}

// protect runs a handler; a panic is an error with its stack.
func protect(ctx context.Context, ch *Channel, handler Handler) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("ari: the handler panics: %v\n%s", r, debug.Stack())
		}
	}()
	return handler(ctx, ch)
}

// sendOn sends a call on in the dialplan, which can ask why.
func (s *Server) sendOn(ch *Channel, status string) {
	cleanup(s.life, func(ctx context.Context) {
		err := ch.SetVar(ctx, StatusVariable, status)
		if err == nil {
			err = ch.Continue(ctx, ChannelContinueInDialplanParams{})
		}
		s.tidy(ch, err)
	})
}

// tidy tells of a channel with which nothing could be done, if it is still there.
func (s *Server) tidy(ch *Channel, err error) {
	if err != nil && ch.Err() == nil && !IsHangup(err) {
		s.App.log().Warn("ari: a channel may be left behind", "app", s.App.Name, "channel", ch.id, "error", err)
	}
}

// resume has a handler for each channel that was in the application before, and returns them.
func (s *Server) resume(ctx context.Context) (ids []string, err error) {
	if s.Resume == nil {
		return nil, nil
	}
	application, err := s.App.Client.Applications().Get(ctx, s.App.Name)
	if err != nil {
		return nil, err
	}
	if err := s.App.catchUp(ctx); err != nil { // those whose StasisStart is under way are new
		return nil, err
	}
	for _, id := range application.ChannelIDs {
		if s.App.calls.get(id) != nil {
			continue
		}
		ours, err := s.owns(ctx, id)
		if err != nil {
			return ids, err
		}
		if ours && s.takeUp(id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// takeUp has a handler for a channel, unless an event has come meanwhile that says otherwise.
func (s *Server) takeUp(id string) bool {
	s.App.order.Lock()
	defer s.App.order.Unlock()
	if s.App.calls.get(id) != nil || s.App.past.left(id) {
		return false
	}
	ch := newChannel(s.App, id)
	ch.resume()
	s.App.calls.expect(ch)
	s.run(ch, s.Resume)
	return true
}

// owns reports whether a channel is in the application. Asterisk lists others too: those that it sends the events of, such as the
// other end of a Local channel, which may be in another application, and those that have moved there.
func (s *Server) owns(ctx context.Context, id string) (bool, error) {
	snapshot, err := s.App.Client.Channels().Get(ctx, id)
	if err != nil {
		return false, ignoreGone(err)
	}
	name := firstApp(snapshot.Dialplan.AppData)
	if snapshot.Dialplan.AppName == "" { // another client, which does not read it: what is in no application is refused
		name = s.App.Name
		if in, err := s.isInSome(ctx, id); err != nil || !in {
			return false, err
		}
	} else if snapshot.Dialplan.AppName != "Stasis" {
		return false, nil
	}
	moved, err := s.App.Client.Channels().GetChannelVar(ctx, id, appVariable)
	if err == nil && moved != "" {
		name = moved
	}
	return name == s.App.Name, ignoreGone(err)
}

// isInSome reports whether a channel is in an application, by a request that does nothing: Asterisk looks at that first, and only
// then at the direction (ast_ari_channels_mute in res/ari/resource_channels.c), which it does not know, or at the state.
func (s *Server) isInSome(ctx context.Context, id string) (bool, error) {
	err := s.App.Client.Channels().Mute(ctx, id, "none")
	var refused *Error
	if !errors.As(err, &refused) {
		return false, err
	}
	return refused.Status == 400 || refused.Status == 412, nil
}

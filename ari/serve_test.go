package ari_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// serving runs a server until the test ends.
func serving(t *testing.T, s *ari.Server) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- s.Serve(ctx) }()
	must(t, s.App.Ready(within(t)))
	t.Cleanup(func() {
		cancel()
		if err := await(t, over); !errors.Is(err, context.Canceled) && !errors.Is(err, ari.ErrServerClosed) && !errors.Is(err, ari.ErrClosed) {
			t.Errorf("Serve: %v", err)
		}
		s.App.Close()
	})
}

// dialIn has a call come in at the extension app, whose caller is in the dialplan, and returns its id.
func dialIn(t *testing.T, client *ari.Client) string {
	t.Helper()
	ch := get[*ari.ChannelSnapshot](t)(client.Channels().Originate(within(t), ari.ChannelOriginateParams{
		Endpoint: "Local/app@default/n", Context: "default", Extension: "quiet", Priority: 1,
	}))
	return ch.ID
}

// status is what the dialplan has written down behind Stasis, once it has.
func status(t *testing.T, client *ari.Client) string {
	t.Helper()
	ctx, v := within(t), ""
	eventually(ctx, t, "the dialplan goes on", func() bool {
		v = get[string](t)(client.Asterisk().GetGlobalVar(ctx, "LAST"))
		return v != ""
	})
	must(t, client.Asterisk().SetGlobalVar(ctx, "LAST", ""))
	return v
}

func TestServe(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	type outcome struct {
		ch  *ari.Channel
		err error
	}
	handled := make(chan outcome, 8)
	next := make(chan ari.Handler, 8)
	server := &ari.Server{App: &ari.App{Client: client, Name: "test"}, MaxCalls: 2, Handler: func(ctx context.Context, ch *ari.Channel) error {
		err := (<-next)(ctx, ch)
		handled <- outcome{ch, err}
		return err
	}}
	serving(t, server)

	// one that ends well is hung up
	next <- func(ctx context.Context, ch *ari.Channel) error {
		if args := strings.Join(ch.Args(), " "); args != "one two" {
			t.Errorf("args %q", args)
		}
		return ch.Play(ctx, "sound:beep")
	}
	dialIn(t, client)
	o := await(t, handled)
	must(t, o.err)
	await(t, o.ch.Done())

	// one that fails goes on in the dialplan
	next <- func(context.Context, *ari.Channel) error { return errors.New("no") }
	dialIn(t, client)
	await(t, handled)
	if got := status(t, client); got != "FAILURE-SUCCESS" {
		t.Errorf("status %q", got)
	}

	// so does one that panics
	next <- func(context.Context, *ari.Channel) error { panic("oh") }
	dialIn(t, client)
	if got := status(t, client); got != "FAILURE-SUCCESS" {
		t.Errorf("status %q", got)
	}

	// one that is sent on is not hung up
	next <- func(ctx context.Context, ch *ari.Channel) error {
		return ch.Continue(ctx, ari.ChannelContinueInDialplanParams{Context: "default", Extension: "back", Priority: 1})
	}
	dialIn(t, client)
	await(t, handled)
	if got := status(t, client); got != "back" {
		t.Errorf("status %q", got)
	}

	// a hangup ends the context
	next <- func(ctx context.Context, ch *ari.Channel) error {
		if err := ch.Hangup(ctx); err != nil {
			return err
		}
		<-ctx.Done()
		return context.Cause(ctx)
	}
	dialIn(t, client)
	if o := await(t, handled); !errors.Is(o.err, ari.ErrHangup) {
		t.Errorf("got %v", o.err)
	}

	// more than MaxCalls are sent on, and so are those that come while it drains
	release := make(chan struct{})
	for range 2 {
		next <- func(context.Context, *ari.Channel) error { <-release; return nil }
		dialIn(t, client)
	}
	eventually(within(t), t, "both calls are there", func() bool { return server.Calls() == 2 })
	dialIn(t, client)
	if got := status(t, client); got != "OVERLOAD-SUCCESS" {
		t.Errorf("status %q", got)
	}
	over := make(chan error, 1)
	go func() { over <- server.Shutdown(within(t)) }()
	eventually(within(t), t, "it drains", func() bool {
		dialIn(t, client)
		return status(t, client) == "DRAINING-SUCCESS"
	})
	close(release)
	must(t, await(t, over))
}

// After a restart a server finds its calls again.
func TestServeResumes(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	began := make(chan *ari.Channel, 1)
	wait := func(ctx context.Context, ch *ari.Channel) error {
		if err := ch.SetVar(ctx, "STATE", "waiting"); err != nil {
			return err
		}
		for v := ""; v != "waiting" && breathe(ctx) == nil; { // Asterisk 16 sets it later
			v, _ = ch.Var(ctx, "STATE")
		}
		began <- ch
		<-ctx.Done()
		return context.Cause(ctx)
	}
	ctx, cancel := context.WithCancel(context.Background())
	first := &ari.App{Client: client, Name: "test"}
	must(t, first.Connect(within(t)))
	over := make(chan error, 1)
	go func() { over <- ari.Serve(ctx, first, wait) }()
	dialIn(t, client)
	id := await(t, began).ID()
	first.Close() // as a crash would: the call stays
	if err := await(t, over); !errors.Is(err, ari.ErrClosed) {
		t.Errorf("Serve: %v", err)
	}
	cancel()

	resumed := make(chan string, 1)
	serving(t, &ari.Server{App: &ari.App{Client: client, Name: "test"}, Handler: wait, Resume: func(ctx context.Context, ch *ari.Channel) error {
		v, err := ch.Var(ctx, "STATE")
		resumed <- ch.ID() + " " + v
		return err
	}})
	if got := await(t, resumed); got != id+" waiting" {
		t.Errorf("resumed %q, want %s", got, id)
	}
}

// A call that was moved to another application, goes on in the dialplan and comes back belongs to the one that it comes back to.
func TestServeResumesOneThatHasMoved(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	ctx := within(t)
	test, other := application(t, &ari.App{Client: client}), application(t, &ari.App{Client: client, Name: "other"})
	events, elsewhere := test.Events(ctx), other.Events(ctx)
	dialIn(t, client)
	isStart := func(e ari.Event) bool { return e.Type == "StasisStart" }
	ch := test.Channel(waitFor(t, events, isStart).Channel)
	must(t, ch.Move(ctx, "other", ""))
	waitFor(t, elsewhere, isStart)
	events = test.Events(ctx)
	must(t, other.Channel(ch.ID()).Continue(ctx, ari.ChannelContinueInDialplanParams{Context: "default", Extension: "app", Priority: 1}))
	if again := waitFor(t, events, isStart).Channel; again != ch.ID() {
		t.Fatalf("%s comes instead of %s", again, ch.ID())
	}
	must(t, test.Close())
	must(t, other.Close())
	got := make(chan string, 4)
	for _, name := range []string{"other", "test"} {
		serving(t, &ari.Server{App: &ari.App{Client: client, Name: name}, Resume: func(ctx context.Context, _ *ari.Channel) error {
			got <- name
			<-ctx.Done()
			return context.Cause(ctx)
		}})
	}
	if name := await(t, got); name != "test" {
		t.Errorf("it is resumed by %s", name)
	}
}

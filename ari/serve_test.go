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
		if err := <-over; !errors.Is(err, context.Canceled) && !errors.Is(err, ari.ErrServerClosed) && !errors.Is(err, ari.ErrClosed) {
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
	for ctx := within(t); ctx.Err() == nil; {
		v, err := client.Asterisk().GetGlobalVar(ctx, "LAST")
		must(t, err)
		if v != "" {
			must(t, client.Asterisk().SetGlobalVar(ctx, "LAST", ""))
			return v
		}
	}
	t.Fatal("the dialplan did not go on")
	return ""
}

func TestServe(t *testing.T) {
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
	o := <-handled
	must(t, o.err)
	<-o.ch.Done()

	// one that fails goes on in the dialplan
	next <- func(context.Context, *ari.Channel) error { return errors.New("no") }
	dialIn(t, client)
	<-handled
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
	<-handled
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
	if o := <-handled; !errors.Is(o.err, ari.ErrHangup) {
		t.Errorf("got %v", o.err)
	}

	// more than MaxCalls are sent on, and so are those that come while it drains
	release := make(chan struct{})
	for range 2 {
		next <- func(context.Context, *ari.Channel) error { <-release; return nil }
		dialIn(t, client)
	}
	for server.Calls() < 2 {
		dummy(t, client)
	}
	dialIn(t, client)
	if got := status(t, client); got != "OVERLOAD-SUCCESS" {
		t.Errorf("status %q", got)
	}
	over := make(chan error, 1)
	go func() { over <- server.Shutdown(within(t)) }()
	for got := ""; got != "DRAINING-SUCCESS"; {
		dialIn(t, client)
		got = status(t, client)
	}
	close(release)
	must(t, <-over)
}

// dummy lets Asterisk do something meanwhile.
func dummy(t *testing.T, client *ari.Client) {
	t.Helper()
	get[*ari.AsteriskPing](t)(client.Asterisk().Ping(within(t)))
}

// After a restart a server finds its calls again.
func TestServeResumes(t *testing.T) {
	_, client := asterisk(t, asterisktest.Config{})
	began := make(chan *ari.Channel, 1)
	wait := func(ctx context.Context, ch *ari.Channel) error {
		if err := ch.SetVar(ctx, "STATE", "waiting"); err != nil {
			return err
		}
		for v := ""; v != "waiting" && ctx.Err() == nil; { // Asterisk 16 sets it later
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
	for first.State() != ari.Up {
		dummy(t, client)
	}
	dialIn(t, client)
	id := (<-began).ID()
	first.Close() // as a crash would: the call stays
	if err := <-over; !errors.Is(err, ari.ErrClosed) {
		t.Errorf("Serve: %v", err)
	}
	cancel()

	resumed := make(chan string, 1)
	serving(t, &ari.Server{App: &ari.App{Client: client, Name: "test"}, Handler: wait, Resume: func(ctx context.Context, ch *ari.Channel) error {
		v, err := ch.Var(ctx, "STATE")
		resumed <- ch.ID() + " " + v
		return err
	}})
	if got := <-resumed; got != id+" waiting" {
		t.Errorf("resumed %q, want %s", got, id)
	}
}

package control_test

import (
	"context"
	"errors"
	"testing"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
	"github.com/asterism-go/asterism/internal/sipphone"
)

// openStasis is an office whose numbers 5XX are an application of Stasis that connects 1XX.
func openStasis(t *testing.T) *office {
	t.Helper()
	o := openOffice(t)
	client := &ari.Client{URL: "http://" + o.pbx.HTTP.String() + "/ari", Username: asterisktest.Username, Password: asterisktest.Secret}
	app := &ari.App{Client: client, Name: "desk"}
	server := &ari.Server{App: app, Handler: connects}
	must(t, app.Connect(within(t)))
	served := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { served <- server.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		app.Close()
		client.Close()
	})
	o.ctl.ARI = client
	return o
}

// connects is a small call centre: it connects who calls with who is called, both in the application, until either has left it.
func connects(ctx context.Context, caller *ari.Channel) error {
	callee, err := caller.App().Originate(ctx, ari.ChannelOriginateParams{Endpoint: "PJSIP/" + caller.Args()[0], Originator: caller.ID()})
	if err != nil {
		return err
	}
	if err := callee.Wait(ctx); err != nil {
		return err
	}
	if err := caller.Answer(ctx); err != nil {
		return err
	}
	bridge, err := caller.App().CreateBridge(ctx, ari.BridgeCreateParams{})
	if err != nil {
		return err
	}
	defer bridge.Destroy(context.WithoutCancel(ctx)) //nolint:errcheck // the pbx ends too
	if err := bridge.Add(ctx, caller, callee); err != nil {
		return err
	}
	select {
	case <-caller.Done():
		if callee.Err() == nil {
			callee.Hangup(context.WithoutCancel(ctx)) //nolint:errcheck // it may have left too
		}
	case <-callee.Done():
	case <-ctx.Done():
	}
	return nil
}

// stasisTalk lets a telephone call another one through the application.
func (o *office) stasisTalk(ctx context.Context, from, to string) (a, b *sipphone.Call) {
	o.t.Helper()
	caller, callee := o.phone(from), o.phone(to)
	a, err := caller.Dial(ctx, "5"+to[1:])
	must(o.t, err)
	b = callee.answers(ctx, o.t)
	must(o.t, a.WaitAnswered(ctx))
	o.hear(ctx, hearing{a, to}, hearing{b, from})
	return a, b
}

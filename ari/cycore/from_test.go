package cycore_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	v5 "github.com/CyCoreSystems/ari/v5"
	"github.com/CyCoreSystems/ari/v5/client/native"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ari/cycore"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// An application over v5's own client, and over one that is ours: the same calls, on a real Asterisk.
func TestFrom(t *testing.T) {
	a := asterisk(t)
	for name, client := range map[string]func(*testing.T) v5.Client{
		"native":  func(t *testing.T) v5.Client { return nativeClient(t, a) },
		"wrapped": func(t *testing.T) v5.Client { return wrap(t, a) },
	} {
		t.Run(name, func(t *testing.T) {
			theirs := client(t)
			testResume(t, a, theirs)
			app := cycore.From(theirs)
			must(t, app.Connect(within(t)))
			t.Cleanup(func() { app.Close() })
			testCalls(t, app)
			testBridges(t, app)
			testRequests(t, app, a.Version)
			testUnsupported(t, app)
		})
	}
}

// nativeClient is v5's own client. It is not closed, which is a data race in it (native/client.go: connected); TestMain knows.
func nativeClient(t *testing.T, a *asterisktest.Asterisk) v5.Client {
	t.Helper()
	c, err := native.Connect(&native.Options{
		Application: "native", Username: asterisktest.Username, Password: asterisktest.Secret,
		URL: "http://" + a.HTTP.String() + "/ari", WebsocketURL: "ws://" + a.HTTP.String() + "/ari/events",
	})
	must(t, err)
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	return c
}

// testResume has a server find a call that was in the application before, and only that.
func testResume(t *testing.T, a *asterisktest.Asterisk, client v5.Client) {
	ctx, cancel := context.WithCancel(within(t))
	direct := clientOf(t, a)
	id := "resumed-" + client.ApplicationName()
	starts := client.Bus().Subscribe(nil, v5.Events.StasisStart)
	_, err := direct.Channels().Originate(ctx, ari.ChannelOriginateParams{Endpoint: "Local/quiet@default/n", App: client.ApplicationName(), ChannelID: id})
	must(t, err)
	wait(t, starts) // one that has not come yet would be a new call
	starts.Cancel()
	resumed, ended, served := make(chan string, 4), make(chan error, 4), make(chan error, 1)
	app := cycore.From(client)
	t.Cleanup(func() { app.Close() })
	go func() {
		server := &ari.Server{App: app, Resume: func(ctx context.Context, ch *ari.Channel) error {
			resumed <- ch.ID()
			<-ctx.Done()
			ended <- context.Cause(ctx)
			return nil
		}}
		served <- server.Serve(ctx)
	}()
	select {
	case got := <-resumed:
		if got != id {
			t.Errorf("%s is resumed instead of %s", got, id)
		}
	case <-ctx.Done():
		t.Fatal("nothing is resumed")
	}
	must(t, direct.Channels().Hangup(ctx, id, ari.ChannelHangupParams{}))
	select {
	case err := <-ended:
		if !errors.Is(err, ari.ErrHangup) {
			t.Errorf("its handler ends with %v", err)
		}
	case <-ctx.Done():
		t.Fatal("its handler does not end")
	}
	cancel()
	if err := <-served; !errors.Is(err, context.Canceled) {
		t.Errorf("served: %v", err)
	}
}

// testCalls has a handler of Serve answer, play, collect and record.
func testCalls(t *testing.T, app *ari.App) {
	ctx, cancel := context.WithCancel(within(t))
	served, played := make(chan error, 1), make(chan error, 1)
	go func() {
		served <- ari.Serve(ctx, app, func(ctx context.Context, ch *ari.Channel) error {
			if len(ch.Args()) != 1 {
				<-ctx.Done() // the other end
				return nil
			}
			err := ch.Answer(ctx)
			if err == nil {
				err = ch.Play(ctx, "sound:beep", "sound:beep")
			}
			var missing *ari.PlaybackError
			if err == nil && !errors.As(ch.Play(ctx, "sound:none-such"), &missing) {
				err = errors.New("a sound that there is not is played")
			}
			played <- err
			return err
		})
	}()
	for app.State() != ari.Up {
		must(t, app.Ready(within(t)))
	}
	_, err := app.Client.Channels().Originate(within(t), ari.ChannelOriginateParams{
		Endpoint: "Local/quiet@default/n", App: app.Name, AppArgs: "one", Variables: ari.Variables{"A": "b"},
	})
	must(t, err)
	select {
	case err := <-played:
		must(t, err)
	case <-time.After(time.Minute):
		t.Fatal("no call")
	}
	cancel()
	if err := <-served; !errors.Is(err, context.Canceled) {
		t.Errorf("served: %v", err)
	}
}

// testBridges has two calls hear each other.
func testBridges(t *testing.T, app *ari.App) {
	ctx := within(t)
	var chans []*ari.Channel
	for range 2 {
		ch := get[*ari.Channel](t)(app.Originate(ctx, ari.ChannelOriginateParams{Endpoint: "Local/quiet@default/n"}))
		must(t, ch.Wait(ctx))
		chans = append(chans, ch)
	}
	b, err := app.CreateBridge(ctx, ari.BridgeCreateParams{Type: "mixing", Name: "two"})
	must(t, err)
	_, err = app.Client.Bridges().Get(ctx, b.ID())
	must(t, err)
	must(t, app.Client.Bridges().AddChannel(ctx, b.ID(), ari.BridgeAddChannelParams{Channel: []string{chans[0].ID(), chans[1].ID()}}))
	bridges, err := app.Client.Bridges().List(ctx)
	must(t, err)
	i := slices.IndexFunc(bridges, func(s ari.BridgeSnapshot) bool { return s.ID == b.ID() })
	if i < 0 || len(bridges[i].Channels) != 2 || bridges[i].Name != "two" {
		t.Errorf("bridges: %+v", bridges)
	}
	all, err := app.Client.Channels().List(ctx)
	if err != nil || len(all) < 2 {
		t.Errorf("channels: %v %v", all, err)
	}
	must(t, app.Client.Bridges().Destroy(ctx, b.ID()))
	for _, ch := range chans {
		must(t, ch.Hangup(ctx))
		select {
		case <-ch.Done():
		case <-ctx.Done():
			t.Fatal("the channel does not leave")
		}
	}
}

func testRequests(t *testing.T, app *ari.App, version string) {
	ctx := within(t)
	c := app.Client
	info, err := c.Asterisk().GetInfo(ctx, nil)
	if err != nil || info.System == nil || !strings.Contains(info.System.Version, version) {
		t.Errorf("info: %+v %v", info, err)
	}
	must(t, c.Asterisk().SetGlobalVar(ctx, "FROM", "x"))
	if value, err := c.Asterisk().GetGlobalVar(ctx, "FROM"); err != nil || value != "x" {
		t.Errorf("variable: %q %v", value, err)
	}
	must(t, c.DeviceStates().Update(ctx, "Stasis:from", "BUSY"))
	if d, err := c.DeviceStates().Get(ctx, "Stasis:from"); err != nil || d.State != "BUSY" {
		t.Errorf("device: %+v %v", d, err)
	}
	must(t, c.DeviceStates().Delete(ctx, "Stasis:from"))
	if found, err := c.Applications().Get(ctx, app.Name); err != nil || found.Name != app.Name {
		t.Errorf("application: %+v %v", found, err)
	}
	for name, err := range map[string]error{
		"channel": err2(c.Channels().Get(ctx, "none")), "bridge": err2(c.Bridges().Get(ctx, "none")),
		"playback": err2(c.Playbacks().Get(ctx, "none")), "recording": err2(c.Recordings().GetLive(ctx, "none")),
	} {
		if !ari.IsNotFound(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func err2[T any](_ T, err error) error { return err }

// What v5 cannot carry is an error that says so, before anything is sent.
func testUnsupported(t *testing.T, app *ari.App) {
	ctx := within(t)
	for want, err := range map[cycore.UnsupportedError]error{
		{Operation: "channels.move"}: app.Client.Channels().Move(ctx, "x", "other", ""),
		{Operation: "asterisk.ping"}: err2(app.Client.Asterisk().Ping(ctx)),
		{Operation: "channels.playWithId", Param: "lang"}: err2(app.Client.Channels().PlayWithID(ctx, "x", "p", ari.ChannelPlayWithIDParams{
			Media: []string{"sound:beep"}, Lang: "de",
		})),
		{Operation: "channels.continueInDialplan", Param: "label"}: app.Client.Channels().ContinueInDialplan(ctx, "x",
			ari.ChannelContinueInDialplanParams{Label: "a"}),
	} {
		var got *cycore.UnsupportedError
		if !errors.As(err, &got) || *got != want || !ari.SafeToRetry(err) {
			t.Errorf("%v: got %v", want, err)
		}
	}
}

package ari_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// outbound is the configuration of an Asterisk that connects to an address.
func outbound(address string) map[string]string {
	return map[string]string{
		"websocket_client.conf": fmt.Sprintf(`
[ours]
type = websocket_client
uri = ws://%s/ari
protocols = ari
connection_type = persistent
username = asterisk
password = secret of ours
reconnect_interval = 50
reconnect_attempts = 100000
connection_timeout = 5000
tls_enabled = no
`, address),
		"ari.conf": fmt.Sprintf(`
[ours]
type = outbound_websocket
websocket_client_id = ours
apps = test
local_ari_user = %s
`, asterisktest.Username),
	}
}

// program is a program of which Asterisk finds the application at an address: it can be started again and again.
type program struct {
	app    *ari.App
	server *http.Server
	over   chan struct{}
}

func startProgram(t *testing.T, address string, app *ari.App) *program {
	t.Helper()
	app.Outbound, app.Name = true, "test"
	app.AcceptUsername, app.AcceptPassword = "asterisk", "secret of ours"
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", address)
	must(t, err)
	p := &program{app: app, server: &http.Server{Handler: app, ReadHeaderTimeout: 10 * time.Second}, over: make(chan struct{})}
	go func() {
		defer close(p.over)
		_ = p.server.Serve(l) // until it is closed
	}()
	return p
}

// crash ends the program without a word to anybody.
func (p *program) crash() {
	p.server.Close()
	p.app.Close()
	<-p.over
}

func freeAddress(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}

// Pitfall 2: Asterisk connects to us, and what happens while we are down comes when we are up again: in order and with its times. So no
// StasisStart, no digit and no StasisEnd is missed.
func TestPitfall02OutboundWebsocketReplays(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	a, client := asterisk(t, asterisktest.Config{Files: outbound(address)})
	if is16(a) {
		outboundNeeds22(t, client)
		return
	}
	ctx := within(t)
	app := &ari.App{Client: client}
	p := startProgram(t, address, app)
	events := app.Events(ctx)
	must(t, app.Connect(ctx))
	waitFor(t, events, func(e ari.Event) bool { return e.Type == "ApplicationRegistered" })
	kept := call(t, app, "quiet")

	p.crash()
	down := time.Now()
	lost := get[*ari.ChannelSnapshot](t)(client.Channels().Originate(ctx, ari.ChannelOriginateParams{
		Endpoint: "Local/quiet@default/n", App: "test", ChannelID: "while-down",
	}))
	eventually(ctx, t, "it is in the application", func() bool {
		return get[*ari.ChannelSnapshot](t)(client.Channels().Get(ctx, lost.ID)).Dialplan.AppName == "Stasis"
	})
	for i := range 20 {
		must(t, client.Events().UserEvent(ctx, fmt.Sprint("n", i), ari.UserEventParams{Application: "test"}))
	}
	must(t, client.Channels().Hangup(ctx, kept.ID(), ari.ChannelHangupParams{}))
	eventually(ctx, t, "it is gone", func() bool { return ari.IsNotFound(second(client.Channels().Get(ctx, kept.ID()))) })
	up := time.Now()

	var mu sync.Mutex
	var handled []string
	app = &ari.App{Client: client}
	server := &ari.Server{App: app, Handler: func(ctx context.Context, ch *ari.Channel) error {
		mu.Lock()
		handled = append(handled, ch.ID())
		mu.Unlock()
		<-ctx.Done()
		return context.Cause(ctx)
	}}
	handlers := func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(handled)
	}
	events = app.Events(ctx)
	p = startProgram(t, address, app)
	defer p.crash()
	serving(t, server)
	var got []string
	waitFor(t, events, func(e ari.Event) bool {
		switch e.Type {
		case "ChannelUserevent":
			d, err := e.Decode()
			must(t, err)
			got = append(got, d.(*ari.ChannelUserevent).EventName)
		case "StasisStart", "StasisEnd":
			got = append(got, e.Type+" "+e.Channel)
			if e.Time().Before(down.Truncate(time.Millisecond)) || e.Time().After(up) {
				t.Errorf("%s at %v, not between %v and %v", e.Type, e.Time(), down, up)
			}
		}
		return e.Type == "ApplicationRegistered"
	})
	want := []string{"StasisStart while-down"}
	for i := range 20 {
		want = append(want, fmt.Sprint("n", i))
	}
	want = append(want, "StasisEnd "+kept.ID())
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	eventually(ctx, t, "a call has a handler", func() bool { return handlers() != nil })
	if got := handlers(); !slices.Equal(got, []string{"while-down"}) {
		t.Errorf("handled %q", got)
	}
	must(t, app.Channel("while-down").Hangup(ctx))
}

// outboundNeeds22 says what becomes of an App that waits for an Asterisk that never connects.
func outboundNeeds22(t *testing.T, client *ari.Client) {
	t.Helper()
	app := &ari.App{Client: client, Name: "test", Outbound: true}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := app.Connect(ctx); err == nil {
		t.Error("connected")
	}
	must(t, app.Close())
}

// With REST over Asterisk's own websocket, nothing else is needed.
func TestRestOverWebsocket(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	a, client := asterisk(t, asterisktest.Config{Files: outbound(address)})
	if is16(a) {
		outboundNeeds22(t, client)
		return
	}
	over := &ari.Client{URL: "http://nowhere.invalid/ari"}
	app := &ari.App{Client: over}
	over.Transport = app.Transport()
	if _, err := over.Asterisk().Ping(within(t)); !ari.SafeToRetry(err) {
		t.Errorf("without a connection: %v", err)
	}
	p := startProgram(t, address, app)
	defer p.crash()
	must(t, app.Connect(within(t)))
	ch := call(t, app, "quiet")
	must(t, ch.Play(within(t), "sound:beep"))
	must(t, ch.SetVar(within(t), "X", "a+b/ü&c"))
	if v, err := ch.Var(within(t), "X"); err != nil || v != "a+b/ü&c" {
		t.Errorf("got %q, %v", v, err)
	}
	if _, err := ch.Var(within(t), "NONE"); !ari.IsNotFound(err) {
		t.Errorf("got %v", err)
	}
	must(t, over.Channels().SetChannelVars(within(t), ch.ID(), ari.Variables{"Y": "1"}))
	must(t, ch.Hangup(within(t)))
}

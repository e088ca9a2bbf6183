package ari_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// refusedWith fails unless an error is Asterisk's no with a status.
func refusedWith(t *testing.T, what string, err error, status int) {
	t.Helper()
	var refused *ari.Error
	if !errors.As(err, &refused) || refused.Status != status {
		t.Errorf("%s: %v instead of status %d", what, err, status)
	}
}

// hears waits for a second of sound and reports whether it is something other than silence.
func hears(t *testing.T, ch *ari.Channel) bool {
	t.Helper()
	ctx := within(t)
	rec := get[*ari.Recording](t)(ch.Record(ctx, ari.ChannelRecordParams{Format: "ulaw", MaxDuration: time.Second}))
	get[*ari.LiveRecording](t)(rec.Wait(ctx))
	file := get[io.ReadCloser](t)(rec.Open(ctx))
	defer file.Close()
	samples := get[[]byte](t)(io.ReadAll(file))
	return slices.ContainsFunc(samples, func(c byte) bool { return c&0x7f < 0x70 }) // in µ-law 0x7f is silence
}

// Pitfall 4: on a channel that is in no bridge the music comes back after a play, whatever became of that.
func TestPitfall04MusicOnChannel(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	var begun atomic.Int32
	client.Hooks.Request = func(operation string, _ time.Duration, _ error) {
		if operation == "channels.startMoh" {
			begun.Add(1)
		}
	}
	app := application(t, &ari.App{Client: client})
	ctx := within(t)
	a, b := pair(t, app)
	must(t, a.StartMusic(ctx, ""))
	must(t, a.Play(ctx, "sound:beep"))
	if !hears(t, b) {
		t.Error("no music after a play")
	}
	var failed *ari.PlaybackError
	if err := a.Play(ctx, "sound:no-such"); !errors.As(err, &failed) {
		t.Errorf("got %v", err)
	}
	if !hears(t, b) {
		t.Error("no music after a play that has failed")
	}
	must(t, a.StopMusic(ctx))
	must(t, a.Play(ctx, "sound:beep"))
	if n := begun.Load(); n != 3 {
		t.Errorf("music was begun %d times", n)
	}
}

// Pitfall 5: whatever Asterisk says of a playback, a play that was not heard is an error, and one that was stopped is none.
func TestPitfall05Playbacks(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	app := application(t, &ari.App{Client: client})
	ctx := within(t)
	ch := call(t, app, "quiet")
	var failed *ari.PlaybackError
	if err := ch.Play(ctx, "sound:digits/1", "sound:no-such", "sound:digits/2"); !errors.As(err, &failed) || failed.Media != "sound:no-such" {
		t.Errorf("missing in the middle: %v", err)
	}
	first := get[*ari.Playback](t)(ch.StartPlay(ctx, ari.ChannelPlayParams{Media: []string{"tone:1004"}}))
	queued := get[*ari.Playback](t)(ch.StartPlay(ctx, ari.ChannelPlayParams{Media: []string{"tone:1004"}}))
	refusedWith(t, "pausing one that has not begun", queued.Control(ctx, ari.PlaybackControlPause), 409)
	must(t, queued.Stop(ctx)) // it has not begun, and never will
	must(t, first.Stop(ctx))
	must(t, first.Wait(ctx))
	must(t, first.Stop(ctx))
	must(t, queued.Wait(ctx)) // Asterisk says so when it is its turn

	var plays []*ari.Playback
	for range 3 {
		plays = append(plays, get[*ari.Playback](t)(ch.StartPlay(ctx, ari.ChannelPlayParams{Media: []string{"tone:1004"}})))
	}
	must(t, ch.Hangup(ctx))
	for i, p := range plays {
		if err := p.Wait(ctx); !errors.As(err, &failed) {
			t.Errorf("%d of a channel that hangs up: %v", i, err)
		}
	}
}

// Pitfall 9: an id can be used once, and the other end of a Local channel is not in the application though its events come.
func TestPitfall09LocalChannels(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	app := application(t, &ari.App{Client: client})
	ctx := within(t)
	ch := call(t, app, "quiet")
	_, err := app.Originate(ctx, ari.ChannelOriginateParams{Endpoint: "Local/quiet@default", ChannelID: ch.ID()})
	refusedWith(t, "an id that there is", err, 409)
	if ch.Err() != nil || app.Channel(ch.ID()) != ch {
		t.Error("the channel that had the id is not followed any more")
	}
	application := get[*ari.Application](t)(client.Applications().Get(ctx, "test"))
	if !slices.ContainsFunc(application.ChannelIDs, func(id string) bool { return strings.HasSuffix(id, ";2") }) {
		t.Errorf("the other end is not listed: %v", application.ChannelIDs)
	}
	must(t, app.Close())
	began := make(chan string, 4)
	server := &ari.Server{App: &ari.App{Client: client, Name: "test"}, Resume: func(ctx context.Context, ch *ari.Channel) error {
		began <- ch.ID()
		<-ctx.Done()
		return context.Cause(ctx)
	}}
	serving(t, server)
	if id := await(t, began); id != ch.ID() {
		t.Errorf("resumed %s instead of %s", id, ch.ID())
	}
	again := server.App.Channel(ch.ID())
	must(t, again.Hangup(ctx))
	await(t, again.Done()) // once, however often Asterisk says ChannelHangupRequest
	if len(began) > 0 {
		t.Errorf("resumed %s too", <-began)
	}
}

// Pitfall 10: a channel that is created is in the application before it is dialled, one that is originated when it has answered;
// why nobody answers is what Dial says, not the cause of the hangup.
func TestPitfall10Dialling(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	app := application(t, &ari.App{Client: client})
	ctx := within(t)
	events := app.Events(ctx)
	ch := get[*ari.Channel](t)(app.Create(ctx, ari.ChannelCreateParams{Endpoint: "Local/quiet@default/n"}))
	if ch.Start() == nil || ch.Start().Channel.State != ari.ChannelStateDown {
		t.Errorf("a channel that was created began as %+v", ch.Start())
	}
	must(t, ch.Dial(ctx, ari.ChannelDialParams{Timeout: 20 * time.Second}))
	must(t, ch.Hangup(ctx))
	await(t, ch.Done())
	originated := call(t, app, "quiet")
	if s := originated.Start(); s.Channel.State != ari.ChannelStateUp {
		t.Errorf("one that was originated began as %s", s.Channel.State)
	}
	must(t, originated.Hangup(ctx))
	var order []string
	waitFor(t, events, func(e ari.Event) bool {
		if e.Channel == ch.ID() && (e.Type == "StasisStart" || e.Type == "Dial") {
			order = append(order, e.Type)
		}
		return e.Type == "ChannelDestroyed" && e.Channel == originated.ID()
	})
	if len(order) < 2 || order[0] != "StasisStart" {
		t.Errorf("order %v", order)
	}
	busy := get[*ari.Channel](t)(app.Create(ctx, ari.ChannelCreateParams{Endpoint: "Local/busy@default/n"}))
	var failed *ari.DialError
	if err := busy.Dial(ctx, ari.ChannelDialParams{Timeout: 20 * time.Second}); !errors.As(err, &failed) || failed.Status != "BUSY" {
		t.Errorf("busy: %v", err)
	}
	must(t, busy.Hangup(ctx))
}

// Pitfall 11: what a channel that is down refuses, and one that is in no application.
func TestPitfall11States(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	app := application(t, &ari.App{Client: client})
	ctx := within(t)
	down := get[*ari.Channel](t)(app.Create(ctx, ari.ChannelCreateParams{Endpoint: "Local/ring@default"}))
	for name, err := range map[string]error{
		"answer": down.Answer(ctx), "hold": down.Hold(ctx), "mute": down.Mute(ctx, ""), "play": down.Play(ctx, "sound:beep"),
		"music": down.StartMusic(ctx, ""), "DTMF": down.SendDTMF(ctx, "1"), "ring": down.Ring(ctx),
	} {
		refusedWith(t, name+" of a channel that is down", err, 412)
	}
	must(t, down.Hangup(ctx))
	ch := call(t, app, "quiet")
	outside := app.Channel(ch.ID() + ";2")
	refusedWith(t, "answering a channel that is outside", outside.Answer(ctx), 409)
	spy := get[*ari.Channel](t)(outside.Snoop(ctx, ari.SnoopChannelParams{Spy: ari.SnoopDirectionIn}))
	must(t, spy.Hangup(ctx))
	must(t, ch.Hangup(ctx))
}

// Pitfall 12: what bridges do that nobody says.
func TestPitfall12Bridges(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	app := application(t, &ari.App{Client: client})
	ctx := within(t)
	technology := func(b *ari.Bridge) string { return get[*ari.BridgeSnapshot](t)(b.Snapshot(ctx)).Technology }
	one := get[*ari.Bridge](t)(app.CreateBridge(ctx, ari.BridgeCreateParams{Type: "dtmf_events"})) // alone it is a 500 of Asterisk
	chans := []*ari.Channel{call(t, app, "quiet"), call(t, app, "quiet"), call(t, app, "quiet")}
	must(t, one.Add(ctx, chans[:2]...))
	if got := technology(one); got != "simple_bridge" {
		t.Errorf("two are in a %s", got)
	}
	must(t, one.Add(ctx, chans[2]))
	eventually(ctx, t, "three are in a softmix", func() bool { return technology(one) == "softmix" }) // no event says so
	must(t, one.Add(ctx, chans[0]))                                                                   // once more: it leaves and comes
	eventually(ctx, t, "it is in the first", func() bool { return chans[0].Bridge() == one.ID() })
	two := get[*ari.Bridge](t)(app.CreateBridge(ctx, ari.BridgeCreateParams{}))
	must(t, two.Add(ctx, chans[0])) // it moves
	if in := get[*ari.BridgeSnapshot](t)(one.Snapshot(ctx)).Channels; chans[0].Bridge() != two.ID() || slices.Contains(in, chans[0].ID()) {
		t.Errorf("it is in %s, and in the first are %v", chans[0].Bridge(), in)
	}
	_, err := app.CreateBridge(ctx, ari.BridgeCreateParams{Type: "nonsense"})
	refusedWith(t, "a type that there is not", err, 500)
	must(t, one.Destroy(ctx))
	eventually(ctx, t, "it is in none", func() bool { return chans[1].Bridge() == "" })
	must(t, chans[1].Play(ctx, "sound:beep")) // it is still there
	must(t, chans[2].Hangup(ctx))
	if err := two.Add(ctx, chans[2]); !errors.Is(err, ari.ErrHangup) {
		t.Errorf("adding one that has just hung up: %v", err)
	}
	must(t, chans[1].Hangup(ctx))
	must(t, chans[0].Hangup(ctx))
	must(t, two.Destroy(ctx))
}

// Pitfall 13: a snoop needs a direction, can be snooped, and ends with its target; what it records is kept.
func TestPitfall13Snoops(t *testing.T) {
	t.Parallel()
	_, client := asterisk(t, asterisktest.Config{})
	app := application(t, &ari.App{Client: client})
	ctx := within(t)
	ch := call(t, app, "music")
	_, err := ch.Snoop(ctx, ari.SnoopChannelParams{})
	refusedWith(t, "neither spy nor whisper", err, 400)
	spy := get[*ari.Channel](t)(ch.Snoop(ctx, ari.SnoopChannelParams{Spy: ari.SnoopDirectionBoth}))
	second := get[*ari.Channel](t)(spy.Snoop(ctx, ari.SnoopChannelParams{Spy: ari.SnoopDirectionIn}))
	rec := get[*ari.Recording](t)(spy.Record(ctx, ari.ChannelRecordParams{}))
	must(t, ch.Hangup(ctx))
	await(t, spy.Done())
	await(t, second.Done())
	get[*ari.LiveRecording](t)(rec.Wait(ctx))
}

// Pitfall 14: a move to an application that there is not is an error at once; a call that has moved belongs to the other
// application, and its hangup has one of a closed list of reasons, or a number.
func TestPitfall14MovesAndReasons(t *testing.T) {
	t.Parallel()
	a, client := asterisk(t, asterisktest.Config{})
	app := application(t, &ari.App{Client: client})
	ctx := within(t)
	ch := call(t, app, "quiet")
	refusedWith(t, "a move to nowhere", ch.Move(ctx, "nobody", ""), 404)
	must(t, ch.Play(ctx, "sound:beep"))
	refusedWith(t, "a reason that there is not", ch.HangupFor(ctx, "call_rejected"), 400)

	other := application(t, &ari.App{Client: client, Name: "other"})
	must(t, ch.Move(ctx, "other", "a,b"))
	await(t, ch.Done())
	moved := other.Channel(ch.ID())
	eventually(ctx, t, "it is in the other", func() bool {
		moved = other.Channel(ch.ID())
		return moved.Start() != nil
	})
	if args := moved.Args(); !slices.Equal(args, []string{"a", "b"}) {
		t.Errorf("args %q", args)
	}
	// after a restart of both it is the other's
	must(t, app.Close())
	must(t, other.Close())
	got := make(chan string, 4)
	for _, name := range []string{"test", "other"} {
		serving(t, &ari.Server{App: &ari.App{Client: client, Name: name}, Resume: func(ctx context.Context, _ *ari.Channel) error {
			got <- name
			<-ctx.Done()
			return context.Cause(ctx)
		}})
	}
	if name := await(t, got); name != "other" {
		t.Errorf("it is resumed by %s", name)
	}
	reason := ari.ChannelHangupParams{ReasonCode: "17"}
	if is16(a) {
		reason = ari.ChannelHangupParams{Reason: ari.HangupReasonBusy}
	}
	must(t, client.Channels().Hangup(ctx, ch.ID(), reason))
}

// Pitfall 15: how to reach an external media is a variable of its channel, and a port that nobody listens on is a 500.
func TestPitfall15ExternalMedia(t *testing.T) {
	t.Parallel()
	a, client := asterisk(t, asterisktest.Config{})
	application(t, &ari.App{Client: client})
	if is16(a) {
		_, err := client.Channels().ExternalMedia(within(t), ari.ChannelExternalMediaParams{App: "test", Format: "slin", Transport: "websocket"})
		if err == nil {
			t.Error("Asterisk 16 has no websockets for media")
		}
		return
	}
	_, err := client.Channels().ExternalMedia(within(t), ari.ChannelExternalMediaParams{
		App: "test", ExternalHost: "127.0.0.1:1", Format: "slin", Encapsulation: ari.EncapsulationAudiosocket, Transport: ari.TransportTcp,
		Data: "12345678-1234-1234-1234-123456789012",
	})
	refusedWith(t, "a port that nobody listens on", err, 500)
	media := get[*ari.ChannelSnapshot](t)(client.Channels().ExternalMedia(within(t), ari.ChannelExternalMediaParams{
		App: "test", ExternalHost: "INCOMING", Format: "ulaw", Encapsulation: "none", Transport: "websocket", ConnectionType: "server",
	}))
	if media.ChannelVars["MEDIA_WEBSOCKET_CONNECTION_ID"] == "" {
		t.Errorf("variables %v", media.ChannelVars)
	}
	must(t, client.Channels().Hangup(within(t), media.ID, ari.ChannelHangupParams{}))
}

// Pitfall 16: what lists cost grows with what there is, so nothing is listed while calls come and go: only after a reconnect.
func TestPitfall16NothingPolls(t *testing.T) {
	_, client := asterisk(t, asterisktest.Config{})
	var mu sync.Mutex
	asked := map[string]int{}
	client.Hooks.Request = func(operation string, _ time.Duration, _ error) {
		mu.Lock()
		defer mu.Unlock()
		asked[operation]++
	}
	app := application(t, &ari.App{Client: client})
	const calls = 20
	over := make(chan error, calls)
	for range calls {
		go func() { over <- playedCall(within(t), app) }()
	}
	for range calls {
		must(t, await(t, over))
	}
	mu.Lock()
	defer mu.Unlock()
	for operation, n := range asked {
		if strings.HasSuffix(operation, ".list") || n > calls {
			t.Errorf("%s was asked for %d times in %d calls", operation, n, calls)
		}
	}
}

// Pitfall 17: several variables in one request, where Asterisk can do that; else an error that says so.
func TestPitfall17Variables(t *testing.T) {
	t.Parallel()
	a, client := asterisk(t, asterisktest.Config{})
	app := application(t, &ari.App{Client: client})
	ctx := within(t)
	ch := call(t, app, "quiet")
	b := get[*ari.Bridge](t)(app.CreateBridge(ctx, ari.BridgeCreateParams{}))
	want := ari.Variables{"A": "1", "B": "x+y/ü&z"}
	err := client.Channels().SetChannelVars(ctx, ch.ID(), want)
	errBridge := client.Bridges().SetBridgeVars(ctx, b.ID(), want)
	if is16(a) {
		if !ari.IsNotFound(err) || !ari.IsNotFound(errBridge) {
			t.Errorf("got %v and %v", err, errBridge)
		}
	} else {
		must(t, errors.Join(err, errBridge))
		got := get[map[string]string](t)(client.Channels().GetChannelVars(ctx, ch.ID(), []string{"A", "B"}))
		of := get[map[string]string](t)(client.Bridges().GetBridgeVars(ctx, b.ID(), []string{"A", "B"}))
		if got["A"] != "1" || got["B"] != want["B"] || of["A"] != "1" || of["B"] != want["B"] {
			t.Errorf("got %v and %v", got, of)
		}
	}
	must(t, b.Destroy(ctx))
	must(t, ch.Hangup(ctx))
}

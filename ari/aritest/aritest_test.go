package aritest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	cycore "github.com/CyCoreSystems/ari/v5"
	"github.com/CyCoreSystems/ari/v5/client/native"
	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ari/aritest"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/CyCoreSystems/ari/v5/client/native.(*Client).Connect.func1"),
		goleak.IgnoreAnyFunction("github.com/CyCoreSystems/ari/v5/client/native.(*Client).listen"))
}

// program is a program as a user writes it: it makes a call, plays to it, and writes down what happened.
func program(ctx context.Context, client *ari.Client) (log []string, err error) {
	app := &ari.App{Client: client, Name: "test"}
	events := app.Events(ctx)
	if err := app.Connect(ctx); err != nil {
		return nil, err
	}
	defer app.Close()
	ch, err := app.Originate(ctx, ari.ChannelOriginateParams{Endpoint: "Local/quiet@default/n", ChannelID: "c", OtherChannelID: "o"})
	if err != nil {
		return nil, err
	}
	if err := ch.Wait(ctx); err != nil {
		return nil, err
	}
	log = append(log, fmt.Sprint("play: ", ch.Play(ctx, "sound:beep")))
	var failed *ari.PlaybackError
	log = append(log, fmt.Sprint("play: ", errors.As(ch.Play(ctx, "sound:no-such"), &failed)))
	_, err = ch.Var(ctx, "NONE")
	log = append(log, fmt.Sprint("var: ", err), fmt.Sprint("hangup: ", ch.Hangup(ctx)))
	for e, err := range events {
		if err != nil {
			return log, err
		}
		if e.Channel == "c" && (e.Type == "StasisStart" || e.Type == "StasisEnd") || strings.HasPrefix(e.Type, "Playback") {
			log = append(log, e.Type)
		}
		if e.Type == "ChannelDestroyed" && e.Channel == "c" {
			break
		}
	}
	return log, nil
}

// script is what a real Asterisk does with the program.
var script = []aritest.Step{
	aritest.Connect("test"),
	aritest.Expect("POST /channels", "endpoint=Local/quiet@default/n", "app=test", "channelId={c}"),
	aritest.Reply(200, `{"id":"{c}","state":"Down"}`),
	aritest.Send(
		`{"type":"Dial","dialstatus":"","peer":{"id":"{c}"}}`,
		`{"type":"ChannelStateChange","channel":{"id":"{c}","state":"Up"}}`,
		`{"type":"Dial","dialstatus":"ANSWER","peer":{"id":"{c}"}}`,
		`{"type":"StasisStart","args":[],"channel":{"id":"{c}","state":"Up"}}`,
	),
	aritest.Expect("POST /channels/{c}/play/{p1}", "media=sound:beep"),
	aritest.Reply(201, `{"id":"{p1}","state":"queued"}`),
	aritest.Send(`{"type":"PlaybackStarted","playback":{"id":"{p1}"}}`, `{"type":"PlaybackFinished","playback":{"id":"{p1}","state":"done"}}`),
	aritest.Expect("POST /channels/{c}/play/{p2}", "media=sound:no-such"),
	aritest.Reply(201, `{"id":"{p2}","state":"queued"}`),
	aritest.Send(`{"type":"PlaybackStarted","playback":{"id":"{p2}"}}`, `{"type":"PlaybackFinished","playback":{"id":"{p2}","state":"failed"}}`),
	aritest.Expect("GET /channels/{c}/variable", "variable=NONE"),
	aritest.Reply(404, `{"message":"Provided variable was not found"}`),
	aritest.Expect("DELETE /channels/{c}"),
	aritest.Reply(204, ""),
	aritest.Send(`{"type":"StasisEnd","channel":{"id":"{c}"}}`, `{"type":"ChannelDestroyed","cause":16,"cause_txt":"","channel":{"id":"{c}"}}`),
}

// The same program sees the same of the fake as of a real Asterisk.
func TestAsTheRealOne(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
		"extensions.conf": "[default]\nexten => quiet,1,Answer()\n same => n,Wait(600)\n",
	}})
	realOne := &ari.Client{URL: "http://" + a.HTTP.String() + "/ari", Username: asterisktest.Username, Password: asterisktest.Secret}
	defer realOne.Close()
	want, err := program(ctx, realOne)
	if err != nil {
		t.Fatal(err)
	}
	faked := &ari.Client{URL: aritest.Start(t, script...).URL}
	defer faked.Close()
	got, err := program(ctx, faked)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("of the fake      %q\nof Asterisk %s %q", got, a.Version, want)
	}
	t.Logf("%q", want)
}

// A client that was written by others, with another websocket library, works against the fake.
func TestIndependentClient(t *testing.T) {
	s := aritest.Start(t,
		aritest.Connect("test"),
		aritest.Expect("GET /asterisk/info"),
		aritest.Reply(200, `{"system":{"version":"22","entity_id":"x"}}`),
		aritest.Expect("GET /channels/c"),
		aritest.Reply(200, `{"id":"c","name":"PJSIP/1"}`),
		aritest.Send(`{"type":"StasisStart","args":["a"],"channel":{"id":"c","name":"PJSIP/1"}}`),
		aritest.Expect("POST /channels/c/answer"),
		aritest.Reply(204, ""),
	)
	client := native.New(&native.Options{
		Application: "test", URL: s.URL, WebsocketURL: "ws" + strings.TrimPrefix(s.URL, "http") + "/events", Username: "u", Password: "p",
	})
	if err := client.Connect(); err != nil {
		t.Fatal(err)
	}
	// not closed: its Close is a data race with what it closes
	starts := client.Bus().Subscribe(nil, cycore.Events.StasisStart)
	defer starts.Cancel()
	key := cycore.NewKey(cycore.ChannelKey, "c")
	if data, err := client.Channel().Data(key); err != nil || data.Name != "PJSIP/1" {
		t.Fatalf("got %+v, %v", data, err)
	}
	var event cycore.Event
	select {
	case event = <-starts.Events():
	case <-time.After(time.Minute):
		t.Fatal("no event")
	}
	start := event.(*cycore.StasisStart)
	if start.Channel.ID != "c" || !slices.Equal(start.Args, []string{"a"}) {
		t.Errorf("got %+v", start)
	}
	if err := client.Channel().Answer(key); err != nil {
		t.Error(err)
	}
}

// What is not as the script says is an error that says what.
func TestScriptErrors(t *testing.T) {
	for want, test := range map[string]struct {
		step aritest.Step
		do   func(*ari.Client)
	}{
		"step 1 of 1: got GET /channels instead of GET /bridges": {
			aritest.Expect("GET /bridges"), func(c *ari.Client) { c.Channels().List(t.Context()) }, //nolint:errcheck // of the script only
		},
		`has no variable=b but map[variable:[a]]`: {
			aritest.Expect("GET /asterisk/variable", "variable=b"), func(c *ari.Client) { c.Asterisk().GetGlobalVar(t.Context(), "a") }, //nolint:errcheck // of the script only
		},
	} {
		s := aritest.Run(test.step)
		client := &ari.Client{URL: s.URL}
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			defer cancel()
			test.do(client)
		}()
		if err := s.Wait(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		if err := s.Close(); err == nil {
			t.Error("Close does not say it")
		}
		<-ctx.Done()
		client.Close()
	}
}

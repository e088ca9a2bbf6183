package ari_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ari/aritest"
)

// What CyCoreSystems/ari does to its users cannot happen here:
//
//	Connect never returns, or returns nil when cancelled    TestConnectIsRefused, TestConnectEndsWithItsContext
//	a slow subscriber loses events in silence               TestSlowConsumer, TestPitfall03SlowReaderIsCut, TestRounds
//	what comes before somebody subscribes is lost           TestEventBeforeAnswer, TestDeploys
//	nobody hears of a reconnect, nothing is read again      TestReconnect, TestPitfall01InboundWebsocketLost, TestRounds
//	a half-open connection stays for ever                   TestHalfOpen, TestRounds
//	subscriptions stay open when their bus is closed        TestConsumersEnd
//	a wait ignores its context and stays for ever           TestWaitsEndWithTheirContexts
//	data races                                              every test, as CI runs them with the race detector
//	a 404 has the status 0, its reason is lost              TestErrors
//	nothing is escaped                                      TestEscaping
//	a connection for each request                           TestConnectionsAreReused, TestMaxConnections
//	a request that times out leaves a call behind           TestUnknownOutcomeIsUndone, TestCancelledCreationIsUndone
//	the address of the events is not that of the requests   every test: there is one
//	an application that was taken over gets nothing, mute   TestReplaced, TestPitfall08SecondWebsocket
//	a Connect that fails leaves its websocket open          TestConnectThatFailsLeavesNothing
//	a bridged channel is recorded, a missing sound played   TestBridge, TestPitfall05Playbacks
//	events of unknown types are thrown away                 TestUnknownEvents

// fake is an application of a fake that follows a script behind its websocket.
func fake(t *testing.T, app *ari.App, script ...aritest.Step) *ari.App {
	t.Helper()
	s := aritest.Start(t, append([]aritest.Step{aritest.Connect("test")}, script...)...)
	if app.Client == nil {
		app.Client = &ari.Client{}
	}
	app.Client.URL = s.URL
	t.Cleanup(func() { app.Client.Close() })
	return application(t, app)
}

// A wrong password ends Connect, with the status. (CyCoreSystems/ari: it never returns.)
func TestConnectIsRefused(t *testing.T) {
	s := aritest.Start(t, aritest.Refuse("test", 401, `{"error":"Unauthorized"}`), aritest.Connect("test"))
	app := &ari.App{Client: &ari.Client{URL: s.URL, Username: "u", Password: "geheim"}, Name: "test"}
	err := app.Connect(within(t))
	var refused *ari.Error
	if !errors.As(err, &refused) || refused.Status != 401 || strings.Contains(err.Error(), "geheim") {
		t.Errorf("got %v", err)
	}
	must(t, app.Connect(within(t))) // it may be tried again
	must(t, app.Close())
	must(t, app.Client.Close())
}

// A dead server, and one that accepts and says nothing, end with the context.
func TestConnectEndsWithItsContext(t *testing.T) {
	var config net.ListenConfig
	silent, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer silent.Close()
	cause := errors.New("the reason")
	ctx, cancel := context.WithCancelCause(t.Context())
	app := &ari.App{Client: &ari.Client{URL: "http://" + silent.Addr().String() + "/ari"}, Name: "test"}
	go func() {
		conn, err := silent.Accept()
		if err == nil {
			defer conn.Close()
			_, _ = conn.Read(make([]byte, 1)) // until the client is gone
		}
		cancel(cause)
	}()
	if err := app.Connect(ctx); !errors.Is(err, cause) {
		t.Errorf("silent: got %v", err)
	}
	must(t, app.Client.Close())

	app = &ari.App{Client: &ari.Client{URL: "http://127.0.0.1:1/ari"}, Name: "test"}
	if err := app.Connect(t.Context()); !ari.SafeToRetry(err) {
		t.Errorf("dead: got %v", err)
	}
}

// Asterisk's words and status are in the error, also of a list and also when wrapped; a body that is no JSON is no panic.
func TestErrors(t *testing.T) {
	for body, want := range map[string]string{
		`{"message":"Allocation failed"}`: "Allocation failed", `{"error":"Allocation failed"}`: "Allocation failed",
		`<html>`: "", ``: "", `[1]`: "", `{"message":`: "",
	} {
		s := aritest.Start(t, aritest.Expect("GET /channels"), aritest.Reply(404, body))
		c := &ari.Client{URL: s.URL}
		_, err := c.Channels().List(within(t))
		var e *ari.Error
		if !errors.As(fmt.Errorf("wrapped: %w", err), &e) || e.Status != 404 || e.Message != want || e.Operation != "channels.list" {
			t.Errorf("%s: got %#v", body, err)
		}
		if !ari.IsNotFound(err) || ari.SafeToRetry(err) {
			t.Errorf("%s: not found %v, safe to retry %v", body, ari.IsNotFound(err), ari.SafeToRetry(err))
		}
		c.Close()
	}
	s := aritest.Start(t,
		aritest.Expect("GET /channels"), aritest.Reply(200, `{"not":"a list"}`),
		aritest.Expect("POST /channels/x/answer"), aritest.Drop(),
		aritest.Expect("GET /channels/y"), aritest.Reply(503, ""),
	)
	c := &ari.Client{URL: s.URL}
	defer c.Close()
	var wrong *ari.ProtocolError
	if _, err := c.Channels().List(within(t)); !errors.As(err, &wrong) || wrong.Operation != "channels.list" {
		t.Errorf("got %v", err)
	}
	var unanswered *ari.RequestError
	if err := c.Channels().Answer(within(t), "x"); !errors.As(err, &unanswered) || !unanswered.Sent || ari.SafeToRetry(err) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Channels().Get(within(t), "y"); !ari.SafeToRetry(err) {
		t.Errorf("got %v", err)
	}
}

// No value changes what is asked for.
func TestEscaping(t *testing.T) {
	const nasty = "a/b?c=d&e%20f+g h#i\r\nX: y;ü"
	s := aritest.Start(t,
		aritest.Expect("GET /channels/{id}/variable", "variable={v}"), aritest.Reply(200, `{"value":"{v}"}`),
		aritest.Expect("POST /channels/{id}/play", "lang=x"), aritest.Body(`{"media":["sound:a,b","sound:c"]}`), aritest.Reply(201, `{}`),
	)
	c := &ari.Client{URL: s.URL}
	defer c.Close()
	_, err := c.Channels().GetChannelVar(within(t), nasty, nasty)
	var wrong *ari.ProtocolError
	if err != nil && !errors.As(err, &wrong) { // the CR LF makes the fake's answer no JSON
		t.Fatal(err)
	}
	_, err = c.Channels().Play(within(t), nasty, ari.ChannelPlayParams{Media: []string{"sound:a,b", "sound:c"}, Lang: "x"})
	must(t, err)
	must(t, s.Wait())
	if s.Value("id") != nasty || s.Value("v") != nasty {
		t.Errorf("got %q and %q", s.Value("id"), s.Value("v"))
	}
	var invalid *ari.InvalidRequestError
	for name, err := range map[string]error{
		"no id":             c.Channels().Answer(within(t), ""),
		"dots":              c.Channels().Answer(within(t), ".."),
		"required":          c.Asterisk().SetGlobalVar(within(t), "", "x"),
		"NUL":               c.Asterisk().SetGlobalVar(within(t), "x", "a\x00b"),
		"comma in a query":  second(c.Applications().Unsubscribe(within(t), "a", []string{"bridge:a,b"})),
		"an endless number": second(c.Channels().Originate(within(t), ari.ChannelOriginateParams{Endpoint: "x", Timeout: 1 << 62})),
		"no such operation": second(c.Do(within(t), "channels.none", nil, nil)),
		"no such parameter": second(c.Do(within(t), "channels.list", map[string][]string{"x": {"y"}}, nil)),
	} {
		if !errors.As(err, &invalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// Requests share connections. (CyCoreSystems/ari: 100 creates are 100 connections.)
func TestConnectionsAreReused(t *testing.T) {
	var made atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"id":"x"}`)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			made.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	c := &ari.Client{URL: s.URL + "/ari"}
	defer c.Close()
	for range 100 {
		_, err := c.Channels().Create(within(t), ari.ChannelCreateParams{Endpoint: "a", App: "b"})
		must(t, err)
		must(t, c.Channels().Answer(within(t), "x"))
	}
	if n := made.Load(); n != 1 {
		t.Errorf("%d connections for 200 requests", n)
	}
}

// An address that leads elsewhere gets no credentials, and one that holds some is refused and not repeated.
func TestCredentialsStayHere(t *testing.T) {
	var reached atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	defer other.Close()
	s := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer s.Close()
	c := &ari.Client{URL: s.URL, Username: "u", Password: "geheim"}
	defer c.Close()
	var e *ari.Error
	if err := c.Channels().Answer(within(t), "x"); !errors.As(err, &e) || e.Status != 307 || reached.Load() {
		t.Errorf("got %v, the other was reached: %v", err, reached.Load())
	}
	for _, address := range []string{"http://u:geheim@host/ari", "http://u:geheim@ho st/ari", "ftp://host", "http://host/ari?api_key=geheim"} {
		c := &ari.Client{URL: address}
		if err := c.Channels().Answer(within(t), "x"); err == nil || strings.Contains(err.Error(), "geheim") || !ari.SafeToRetry(err) {
			t.Errorf("%s: got %v", address, err)
		}
	}
}

// A call of which nobody knows whether Asterisk has made it is hung up.
func TestUnknownOutcomeIsUndone(t *testing.T) {
	app := fake(t, &ari.App{},
		aritest.Expect("POST /channels", "channelId={id}", "app=test"), aritest.Drop(),
		aritest.Expect("DELETE /channels/{id}"), aritest.Reply(204, ""),
	)
	_, err := app.Originate(within(t), ari.ChannelOriginateParams{Endpoint: "Local/x"})
	if err == nil || ari.SafeToRetry(err) {
		t.Errorf("got %v", err)
	}
}

// The context ends while Asterisk makes something: what it has made is undone, and in this order.
func TestCancelledCreationIsUndone(t *testing.T) {
	ctx, cancel := context.WithCancel(within(t))
	app := fake(t, &ari.App{},
		aritest.Expect("POST /channels/c/play/{id}"),
		func(context.Context, *aritest.Server) error { cancel(); return nil },
		aritest.Reply(201, `{"id":"{id}"}`),
		aritest.Expect("DELETE /playbacks/{id}"), aritest.Reply(204, ""),
	)
	if err := app.Channel("c").Play(ctx, "sound:x"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// What comes for a request before its answer is not missed. (CyCoreSystems/ari: 26 of 100 missed.)
func TestEventBeforeAnswer(t *testing.T) {
	app := fake(t, &ari.App{},
		aritest.Expect("POST /channels/c/play/{id}", "media=sound:x"),
		aritest.Send(`{"type":"PlaybackFinished","playback":{"id":"{id}","media_uri":"sound:x","state":"failed"}}`),
		aritest.Reply(201, `{"id":"{id}","state":"queued"}`),
	)
	var failed *ari.PlaybackError
	if err := app.Channel("c").Play(within(t), "sound:x"); !errors.As(err, &failed) || failed.Media != "sound:x" {
		t.Errorf("got %v", err)
	}
}

// A consumer that stands still loses events, but is told how many; others lose none, and the connection stays.
func TestSlowConsumer(t *testing.T) {
	const sent, size = 1000, 100
	taken := make(chan struct{}, 1)
	next := func(context.Context, *aritest.Server) error { <-taken; return nil }
	app := fake(t, &ari.App{QueueSize: size},
		aritest.Repeat(sent, next, aritest.Send(`{"type":"ChannelUserevent","eventname":"n{n}"}`)),
		next, aritest.Send(`{"type":"Last"}`),
	)
	slow, quick := app.Events(within(t)), app.Events(within(t))
	taken <- struct{}{}
	n := 0
	waitFor(t, quick, func(e ari.Event) bool {
		n++
		taken <- struct{}{}
		return e.Type == "Last"
	})
	if n != sent+1 {
		t.Errorf("%d events", n)
	}
	got, lost := 0, uint64(0)
	for _, err := range slow {
		var gap *ari.GapError
		if errors.As(err, &gap) {
			if !errors.Is(err, ari.ErrSlowConsumer) || gap.First.Type != "ChannelUserevent" {
				t.Errorf("gap %v", err)
			}
			lost += gap.Lost
		} else {
			must(t, err)
			got++
		}
		if lost+uint64(got) == sent+1 {
			break
		}
	}
	if got != size || lost != sent+1-size {
		t.Errorf("got %d and lost %d", got, lost)
	}
}

// An event of a type that nobody knows reaches the user with all of its fields, and so do fields that nobody knows.
func TestUnknownEvents(t *testing.T) {
	app := fake(t, &ari.App{}, aritest.Expect("POST /events/user/go"), aritest.Reply(204, ""),
		aritest.Raw(`no JSON`), aritest.Raw(`{"no":"type"}`), aritest.Raw(`[]`),
		aritest.Send(`{"type":"FromTheFuture","what":{"a":[1]}}`, `{"new":true,"type":"StasisEnd","channel":{"id":"c","newer":"x"}}`),
	)
	events := app.Events(within(t))
	must(t, app.Client.Events().UserEvent(within(t), "go", ari.UserEventParams{Application: "test"}))
	var got []any
	waitFor(t, events, func(e ari.Event) bool {
		d, err := e.Decode()
		must(t, err)
		got = append(got, d)
		return len(got) == 2
	})
	if u := got[0].(*ari.UnknownEvent); u.Type != "FromTheFuture" || string(u.Extra["what"]) != `{"a":[1]}` || u.Timestamp.IsZero() {
		t.Errorf("got %+v", u)
	}
	if s := got[1].(*ari.StasisEnd); string(s.Extra["new"]) != "true" || string(s.Channel.Extra["newer"]) != `"x"` {
		t.Errorf("got %+v", s)
	}
}

// fence is an event of the App's own that comes back.
func fence(name string) []aritest.Step {
	return []aritest.Step{
		aritest.Expect("POST /events/user/{" + name + "}"), aritest.Send(`{"type":"ChannelUserevent","eventname":"{` + name + `}"}`), aritest.Reply(204, ""),
	}
}

// A lost websocket is announced, made again, and what was missed is found out.
func TestReconnect(t *testing.T) {
	cut := make(chan struct{})
	app := &ari.App{
		ReconnectWait: time.Millisecond, Subscriptions: []string{"endpoint:PJSIP/1"}, Filter: &ari.EventFilter{Disallowed: []string{"ChannelVarset"}},
		Snapshots: ari.SnapshotChannels,
	}
	prepare := []aritest.Step{
		aritest.Expect("PUT /applications/test/eventFilter"), aritest.Body(`{"allowed":[],"disallowed":[{"type":"ChannelVarset"}]}`), aritest.Reply(200, `{}`),
		aritest.Expect("POST /applications/test/subscription", "eventSource=endpoint:PJSIP/1"), aritest.Reply(200, `{}`),
	}
	empty := append([]aritest.Step{aritest.Expect("GET /channels"), aritest.Reply(200, `[]`)}, fence("first")...)
	script := slices.Concat(prepare, empty, []aritest.Step{
		aritest.Send(`{"type":"StasisStart","args":["a"],"channel":{"id":"c1"}}`, `{"type":"StasisStart","args":[],"channel":{"id":"c2"}}`),
		aritest.Await(cut), aritest.Cut(), aritest.Connect("test"),
	}, prepare, []aritest.Step{
		aritest.Expect("GET /applications/test"), aritest.Reply(200, `{"name":"test","channel_ids":["c2"]}`),
		aritest.Expect("GET /bridges"), aritest.Reply(200, `[{"id":"b","channels":["c2"]}]`),
		aritest.Expect("GET /channels"), aritest.Reply(200, `[{"id":"c2","name":"x"}]`),
	}, fence("second"), []aritest.Step{
		aritest.Expect("GET /applications/test"), aritest.Reply(200, `{"name":"test","channel_ids":["c2"]}`),
	}, fence("third"), []aritest.Step{
		aritest.Expect("GET /applications/test"), aritest.Reply(200, `{"name":"test","channel_ids":[]}`),
	}, fence("fourth"))
	events := app.Events(within(t))
	app = fake(t, app, script...)
	n := 0
	waitFor(t, events, func(e ari.Event) bool {
		if e.Type == "StasisStart" || e.Mark == ari.ResyncEnd {
			n++
		}
		return n == 3
	})
	events = app.Events(within(t))
	gone, kept := app.Channel("c1"), app.Channel("c2")
	close(cut)
	var got []string
	waitFor(t, events, func(e ari.Event) bool {
		got = append(got, e.Mark.String()+" "+e.Type+" "+e.Channel)
		if e.Mark == ari.Snapshot {
			d, err := e.Decode()
			if c := d.(*ari.ChannelSnapshot); err != nil || c.Name != "x" {
				t.Errorf("snapshot %s, %v", e.JSON(), err)
			}
		}
		if e.Mark == ari.Disconnected && !errors.Is(e.Err(), ari.ErrConnectionLost) {
			t.Errorf("disconnected because of %v", e.Err())
		}
		return e.Mark == ari.ResyncEnd
	})
	want := []string{"disconnected Disconnected ", "resync begin Resync ", "gone StasisEnd c1", "snapshot Channel c2", "resync end Resync "}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	await(t, gone.Done())
	if kept.Err() != nil || kept.Bridge() != "b" {
		t.Errorf("kept: %v, in bridge %q", kept.Err(), kept.Bridge())
	}
	await(t, kept.Done()) // the list was older than the end that nobody has told
}

// A peer that is gone without a word is found by a ping.
func TestHalfOpen(t *testing.T) {
	over := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err == nil {
			defer func() { _ = conn.CloseNow() }()
			<-over // never reads: no answer to a ping
		}
	}))
	defer s.Close()
	defer close(over)
	app := application(t, &ari.App{
		Client: &ari.Client{URL: s.URL}, Keepalive: time.Millisecond, KeepaliveTimeout: 50 * time.Millisecond, ReconnectWait: -1,
	})
	await(t, app.Done())
	if !errors.Is(app.Err(), ari.ErrConnectionLost) || !strings.Contains(app.Err().Error(), "ping") {
		t.Errorf("got %v", app.Err())
	}
	s.CloseClientConnections()
}

// Another websocket for the same application ends this one, which does not fight back.
func TestReplaced(t *testing.T) {
	connected := make(chan struct{})
	app := fake(t, &ari.App{}, aritest.Await(connected), aritest.Send(`{"type":"ApplicationReplaced"}`))
	close(connected)
	await(t, app.Done())
	if !errors.Is(app.Err(), ari.ErrReplaced) {
		t.Errorf("got %v", app.Err())
	}
}

// Many consumers that end in all ways leave nothing behind, neither when they are cancelled nor when the App is closed.
func TestConsumersEnd(t *testing.T) {
	app := fake(t, &ari.App{})
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error, 200)
	for i := range 200 {
		c := ctx
		if i%2 == 0 {
			c = t.Context()
		}
		events := app.Events(c)
		go func() {
			for _, err := range events {
				over <- err
			}
		}()
	}
	cancel()
	for range 100 {
		if err := await(t, over); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	must(t, app.Close())
	for range 100 {
		if err := await(t, over); !errors.Is(err, ari.ErrClosed) {
			t.Errorf("got %v", err)
		}
	}
}

// Waits whose contexts end leave nothing behind. (CyCoreSystems/ari: a goroutine each.)
func TestWaitsEndWithTheirContexts(t *testing.T) {
	app := fake(t, &ari.App{})
	ctx, cancel := context.WithCancel(t.Context())
	ch := app.Channel("c")
	const waits = 300
	over := make(chan error, 2*waits)
	for range waits {
		go func() { over <- ch.Wait(ctx) }()
		go func() { over <- second(ch.Collect(ctx, ari.Digits{Max: 1, First: time.Hour})) }()
	}
	cancel()
	for range 2 * waits {
		if err := await(t, over); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
}

// A Connect that fails behind the websocket closes that, and the next one has its own. (CyCoreSystems/ari: it stays open.)
func TestConnectThatFailsLeavesNothing(t *testing.T) {
	closed := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ari/events", func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err == nil {
			_, _, err = conn.Read(context.Background())
			_ = conn.CloseNow()
		}
		if err != nil {
			close(closed)
		}
	})
	mux.HandleFunc("PUT /ari/applications/test/eventFilter", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	s := httptest.NewServer(mux)
	defer s.Close()
	app := &ari.App{Client: &ari.Client{URL: s.URL + "/ari"}, Name: "test", Filter: &ari.EventFilter{}}
	defer app.Client.Close()
	var refused *ari.Error
	if err := app.Connect(within(t)); !errors.As(err, &refused) || refused.Status != 500 {
		t.Errorf("got %v", err)
	}
	await(t, closed)
	must(t, app.Close())
}

package ari

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// Asterisk sends the begin of a dial after its answer if that is given at once (a Local channel): it is answered all the same.
func TestBeginOfDialAfterAnswer(t *testing.T) {
	ch := newChannel(nil, "x")
	for _, status := range []string{"ANSWER", ""} {
		e, err := parseEvent(`{"type":"Dial","application":"a","dialstatus":"` + status + `","peer":{"id":"x"}}`)
		if err != nil {
			t.Fatal(err)
		}
		ch.follow(e)
	}
	if over, err := ch.dialled(); !over || err != nil {
		t.Errorf("over %v, %v", over, err)
	}
}

// A call may be found by Resume before its StasisStart comes.
func TestStartAfterResume(t *testing.T) {
	ch := newChannel(nil, "x")
	ch.resume()
	e, err := parseEvent(`{"type":"StasisStart","application":"a","args":["one"],"channel":{"id":"x"}}`)
	if err != nil {
		t.Fatal(err)
	}
	ch.start(nil, e)
	if args := ch.Args(); len(args) != 1 || args[0] != "one" {
		t.Errorf("args %q", args)
	}
}

// A server that cannot resume all calls has ended the handlers of those that it has resumed when it returns.
func TestServeThatCannotResume(t *testing.T) {
	asterisk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/applications/test"):
			fmt.Fprint(w, `{"name":"test","channel_ids":["a","b"]}`)
		case strings.HasSuffix(r.URL.Path, "/channels/a"):
			fmt.Fprint(w, `{"id":"a","dialplan":{"app_name":"Stasis","app_data":"test"}}`)
		case strings.HasSuffix(r.URL.Path, "/a/variable"):
			w.WriteHeader(http.StatusNotFound)
		default:
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer asterisk.Close()
	app := &App{Name: "test", Client: &Client{URL: asterisk.URL + "/ari"}, Filter: &EventFilter{Disallowed: []string{userEvent}}}
	app.setup()
	app.state = Up
	var ended atomic.Bool
	s := &Server{App: app, Resume: func(ctx context.Context, _ *Channel) error {
		<-ctx.Done()
		ended.Store(true)
		return nil
	}}
	if err := s.Serve(t.Context()); err == nil || !ended.Load() || s.Calls() != 0 {
		t.Errorf("Serve: %v; the handler has ended: %v; %d calls", err, ended.Load(), s.Calls())
	}
	app.Client.carrier.(*direct).CloseIdleConnections()
}

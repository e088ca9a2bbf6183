package ari

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// A connection that nobody uses any more is closed in time, and not only by the next request.
func TestIdleConnectionsAreClosed(t *testing.T) {
	closed := make(chan struct{}, 1)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"ping":"pong"}`)) })) //nolint:errcheck // the client says it
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- struct{}{}
		}
	}
	s.Start()
	defer s.Close()
	c := &Client{URL: s.URL + "/ari"}
	c.setup()
	carrier := c.carrier.(*direct)
	carrier.patience = time.Millisecond
	if _, err := c.Asterisk().Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-closed:
	case <-time.After(time.Minute):
		t.Fatal("it is not closed")
	}
	carrier.mu.Lock()
	defer carrier.mu.Unlock()
	if carrier.sweep != nil || len(carrier.idle) != 0 {
		t.Errorf("left: %d connections, a timer: %v", len(carrier.idle), carrier.sweep != nil)
	}
}

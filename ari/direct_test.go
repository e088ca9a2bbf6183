package ari_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/asterism-go/asterism/ari"
)

// A connection that Asterisk has closed meanwhile is not used again: a request on it would be lost, and nobody could tell.
func TestConnectionThatIsGoneIsNotUsed(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"ping":"pong"}`) }))
	defer s.Close()
	c := &ari.Client{URL: s.URL + "/ari"}
	defer c.Close()
	for range 20 {
		_, err := c.Asterisk().Ping(within(t))
		must(t, err)
		s.CloseClientConnections()
	}
}

// More requests than MaxConnections wait for each other, and one that waits ends with its context.
func TestMaxConnections(t *testing.T) {
	const most = 3
	var now, peak, made atomic.Int32
	release := make(chan struct{})
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		peak.Store(max(peak.Load(), now.Add(1)))
		<-release
		now.Add(-1)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			made.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	c := &ari.Client{URL: s.URL + "/ari", MaxConnections: most}
	defer c.Close()
	over := make(chan error, 10)
	for range 10 {
		go func() { over <- c.Channels().Answer(within(t), "x") }()
	}
	for now.Load() < most {
		select {
		case err := <-over:
			t.Fatalf("one is over already: %v", err)
		default:
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Channels().Answer(ctx, "x"); !errors.Is(err, context.Canceled) || !ari.SafeToRetry(err) {
		t.Errorf("got %v", err)
	}
	close(release)
	for range 10 {
		must(t, await(t, over))
	}
	if peak.Load() != most || made.Load() != most {
		t.Errorf("%d requests at once, %d connections", peak.Load(), made.Load())
	}
}

// The end of the context ends a request that is under way, and the connection with it.
func TestRequestEndsWithItsContext(t *testing.T) {
	came, gone := make(chan struct{}), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(came)
		<-r.Context().Done()
		close(gone)
	}))
	defer s.Close()
	c := &ari.Client{URL: s.URL + "/ari"}
	defer c.Close()
	cause := errors.New("the reason")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		<-came
		cancel(cause)
	}()
	if err := c.Channels().Answer(ctx, "x"); !errors.Is(err, cause) || ari.SafeToRetry(err) {
		t.Errorf("got %v", err)
	}
	await(t, gone)
}

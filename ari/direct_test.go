package ari_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
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
	eventually(within(t), t, "as many as may be are there", func() bool {
		if len(over) > 0 {
			t.Fatalf("one is over already: %v", <-over)
		}
		return now.Load() == most
	})
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

// A refusal that comes before the body has been read is an answer, whether or not the connection is closed then.
func TestEarlyRefusal(t *testing.T) {
	for name, size := range map[string]int{"small": 4 << 10, "large": 32 << 20} {
		for _, closes := range []bool{true, false} {
			l := get[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
			over := make(chan struct{})
			go refuse(l, closes, over)
			c := &ari.Client{URL: "http://" + l.Addr().String() + "/ari", MaxConnections: -1}
			err := c.Channels().SetChannelVars(within(t), "x", ari.Variables{"A": strings.Repeat("x", size)})
			var refused *ari.Error
			if !errors.As(err, &refused) || refused.Status != 413 {
				t.Errorf("%s, closed %v: %v", name, closes, err)
			}
			l.Close()
			c.Close()
			await(t, over)
		}
	}
}

// refuse answers one request as soon as its head is there, and does not read its body.
func refuse(l net.Listener, closes bool, over chan<- struct{}) {
	defer close(over)
	conn, err := l.Accept()
	if err != nil {
		return
	}
	defer conn.Close()
	r := bufio.NewReaderSize(conn, 1<<10)
	for line := "-"; line != "\r\n" && err == nil; {
		line, err = r.ReadString('\n')
	}
	io.WriteString(conn, "HTTP/1.1 413 Request Entity Too Large\r\nContent-Length: 0\r\n\r\n") //nolint:errcheck // the client says it
	if closes {
		conn.(*net.TCPConn).CloseWrite() //nolint:errcheck // as above
		return
	}
	l.Accept() //nolint:errcheck // until the test has its answer
}

// Another service on the port is told apart from an Asterisk that does not answer.
func TestAnotherService(t *testing.T) {
	l := get[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		io.WriteString(conn, "SSH-2.0-OpenSSH_9.2p1\r\n") //nolint:errcheck // the client says it
		io.Copy(io.Discard, conn)                         //nolint:errcheck // until the client has gone
	}()
	c := &ari.Client{URL: "http://" + l.Addr().String() + "/ari"}
	defer c.Close()
	var wrong *ari.ProtocolError
	if _, err := c.Asterisk().Ping(within(t)); !errors.As(err, &wrong) || wrong.Operation != "asterisk.ping" {
		t.Errorf("got %v", err)
	}
}

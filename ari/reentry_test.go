package ari_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/ari/aritest"
)

// A call that comes back into the application while its first handler still has something to do has a handler of its own.
func TestCallThatComesBack(t *testing.T) {
	const (
		start = `{"type":"StasisStart","args":[],"channel":{"id":"c1"}}`
		end   = `{"type":"StasisEnd","channel":{"id":"c1"}}`
	)
	began := make(chan struct{})
	s := aritest.Start(t, aritest.Connect("test"), aritest.Send(start), aritest.Await(began), aritest.Send(end, start),
		aritest.Expect("DELETE /channels/c1"), aritest.Reply(204, "")) // by the second handler; the first one's call is elsewhere
	client := &ari.Client{URL: s.URL}
	t.Cleanup(func() { client.Close() })
	app := &ari.App{Client: client, Name: "test"}
	t.Cleanup(func() { app.Close() })
	visits, release := make(chan *ari.Channel, 2), make(chan struct{})
	server := &ari.Server{App: app, Handler: func(ctx context.Context, ch *ari.Channel) error {
		visits <- ch
		<-ctx.Done()
		<-release
		return nil
	}}
	ctx, cancel := context.WithCancel(within(t))
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx) }()
	first := await(t, visits)
	close(began)
	select {
	case second := <-visits:
		if first == second {
			t.Error("both visits are of one Channel")
		}
	case <-ctx.Done():
		t.Error("the second visit has no handler")
	}
	close(release)
	cancel()
	if err := await(t, served); !errors.Is(err, context.Canceled) {
		t.Errorf("Serve: %v", err)
	}
}

// oneAnswer is a server with one connection that answers every request so.
func oneAnswer(t *testing.T, answer func(io.Writer)) *ari.Client {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, err := l.Accept()
		accepted <- conn
		for r := bufio.NewReader(conn); err == nil; {
			var line string
			for line != "\r\n" && err == nil {
				line, err = r.ReadString('\n')
			}
			if err == nil {
				answer(conn)
			}
		}
	}()
	t.Cleanup(func() { l.Close(); (<-accepted).Close() })
	return &ari.Client{URL: "http://" + l.Addr().String() + "/ari", MaxConnections: -1}
}

// What a proxy says before the answer is not the answer.
func TestInterimAnswers(t *testing.T) {
	c := oneAnswer(t, func(w io.Writer) {
		io.WriteString(w, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"ping\":\"pong\"}") //nolint:errcheck // the client says it
	})
	for range 2 {
		if ping, err := c.Asterisk().Ping(within(t)); err != nil || ping.Ping != "pong" {
			t.Errorf("%+v, %v", ping, err)
		}
	}
}

// A head without an end is refused, and not kept in memory.
func TestHeadWithoutEnd(t *testing.T) {
	long := strings.Repeat("x", 1<<16)
	c := oneAnswer(t, func(w io.Writer) {
		io.WriteString(w, "HTTP/1.1 200 OK\r\nX: ") //nolint:errcheck // as below
		for range 64 {
			if _, err := io.WriteString(w, long); err != nil {
				return // the client has gone
			}
		}
	})
	if _, err := c.Asterisk().Ping(within(t)); err == nil || !strings.Contains(err.Error(), "the head of the answer is longer than") {
		t.Errorf("got %v", err)
	}
}

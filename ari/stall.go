package ari

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
)

const (
	// stallEvent is how large the events of a measurement are: Asterisk takes no more than 40960 bytes of a request (main/http.c).
	stallEvent = 30 << 10
	// stallEvents is how many there are: more than the buffers of both systems hold.
	stallEvents = 600
	// stallPatience is how long the next event may take once they are read.
	stallPatience = 3 * time.Second
)

// stall looks whether Asterisk ends a websocket that is not read for some time: it sends events to an application of its own,
// more than the buffers hold, waits, and then reads. An Asterisk that has waited goes on, and all of them come.
//
// Asterisk itself may not know that it has ended a websocket, and does not say so to us: the thread that reads it waits on a
// descriptor that another has closed (ast_websocket_close in res/res_http_websocket.c), and the application is there all the
// while. A ping would not help: answering it fails, and then the thread waits for ever (ast_ari_websocket_session_read).
func (d *doctor) stall(ctx context.Context, wait time.Duration) (ended bool, err error) {
	name := "diagnose-" + newID()
	conn, done, err := d.silent(ctx, name)
	if err != nil {
		return false, err
	}
	defer done()
	for range stallEvents {
		err := d.c.Events().UserEvent(ctx, "stall", UserEventParams{Application: name, Variables: Variables{"x": strings.Repeat("x", stallEvent)}})
		var refused *Error
		if errors.As(err, &refused) { // the application is gone
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
	if !pause(ctx, wait) {
		return false, context.Cause(ctx)
	}
	for range stallEvents {
		if !another(ctx, conn) {
			return true, nil
		}
	}
	return false, nil
}

// another waits for the next event of a measurement.
func another(ctx context.Context, conn *websocket.Conn) bool {
	ctx, cancel := context.WithTimeout(ctx, stallPatience)
	defer cancel()
	for {
		_, text, err := conn.Read(ctx)
		if err != nil {
			return false
		}
		if e, err := parseEvent(string(text)); err == nil && e.Type == userEvent {
			return true
		}
	}
}

// silent makes a websocket that is not read, with a small buffer.
func (d *doctor) silent(ctx context.Context, name string) (*websocket.Conn, func(), error) {
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if tcp, ok := conn.(*net.TCPConn); ok {
			err = tcp.SetReadBuffer(stallEvent)
		}
		return conn, err
	}}
	op := &operations[opEventsEventWebsocket]
	login := &http.Request{Header: http.Header{}}
	login.SetBasicAuth(d.c.Username, d.c.Password)
	//nolint:bodyclose // the library has read it and closed it
	conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(d.c.base, "http")+op.Path+"?app="+escape(name), &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, HTTPHeader: login.Header, Subprotocols: []string{protocol},
	})
	if err != nil {
		return nil, nil, unanswered(ctx, op, false, err)
	}
	conn.SetReadLimit(DefaultMaxEventSize)
	return conn, func() {
		conn.CloseNow() //nolint:errcheck // nobody wants it
		transport.CloseIdleConnections()
	}, nil
}

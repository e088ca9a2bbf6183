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
	// stallEvents is how many there are at most: more than the buffers of both systems hold.
	stallEvents = 600
	// stallWait is how long is waited for the end of the websocket.
	stallWait = 2 * minWriteTimeout
)

// stall measures how long Asterisk waits for a websocket that nobody reads: it sends events to an application of its own until
// they are refused. What has not come of them by then was being written meanwhile. ok is false if it lasts longer than is waited.
func (d *doctor) stall(ctx context.Context) (wait time.Duration, ok bool, err error) {
	name := "diagnose-" + newID()
	conn, done, err := d.silent(ctx, name)
	if err != nil {
		return 0, false, err
	}
	defer done()
	var sent []time.Time
	for begin := time.Now(); ; {
		if len(sent) < stallEvents {
			begin = time.Now()
			err = d.c.Events().UserEvent(ctx, "stall", UserEventParams{
				Application: name, Variables: Variables{"x": strings.Repeat("x", stallEvent)},
			})
			sent = append(sent, begin)
		} else {
			pause(ctx, stallWait/100)
			_, err = d.c.Applications().Get(ctx, name)
		}
		var refused *Error
		switch {
		case errors.As(err, &refused):
			return time.Since(sent[min(unread(ctx, conn), len(sent)-1)]), true, nil
		case err != nil:
			return 0, false, err
		case len(sent) == stallEvents && time.Since(begin) > stallWait:
			return 0, false, nil
		}
	}
}

// unread counts the events that came before the websocket ended.
func unread(ctx context.Context, conn *websocket.Conn) (n int) {
	for {
		_, text, err := conn.Read(ctx)
		if err != nil {
			return n
		}
		if e, err := parseEvent(string(text)); err == nil && e.Type == "ChannelUserevent" {
			n++
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

package ari

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

// direct carries requests over connections that are used again, in the goroutine of who asks. The transport of net/http has
// two more goroutines for each connection and hands a request over several times, which costs more than all that this package
// does for it. It knows what Asterisk speaks: HTTP/1.1 without TLS, and answers that come at once.
type direct struct {
	slots chan struct{} // one is taken by each connection that is in use

	mu   sync.Mutex
	idle []*wire // the one that was used last is at the end
}

func newDirect(most int) *direct { return &direct{slots: make(chan struct{}, most)} }

// wire is a connection.
type wire struct {
	net.Conn
	address string
	head    *io.LimitedReader // under r: bounds the head of an answer
	r       *bufio.Reader
	w       *bufio.Writer
	since   time.Time // that it is idle
}

// RoundTrip implements [http.RoundTripper].
func (d *direct) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	select {
	case d.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	conn, reused, err := d.connect(ctx, net.JoinHostPort(req.URL.Hostname(), cmp.Or(req.URL.Port(), "80")))
	if err != nil {
		<-d.slots
		return nil, err
	}
	if trace := httptrace.ContextClientTrace(ctx); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{Conn: conn, Reused: reused})
	}
	// what waits for the connection gives up when ctx ends
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) }) //nolint:errcheck // then it is closed
	resp, err := conn.ask(req)
	if err != nil {
		stop()
		conn.Close()
		<-d.slots
		return nil, err
	}
	resp.Body = &answerBody{ReadCloser: resp.Body, direct: d, conn: conn, stop: stop, last: resp.Close}
	return resp, nil
}

// connect returns a connection that is idle, or a new one.
func (d *direct) connect(ctx context.Context, address string) (conn *wire, reused bool, err error) {
	for {
		conn := d.takeIdle(address)
		if conn == nil {
			break
		}
		if time.Since(conn.since) < idleTimeout && conn.r.Buffered() == 0 && alive(conn.Conn) {
			return conn, true, nil
		}
		conn.Close()
	}
	made, err := (&net.Dialer{KeepAlive: idleTimeout}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, false, err
	}
	head := &io.LimitedReader{R: made}
	return &wire{Conn: made, address: address, head: head, r: bufio.NewReader(head), w: bufio.NewWriter(made)}, false, nil
}

func (d *direct) takeIdle(address string) *wire {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := len(d.idle) - 1; i >= 0; i-- {
		if conn := d.idle[i]; conn.address == address {
			d.idle = append(d.idle[:i], d.idle[i+1:]...)
			return conn
		}
	}
	return nil
}

// CloseIdleConnections closes what nobody uses.
func (d *direct) CloseIdleConnections() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, conn := range d.idle {
		conn.Close()
	}
	d.idle = nil
}

// ask sends a request and reads the head of the answer.
func (w *wire) ask(req *http.Request) (*http.Response, error) {
	if err := w.write(req); err != nil {
		return nil, err
	}
	w.head.N = maxHead
	defer func() { w.head.N = math.MaxInt64 }()
	for {
		resp, err := http.ReadResponse(w.r, req)
		switch {
		case err != nil && w.head.N <= 0:
			return nil, fmt.Errorf("the head of the answer is longer than %d bytes", maxHead)
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, errors.New("the connection was closed before an answer came")
		case err != nil:
			return nil, err
		case resp.StatusCode == http.StatusSwitchingProtocols:
			return nil, errors.New("the answer is 101: another protocol, which nobody has asked for")
		case resp.StatusCode >= http.StatusOK:
			return resp, nil
		}
		// what a proxy says while the answer is on its way (RFC 9110, section 15.2)
	}
}

// maxHead bounds the head of an answer, with what is said before it.
const maxHead = 1 << 20

// write writes a request as [http.Request.Write] does, without what never happens here.
func (w *wire) write(req *http.Request) error {
	for _, part := range [...]string{req.Method, " ", req.URL.RequestURI(), " HTTP/1.1\r\nHost: ", req.URL.Host, "\r\n"} {
		w.w.WriteString(part) //nolint:errcheck // Flush says it
	}
	if err := req.Header.Write(w.w); err != nil {
		return err
	}
	if req.Body == nil && (req.Method == http.MethodGet || req.Method == http.MethodDelete) {
		w.w.WriteString("\r\n") //nolint:errcheck // Flush says it
		return w.w.Flush()
	}
	fmt.Fprintf(w.w, "Content-Length: %d\r\n\r\n", req.ContentLength)
	if req.Body != nil {
		defer req.Body.Close()
		if _, err := io.CopyN(w.w, req.Body, req.ContentLength); err != nil {
			return err
		}
	}
	return w.w.Flush()
}

// answerBody gives its connection back when it has been read to its end.
type answerBody struct {
	io.ReadCloser
	direct *direct
	conn   *wire
	stop   func() bool
	last   bool // Asterisk closes the connection
	whole  bool
	once   sync.Once
}

// Read implements [io.Reader].
func (b *answerBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		b.whole = true
	}
	return n, err
}

// Close implements [io.Closer].
func (b *answerBody) Close() error {
	b.once.Do(func() {
		if b.stop() && b.whole && !b.last {
			b.direct.giveBack(b.conn)
		} else {
			b.conn.Close()
		}
		<-b.direct.slots
	})
	return nil
}

// giveBack keeps a connection for the next request, and closes those that have been idle for too long.
func (d *direct) giveBack(conn *wire) {
	now := time.Now()
	conn.since = now
	d.mu.Lock()
	defer d.mu.Unlock()
	old := 0
	for old < len(d.idle) && now.Sub(d.idle[old].since) > idleTimeout {
		d.idle[old].Close()
		old++
	}
	d.idle = append(d.idle[old:], conn)
}

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

	patience time.Duration // how long a connection may be idle

	mu    sync.Mutex
	idle  []*wire     // the one that was used last is at the end
	sweep *time.Timer // closes those that are idle for too long; nil while there is none
}

func newDirect(most int) *direct {
	return &direct{slots: make(chan struct{}, most), patience: idleTimeout}
}

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
		if time.Since(conn.since) < d.patience && conn.r.Buffered() == 0 && alive(conn.Conn) {
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
	if d.sweep != nil {
		d.sweep.Stop()
		d.sweep = nil
	}
}

// ask sends a request and reads the head of the answer.
func (w *wire) ask(req *http.Request) (*http.Response, error) {
	if req.ContentLength <= maxAtOnce {
		if err := w.write(req); err != nil {
			return w.early(req, err)
		}
		return w.answer(req)
	}
	written := make(chan error, 1)
	go func() { written <- w.write(req) }()
	resp, err := w.answer(req)
	if err == nil {
		w.SetWriteDeadline(time.Now().Add(restTime)) //nolint:errcheck // what is left of the body is not wanted; then it is closed
	} else {
		w.SetWriteDeadline(time.Unix(1, 0)) //nolint:errcheck // as above
	}
	if wrong := <-written; wrong != nil && err == nil {
		resp.Close = true
	}
	if err == nil {
		w.SetWriteDeadline(time.Time{}) //nolint:errcheck // the next request says it
	}
	return resp, err
}

// maxAtOnce is how large a body may be that is written before the answer is read: the buffers of a socket hold it, so that
// writing does not wait for one who has refused it already. Asterisk takes no more than 40960 bytes (main/http.c).
const maxAtOnce = 16 << 10

// early is the answer that came before the request could be written, such as a 413; without one the error counts.
func (w *wire) early(req *http.Request, err error) (*http.Response, error) {
	w.SetReadDeadline(time.Now().Add(restTime)) //nolint:errcheck // then there is no answer
	resp, none := w.answer(req)
	if none != nil {
		return nil, err
	}
	resp.Close = true
	return resp, nil
}

// answer reads the head of the answer.
func (w *wire) answer(req *http.Request) (*http.Response, error) {
	w.head.N = maxHead
	defer func() { w.head.N = math.MaxInt64 }()
	for {
		first, err := w.r.Peek(len(httpMark))
		if err == nil && string(first) != httpMark {
			return nil, &ProtocolError{Problem: "what answers there does not speak HTTP"}
		}
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

// httpMark is what every answer begins with.
const httpMark = "HTTP/1."

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
	conn.since = time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.idle = append(d.idle, conn)
	if d.sweep == nil {
		d.sweep = time.AfterFunc(d.patience, d.closeOld)
	}
}

// closeOld closes what has been idle for too long, and comes again as long as anything is idle.
func (d *direct) closeOld() {
	d.mu.Lock()
	defer d.mu.Unlock()
	old := 0
	for old < len(d.idle) && time.Since(d.idle[old].since) >= d.patience {
		d.idle[old].Close()
		old++
	}
	d.idle = d.idle[old:]
	switch {
	case d.sweep == nil: // all were closed meanwhile
	case len(d.idle) == 0:
		d.sweep = nil
	default:
		d.sweep.Reset(max(time.Millisecond, d.patience-time.Since(d.idle[0].since)))
	}
}

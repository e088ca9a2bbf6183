package ari

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Do sends the request that is called so, such as channels.originate, and returns Asterisk's answer as JSON; nil if there is
// none. Params are those of the path and of the query by their names; body, if not nil, is a JSON object with more. It is for
// programs that do not know the operation when they are compiled: the methods of [Client.Channels] and the others have types.
// The operations whose answer is not JSON, events.eventWebsocket and recordings.getStoredFile, are refused.
func (c *Client) Do(ctx context.Context, operation string, params map[string][]string, body json.RawMessage) (json.RawMessage, error) {
	i := slices.IndexFunc(operations[:], func(o Operation) bool { return o.String() == operation })
	if i < 0 || i == opEventsEventWebsocket || i == opRecordingsGetStoredFile {
		return nil, &InvalidRequestError{Operation: operation, Param: "operation", Problem: "is not one that answers with JSON"}
	}
	r, err := requestOf(i, params)
	if err != nil {
		return nil, err
	}
	if body != nil {
		r.whole = body
	}
	var answer string
	err = c.exchange(ctx, r, func(text string) error { answer = text; return nil })
	if answer == "" {
		return nil, err
	}
	return json.RawMessage(answer), err
}

// requestOf puts a request together from parameters by name.
func requestOf(op int, params map[string][]string) (*request, error) {
	var path []string
	for _, p := range operations[op].Params {
		if p.In == "path" {
			path = append(path, strings.Join(params[p.Name], ","))
		}
	}
	r := newRequest(op, path...)
	for name, values := range params {
		i := slices.IndexFunc(r.op.Params, func(p Param) bool { return p.Name == name })
		if i < 0 {
			return nil, &InvalidRequestError{Operation: r.op.String(), Param: name, Problem: "is none of its parameters"}
		}
		switch p := r.op.Params[i]; {
		case p.In == "path":
		case p.In == "body":
			return nil, &InvalidRequestError{Operation: r.op.String(), Param: name, Problem: "goes into the body"}
		case p.Multiple:
			addList(r, name, values, false)
		case len(values) != 1:
			return nil, &InvalidRequestError{Operation: r.op.String(), Param: name, Problem: "takes one value"}
		default:
			r.put(name, values[0])
		}
	}
	return r, nil
}

// fetch sends a request and decodes the answer. What it returns is never nil.
func fetch[T any, P decodable[T]](ctx context.Context, c *Client, r *request) (*T, error) {
	answer := new(T)
	err := c.exchange(ctx, r, func(text string) error {
		d := decoder{text: text}
		P(answer).decode(&d)
		return d.end()
	})
	return answer, err
}

func fetchList[T any, P decodable[T]](ctx context.Context, c *Client, r *request) (list []T, err error) {
	err = c.exchange(ctx, r, func(text string) error {
		d := decoder{text: text}
		list = decodeList[T, P](&d)
		return d.end()
	})
	return list, err
}

// void sends a request whose answer says nothing.
func (c *Client) void(ctx context.Context, r *request) error {
	return c.exchange(ctx, r, func(string) error { return nil })
}

// exchange sends a request and gives the text of the answer to the function.
func (c *Client) exchange(ctx context.Context, r *request, decode func(string) error) error {
	ctx, cancel := c.timeout(ctx)
	defer cancel()
	begin := time.Now()
	ctx, end := c.spanRequest(ctx, r.op)
	err := c.answer(ctx, r, decode)
	end(err)
	c.over(r.op, time.Since(begin), err)
	return err
}

func (c *Client) answer(ctx context.Context, r *request, decode func(string) error) error {
	resp, err := c.send(ctx, r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := c.read(resp.Body)
	var wrong *ProtocolError
	switch {
	case errors.As(err, &wrong):
		wrong.Operation = r.op.String()
		return wrong
	case err != nil:
		return unanswered(ctx, r.op, true, err)
	}
	if resp.StatusCode/100 != 2 {
		return refusal(r.op, resp.StatusCode, text)
	}
	if err := decode(text); errors.As(err, &wrong) {
		wrong.Operation = r.op.String()
		return wrong
	}
	return nil
}

// over counts a request and tells who wants to know.
func (c *Client) over(op *Operation, took time.Duration, err error) {
	c.metrics.answered(op, took, err)
	if c.Hooks.Request != nil {
		c.Hooks.Request(op.String(), took, err)
	}
	if c.Logger != nil {
		c.Logger.Debug("ari: request", "operation", op.String(), "took", took, "error", err)
	}
}

// refusal is what Asterisk says with another status than 2xx.
func refusal(op *Operation, status int, text string) error {
	e := &Error{Operation: op.String(), Status: status}
	d := decoder{text: text}
	for ok := strings.HasPrefix(text, "{") && d.enter(); ok && d.next(); {
		switch d.key { // "error" is what res/res_ari.c itself writes
		case "message", "error":
			e.Message = d.str()
		default:
			d.skip()
		}
	}
	return e
}

// stream sends a request whose answer is a file.
func (c *Client) stream(ctx context.Context, r *request) (io.ReadCloser, error) {
	begin := time.Now()
	ctx, end := c.spanRequest(ctx, r.op)
	ctx, cancel := context.WithCancelCause(ctx)
	timeout := orDefault(c.Timeout, DefaultTimeout)
	var timer *time.Timer
	if timeout > 0 {
		timer = time.AfterFunc(timeout, func() { cancel(&timeoutError{timeout}) })
	}
	resp, err := c.send(ctx, r)
	if timer != nil {
		timer.Stop()
	}
	if err == nil && resp.StatusCode/100 != 2 {
		text, _ := c.read(resp.Body) // the status says enough
		resp.Body.Close()
		err = refusal(r.op, resp.StatusCode, text)
	}
	end(err)
	c.over(r.op, time.Since(begin), err)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	return &download{ReadCloser: resp.Body, size: resp.ContentLength, done: func() { cancel(nil) }}, nil
}

// maxRest is how much of a file that nobody wants is read rather than the connection given up.
const maxRest = 256 << 10

// restTime bounds how long that may take.
const restTime = 250 * time.Millisecond

// download is a file that is coming.
type download struct {
	io.ReadCloser
	size int64
	done func()
}

// Size is how many bytes it has in all, -1 if Asterisk does not tell.
func (d *download) Size() int64 { return d.size }

// Close reads a short rest, so that the connection can be used again, but does not wait for long.
func (d *download) Close() error {
	late := time.AfterFunc(restTime, d.done)
	io.CopyN(io.Discard, d.ReadCloser, maxRest) //nolint:errcheck // if it fails, so does Close or nobody minds
	late.Stop()
	defer d.done()
	return d.ReadCloser.Close()
}

// send returns the answer of Asterisk, whatever it is.
func (c *Client) send(ctx context.Context, r *request) (*http.Response, error) {
	if r.err != nil {
		return nil, r.err
	}
	c.setup()
	if c.badURL != nil {
		return nil, unanswered(ctx, r.op, false, c.badURL)
	}
	body, err := r.payload()
	if err != nil {
		return nil, err
	}
	var reached sentMark
	req, err := c.httpRequest(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: reached.set}), r, body)
	if err != nil {
		return nil, unanswered(ctx, r.op, false, err)
	}
	resp, err := c.carrier.RoundTrip(req)
	var wrong *ProtocolError
	if errors.As(err, &wrong) {
		wrong.Operation = r.op.String()
		return nil, wrong
	}
	if err != nil {
		return nil, unanswered(ctx, r.op, reached.is() || !c.traced(), err)
	}
	return resp, nil
}

// traced reports whether the transport tells when a request gets a connection. Of one that does not, nobody knows.
func (c *Client) traced() bool {
	_, socket := c.Transport.(*socketTransport)
	return socket || c.Transport == nil
}

func (c *Client) httpRequest(ctx context.Context, r *request, body []byte) (*http.Request, error) {
	address := c.base + r.path
	if len(r.query) > 0 {
		address += "?" + string(r.query)
	}
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, r.op.Method, address, reader)
	if err != nil {
		return nil, errors.New("the address is wrong")
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header["Authorization"] = c.login
	return req, nil
}

// sentMark notes that a request has got a connection, so that bytes of it may have left.
type sentMark struct {
	mu   sync.Mutex
	sent bool
}

func (m *sentMark) set(httptrace.GotConnInfo) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent = true
}

func (m *sentMark) is() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sent
}

// unanswered says why there is no answer: the cause of the context, if that has ended. An error of HTTP holds the address,
// with values of the caller's in it: it is left out.
func unanswered(ctx context.Context, op *Operation, sent bool, err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	var refused interface{ NotSent() bool }
	if errors.As(err, &refused) && refused.NotSent() {
		sent = false
	}
	return &RequestError{Operation: op.String(), Sent: sent, Err: err}
}

// buffers are for reading answers.
var buffers = sync.Pool{New: func() any { b := make([]byte, 16<<10); return &b }}

// read reads an answer up to the limit.
func (c *Client) read(body io.Reader) (string, error) {
	limit := orDefault(c.MaxResponseSize, DefaultMaxResponseSize)
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	var text strings.Builder
	for {
		n, err := body.Read(*buffer)
		if int64(text.Len()+n) > limit {
			return "", &ProtocolError{Problem: fmt.Sprintf("over %d bytes (Client.MaxResponseSize)", limit)}
		}
		text.Write((*buffer)[:n])
		if errors.Is(err, io.EOF) {
			return text.String(), nil
		}
		if err != nil {
			return "", err
		}
	}
}

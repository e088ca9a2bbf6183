package cycore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	v5 "github.com/CyCoreSystems/ari/v5"

	"github.com/asterism-go/asterism/ari"
)

// From makes an application of a client of CyCoreSystems/ari v5 that is connected: its requests and its events go through that
// client. Connect it, or give it to [ari.Serve] or an [ari.Server], which also finds the calls of a program before. Closing it does not
// close the client.
//
// It has no connection of its own, so it is no better than the client: what the client's bus has dropped is missing, and when
// the client reconnects nobody is told. What v5 has no method for is an [*UnsupportedError]. The answer of a request
// that makes something holds only its id; a context ends the wait for a request, not the request. A client of a cluster
// (ari-proxy) needs [FromNode].
func From(client v5.Client) *ari.App { return FromNode(client, "") }

// FromNode is From for one Asterisk of a cluster, by its entity id: requests are for that one, and the events of others are
// left out.
func FromNode(client v5.Client, node string) *ari.App {
	f := &from{client: client, node: node}
	return &ari.App{
		Name: client.ApplicationName(), Client: &ari.Client{Transport: f},
		Keepalive: -1, ReconnectWait: -1, Listen: f.listen,
	}
}

// UnsupportedError says that CyCoreSystems/ari v5 has no method for a request, or none that carries a parameter. Nothing was sent.
type UnsupportedError struct {
	// Operation is what was asked for, such as channels.move. Param is the parameter that v5 cannot carry, empty if it is all.
	Operation, Param string
}

func (e *UnsupportedError) Error() string {
	if e.Param != "" {
		return fmt.Sprintf("cycore: CyCoreSystems/ari v5 cannot send the parameter %s of %s", e.Param, e.Operation)
	}
	return "cycore: CyCoreSystems/ari v5 has no " + e.Operation
}

// Unsupported tells an [ari.App] to do without what is for itself only.
func (e *UnsupportedError) Unsupported() bool { return true }

// NotSent tells the [ari.Client] that nothing has left.
func (e *UnsupportedError) NotSent() bool { return true }

// from carries requests over a client of v5.
type from struct {
	client v5.Client
	node   string
}

// key is where a thing is.
func (f *from) key(kind, id string) *v5.Key {
	return v5.NewKey(kind, id, v5.WithApp(f.client.ApplicationName()), v5.WithNode(f.node))
}

// RoundTrip implements [http.RoundTripper]: the request is read, and the method of v5 that sends the same is called.
func (f *from) RoundTrip(r *http.Request) (*http.Response, error) {
	c, err := readCall(f, r)
	if err != nil {
		return nil, err
	}
	carrier := carrierOf(c.op.String())
	if carrier == nil {
		return nil, &UnsupportedError{Operation: c.op.String()}
	}
	if err := c.check(*carrier); err != nil {
		return nil, err
	}
	type result struct {
		answer any
		err    error
	}
	done := make(chan result, 1)
	go func() {
		answer, err := carrier.do(c)
		done <- result{answer, err}
	}()
	select {
	case got := <-done:
		return respond(r, got.answer, got.err)
	case <-r.Context().Done():
		return nil, context.Cause(r.Context())
	}
}

// respond makes the answer of Asterisk that the method of v5 has had.
func respond(r *http.Request, answer any, err error) (*http.Response, error) {
	status := http.StatusOK
	if err != nil {
		if status = codeOf(err); status/100 < 3 {
			return nil, err
		}
		answer = map[string]string{"message": err.Error()}
	}
	var text []byte
	if answer == nil {
		status = http.StatusNoContent
	} else if text, err = json.Marshal(answer); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, Header: http.Header{},
		Body: io.NopCloser(bytes.NewReader(text)), ContentLength: int64(len(text)),
	}, nil
}

// nonOK is how v5 words the status of Asterisk (native/request.go); ari-proxy passes on nothing but the words.
var nonOK = regexp.MustCompile(`Non-2XX response: (\d{3})`)

// codeOf finds the status in an error of v5, 0 if there is none. Some of its errors have a Cause and no Unwrap.
func codeOf(err error) int {
	var coded interface{ Code() int }
	if errors.As(err, &coded) {
		return coded.Code()
	}
	var caused interface{ Cause() error }
	if errors.As(err, &caused) && caused.Cause() != nil {
		if code := codeOf(caused.Cause()); code != 0 {
			return code
		}
	}
	if words := nonOK.FindStringSubmatch(err.Error()); words != nil {
		code, _ := strconv.Atoi(words[1])
		return code
	}
	return 0
}

// call is a request that has been read.
type call struct {
	*from

	op        *ari.Operation
	values    map[string]string
	variables map[string]string
	fields    []v5.ConfigTuple
	path      map[string]string
}

func readCall(f *from, r *http.Request) (*call, error) {
	_, path, _ := strings.Cut(r.URL.EscapedPath(), "/ari/")
	parts := strings.Split(path, "/")
	var c *call
	for _, op := range ari.Operations() {
		if values := match(&op, r.Method, parts); values != nil && (c == nil || len(values) < len(c.values)) {
			c = &call{from: f, op: &op, values: values}
		}
	}
	if c == nil {
		return nil, &UnsupportedError{Operation: r.Method + " " + path}
	}
	c.path = maps.Clone(c.values)
	for name, values := range r.URL.Query() {
		c.values[name] = strings.Join(values, ",")
	}
	err := c.readBody(r)
	return c, err
}

// match reads the parameters of the path; nil says that it is another operation.
func match(op *ari.Operation, method string, parts []string) map[string]string {
	pattern := strings.Split(strings.TrimPrefix(op.Path, "/"), "/")
	if op.Method != method || len(pattern) != len(parts) {
		return nil
	}
	values := map[string]string{}
	for i, want := range pattern {
		part, err := url.PathUnescape(parts[i])
		switch {
		case err != nil:
			return nil
		case strings.HasPrefix(want, "{"):
			values[strings.Trim(want, "{}")] = part
		case want != part:
			return nil
		}
	}
	return values
}

func (c *call) readBody(r *http.Request) error {
	if r.Body == nil {
		return nil
	}
	defer r.Body.Close()
	var body map[string]json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for name, text := range body {
		var err error
		switch name {
		case "variables":
			err = json.Unmarshal(text, &c.variables)
		case "fields":
			err = json.Unmarshal(text, &c.fields)
		default:
			err = &UnsupportedError{Operation: c.op.String(), Param: name}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// get returns a parameter.
func (c *call) get(name string) string { return c.values[name] }

func (c *call) number(name string) int64 {
	n, _ := strconv.ParseInt(c.get(name), 10, 64) // the Client has written it
	return n
}

// check refuses what the method of v5 cannot carry, before anything is sent.
func (c *call) check(carrier carrier) error {
	known := strings.Fields(carrier.params)
	for name := range c.values {
		if _, inPath := c.path[name]; !inPath && !slices.Contains(known, name) {
			return &UnsupportedError{Operation: c.op.String(), Param: name}
		}
	}
	if len(c.variables) > 0 && !slices.Contains(known, "variables") {
		return &UnsupportedError{Operation: c.op.String(), Param: "variables"}
	}
	if strings.Contains(c.get("media"), ",") {
		return &UnsupportedError{Operation: c.op.String(), Param: "media: a list"}
	}
	return nil
}

// listen has the events of the bus of v5.
func (f *from) listen(context.Context) (ari.Feed, error) {
	return &feed{node: f.node, sub: f.client.Bus().Subscribe(nil, v5.Events.All), done: make(chan struct{})}, nil
}

// feed is the bus of v5 as an application wants it.
type feed struct {
	node string
	sub  v5.Subscription
	once sync.Once
	done chan struct{}
}

// errBusClosed says that the client of v5 was closed.
var errBusClosed = errors.New("cycore: the bus of the client was closed")

// Next implements [ari.Feed].
func (f *feed) Next(ctx context.Context) ([]byte, error) {
	for {
		select {
		case e, ok := <-f.sub.Events():
			if !ok {
				return nil, errBusClosed
			}
			if gap, ok := e.(*Gap); ok {
				return nil, fmt.Errorf("cycore: events are missing: %w", gap.Err)
			}
			if f.node == "" || e.GetNode() == "" || e.GetNode() == f.node {
				return encode(e)
			}
		case <-f.done:
			return nil, errBusClosed
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// encode writes an event as Asterisk does, as far as v5 has kept it.
func encode(e v5.Event) ([]byte, error) {
	if unknown, ok := e.(*Unknown); ok {
		return unknown.JSON, nil
	}
	return json.Marshal(e)
}

// Close implements [ari.Feed].
func (f *feed) Close() error {
	f.once.Do(func() {
		close(f.done)
		f.sub.Cancel()
	})
	return nil
}

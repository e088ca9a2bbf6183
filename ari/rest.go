package ari

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"

	"github.com/coder/websocket"
	"github.com/google/uuid"
)

// restAnswer is what came for a request over a websocket.
type restAnswer struct {
	status int
	body   string
	kind   string
	err    error
}

// Transport carries requests over the websocket of the application in place of connections of their own, since Asterisk
// 20.14 and 22.4:
//
//	client := &ari.Client{...}
//	app := &ari.App{Client: client, ...}
//	client.Transport = app.Transport()
//
// Asterisk carries them out one after the other, in order with the events, and cannot send files so. With the App being
// Outbound nothing but Asterisk's own connection is needed. The fields of the Client that say where Asterisk is are then
// without effect.
func (a *App) Transport() http.RoundTripper { return &socketTransport{a} }

type socketTransport struct{ app *App }

// restRequest is a request as Asterisk expects it (res/ari/ari_websocket_requests.c).
type restRequest struct {
	Type        string `json:"type"`
	ID          string `json:"request_id"`
	Method      string `json:"method"`
	URI         string `json:"uri"`
	ContentType string `json:"content_type,omitempty"`
	Body        string `json:"message_body,omitempty"`
}

// RoundTrip implements [http.RoundTripper].
func (t *socketTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	a := t.app
	a.mu.Lock()
	s := a.session
	a.mu.Unlock()
	if s == nil {
		return nil, errNoSocket
	}
	uri := r.URL.EscapedPath()
	if i := strings.Index(uri, "/ari/"); i >= 0 {
		uri = uri[i+len("/ari/"):]
	}
	if r.URL.RawQuery != "" {
		uri += "?" + r.URL.RawQuery
	}
	request := restRequest{Type: "RESTRequest", ID: uuid.NewString(), Method: r.Method, URI: uri}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			return nil, err
		}
		request.ContentType, request.Body = r.Header.Get("Content-Type"), string(body)
	}
	answer, err := s.ask(r.Context(), request)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: answer.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {answer.kind}}, ContentLength: int64(len(answer.body)),
		Body: io.NopCloser(bytes.NewReader([]byte(answer.body))),
	}, nil
}

var errNoSocket = errors.New("the application has no connection")

// ask sends a request and waits for the answer to it.
func (s *session) ask(ctx context.Context, request restRequest) (restAnswer, error) {
	text, err := json.Marshal(request)
	if err != nil {
		return restAnswer{}, err
	}
	answer := make(chan restAnswer, 1)
	s.mu.Lock()
	if s.err != nil {
		s.mu.Unlock()
		return restAnswer{}, s.err
	}
	s.requests[request.ID] = answer
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.requests, request.ID)
	}()
	if trace := httptrace.ContextClientTrace(ctx); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{Reused: true})
	}
	// a write that is cut short by its context ends the websocket, so it gets none; fail ends it
	if err := s.conn.Write(context.WithoutCancel(ctx), websocket.MessageText, text); err != nil {
		return restAnswer{}, err
	}
	select {
	case a := <-answer:
		return a, a.err
	case <-ctx.Done():
		return restAnswer{}, context.Cause(ctx)
	}
}

// answered gives an answer to who waits for it.
func (s *session) answered(e Event) {
	var response RESTResponse
	d := decoder{text: e.text}
	response.decode(&d)
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := s.requests[response.RequestID]
	if answer == nil || d.err != nil {
		return // who asked does not wait any more
	}
	delete(s.requests, response.RequestID)
	answer <- restAnswer{status: response.StatusCode, body: response.MessageBody, kind: response.ContentType}
}

package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/asterism-go/asterism/agi"
)

// The defaults of [Handler].
const (
	DefaultTimeout = 3 * time.Second
	// MaxTurns is how often a server may be asked in one session.
	MaxTurns = 50
)

// Handler asks an HTTP server what to do with a session.
type Handler struct {
	// URL is where requests go.
	URL string
	// Secret signs them; empty: they are not signed.
	Secret []byte
	// Timeout bounds each request, its answer included. Default: [DefaultTimeout].
	Timeout time.Duration
	// Client, if not nil, is used in place of a client that follows no redirects.
	Client *http.Client
}

var _ agi.Handler = (*Handler)(nil)

// plainClient follows no redirects: a signed request goes to the server that it is for, and nowhere else.
var plainClient = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// ServeAGI asks and does what the server says.
func (h *Handler) ServeAGI(ctx context.Context, s *agi.Session) error {
	request := newRequest(s)
	for request.Turn <= MaxTurns {
		response, err := h.ask(ctx, request)
		if err != nil {
			return fmt.Errorf("webhook: %w", err)
		}
		request.Results = nil
		for i, step := range response.Steps {
			do := step.actions()[0]
			result, err := do.run(ctx, s)
			if err != nil {
				return fmt.Errorf("webhook: step %d (%s): %w", i+1, do.name, err)
			}
			result.Step = do.name
			request.Results = append(request.Results, result)
		}
		if !response.More {
			return nil
		}
		request.Turn++
	}
	return fmt.Errorf("webhook: the server wants more than %d turns", MaxTurns)
}

func newRequest(s *agi.Session) Request {
	e := s.Env()
	return Request{
		Session: rand.Text(), Turn: 1, Route: s.Route(), Params: s.Params(), Query: s.Query(),
		Call: Call{
			Uniqueid: e.Uniqueid, Channel: e.Channel, CallerID: e.CallerID, CallerIDName: e.CallerIDName, DNID: e.DNID,
			RDNIS: e.RDNIS, Context: e.Context, Extension: e.Extension, Language: e.Language, Args: e.Args,
		},
	}
}

// ask sends a request and reads the response.
func (h *Handler) ask(ctx context.Context, request Request) (Response, error) {
	timeout := h.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no answer of %s within %v", h.URL, timeout))
	defer cancel()
	body, err := json.Marshal(request)
	if err != nil {
		return Response{}, err
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return Response{}, err
	}
	post.Header.Set("Content-Type", "application/json")
	post.Header.Set("Accept", "application/json")
	h.sign(post, body, time.Now())
	client := h.Client
	if client == nil {
		client = plainClient
	}
	answer, err := client.Do(post)
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return Response{}, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		io.Copy(io.Discard, io.LimitReader(answer.Body, maxResponse)) //nolint:errcheck // only so that the connection can be used again
		return Response{}, fmt.Errorf("%s answers %s", h.URL, answer.Status)
	}
	return readResponse(answer.Body)
}

// sign adds the headers of Standard Webhooks, version 1: an HMAC-SHA256 of id, time and body.
func (h *Handler) sign(post *http.Request, body []byte, now time.Time) {
	id, stamp := "msg_"+rand.Text(), strconv.FormatInt(now.Unix(), 10)
	post.Header.Set("Webhook-Id", id)
	post.Header.Set("Webhook-Timestamp", stamp)
	if len(h.Secret) == 0 {
		return
	}
	mac := hmac.New(sha256.New, h.Secret)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	post.Header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

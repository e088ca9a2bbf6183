package aritest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// Step is one thing that happens.
type Step func(ctx context.Context, s *Server) error

// Connect waits for a websocket for an application, and takes it.
func Connect(app string) Step {
	return func(ctx context.Context, s *Server) error {
		sock, err := s.nextSocket(ctx, app)
		if err != nil {
			return err
		}
		sock.accept <- answer{}
		select {
		case conn, ok := <-sock.conn:
			if !ok {
				return errors.New("the websocket was not made")
			}
			sock.ready = conn
			s.socket = sock
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Refuse waits for a websocket for an application, and refuses it with a status.
func Refuse(app string, status int, body string) Step {
	return func(ctx context.Context, s *Server) error {
		sock, err := s.nextSocket(ctx, app)
		if err != nil {
			return err
		}
		sock.accept <- answer{status: status, body: body}
		return nil
	}
}

func (s *Server) nextSocket(ctx context.Context, app string) (*socket, error) {
	select {
	case sock := <-s.sockets:
		if sock.app != app {
			return nil, fmt.Errorf("a websocket for %q instead of %q", sock.app, app)
		}
		return sock, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for a websocket for %q: %w", app, context.Cause(ctx))
	}
}

// Expect waits for the next request. It must have this method and path, such as "POST /channels/{channel}/answer", and this in
// its query, written as "name=value" and not escaped. A Reply must follow.
func Expect(request string, query ...string) Step {
	return func(ctx context.Context, s *Server) error {
		method, path, _ := strings.Cut(request, " ")
		select {
		case s.current = <-s.requests:
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", request, context.Cause(ctx))
		}
		got := s.current
		if got.method != method || !s.match(path, got.path) {
			return fmt.Errorf("got %s %s instead of %s", got.method, got.path, s.fill(request))
		}
		for _, q := range query {
			name, value, _ := strings.Cut(q, "=")
			if !slices.ContainsFunc(got.query[name], func(v string) bool { return s.capture(value, v) }) {
				return fmt.Errorf("%s has no %s but %v", request, s.fill(q), got.query)
			}
		}
		return nil
	}
}

// Body checks the body of the request that was expected last: it must be this JSON, whatever the order of its fields.
func Body(want string) Step {
	return func(_ context.Context, s *Server) error {
		var a, b any
		if err := json.Unmarshal([]byte(s.fill(want)), &a); err != nil {
			return fmt.Errorf("what is expected is no JSON: %w", err)
		}
		if err := json.Unmarshal([]byte(s.current.body), &b); err != nil {
			return fmt.Errorf("the body %q is no JSON", s.current.body)
		}
		x, errX := json.Marshal(a)
		y, errY := json.Marshal(b)
		if errX != nil || errY != nil || !bytes.Equal(x, y) {
			return fmt.Errorf("the body is %s instead of %s", y, x)
		}
		return nil
	}
}

// Reply answers the request that was expected last.
func Reply(status int, body string) Step {
	return func(_ context.Context, s *Server) error {
		s.current.answer <- answer{status: status, body: s.fill(body)}
		return nil
	}
}

// Drop cuts the connection of the request that was expected last, without an answer.
func Drop() Step {
	return func(_ context.Context, s *Server) error {
		s.current.answer <- answer{cut: true}
		return nil
	}
}

// Send sends events over the websocket that was made last. The fields application, timestamp and asterisk_id are added, unless
// they are there.
func Send(events ...string) Step {
	return func(ctx context.Context, s *Server) error {
		for _, text := range events {
			if err := s.socket.ready.Write(ctx, websocket.MessageText, s.complete(text)); err != nil {
				return fmt.Errorf("sending an event: %w", err)
			}
		}
		return nil
	}
}

// Raw sends a message that need not be an event.
func Raw(text string) Step {
	return func(ctx context.Context, s *Server) error {
		return s.socket.ready.Write(ctx, websocket.MessageText, []byte(text))
	}
}

// Cut cuts the websocket that was made last, without a farewell.
func Cut() Step {
	return func(_ context.Context, s *Server) error {
		s.socket.ready.CloseNow() //nolint:errcheck // it is cut either way
		return nil
	}
}

// Await waits until a channel is closed: until the test has done something.
func Await(done <-chan struct{}) Step {
	return func(ctx context.Context, _ *Server) error {
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Repeat plays steps several times; {n} is which time it is, from 0.
func Repeat(times int, steps ...Step) Step {
	return func(ctx context.Context, s *Server) error {
		defer delete(s.values, "n")
		for i := range times {
			s.values["n"] = strconv.Itoa(i)
			for _, step := range steps {
				if err := step(ctx, s); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// complete adds what every event has.
func (s *Server) complete(text string) []byte {
	text = strings.TrimSpace(s.fill(text))
	var there map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &there) != nil {
		return []byte(text) // on purpose
	}
	extra := []byte(strings.TrimSuffix(text, "}"))
	for _, field := range [][2]string{
		{"application", s.socket.app}, {"timestamp", time.Now().Format("2006-01-02T15:04:05.000-0700")}, {"asterisk_id", "aritest"},
	} {
		if there[field[0]] == nil {
			extra = fmt.Appendf(extra, ",%q:%q", field[0], field[1])
		}
	}
	return append(extra, '}')
}

// match compares a path with one that came, and takes the values of words in braces.
func (s *Server) match(want, got string) bool {
	w, g := strings.Split(want, "/"), strings.Split(got, "/")
	if len(w) != len(g) {
		return false
	}
	for i := range w {
		value, err := url.PathUnescape(g[i])
		if err != nil || !s.capture(w[i], value) {
			return false
		}
	}
	return true
}

// capture compares a value with one that came. A word in braces that stands for nothing yet stands for it from now on.
func (s *Server) capture(want, got string) bool {
	if name, ok := strings.CutPrefix(want, "{"); ok && strings.HasSuffix(name, "}") {
		name = strings.TrimSuffix(name, "}")
		if _, known := s.values[name]; !known {
			s.values[name] = got
		}
	}
	return s.fill(want) == got
}

// fill puts in the values of words in braces.
func (s *Server) fill(text string) string {
	for name, value := range s.values {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

package agi

import (
	"context"
	"fmt"
	"net/url"
	"strings"
)

// Handler serves sessions. Its context ends with the call, with the cause [ErrHangup], or with the server. When it returns
// nil the dialplan goes on with AGISTATUS=SUCCESS; after an error, or a panic, with FAILURE. Asterisk makes it FAILURE by
// itself when a command has failed, such as StreamFile for want of the file, even if the handler makes the best of it.
type Handler interface {
	ServeAGI(ctx context.Context, s *Session) error
}

// HandlerFunc is a function as a [Handler].
type HandlerFunc func(ctx context.Context, s *Session) error

// ServeAGI calls the function.
func (f HandlerFunc) ServeAGI(ctx context.Context, s *Session) error { return f(ctx, s) }

// Middleware wraps a handler with something that is done for every session.
type Middleware func(Handler) Handler

// Mux is a [Handler] that chooses another one by the path in agi://host/path. A pattern is a path whose segments are names,
// or {name} for any one segment, whose value is [Session.Param]. The pattern with the most names from the left wins. Set it
// up before it serves; after that it must not change.
type Mux struct {
	root       node
	middleware []Middleware
}

// node is what the patterns have in common up to a segment.
type node struct {
	names   map[string]*node
	any     *node
	anyName string
	handler Handler
	pattern string
}

// NewMux returns a Mux without routes.
func NewMux() *Mux { return &Mux{} }

// Use wraps all handlers that are added from now on; the first one is the outermost.
func (m *Mux) Use(middleware ...Middleware) { m.middleware = append(m.middleware, middleware...) }

// HandleFunc adds a route to a function; see [Mux.Handle].
func (m *Mux) HandleFunc(pattern string, handler func(ctx context.Context, s *Session) error) {
	m.Handle(pattern, HandlerFunc(handler))
}

// Handle adds a route. It panics if the pattern is malformed or taken, as that is a mistake in the program; use [Mux.Add]
// for patterns from elsewhere.
func (m *Mux) Handle(pattern string, handler Handler) {
	if err := m.Add(pattern, handler); err != nil {
		panic(err)
	}
}

// Add adds a route, or says what is wrong with its pattern.
func (m *Mux) Add(pattern string, handler Handler) error {
	at := &m.root
	for segment := range strings.SplitSeq(strings.Trim(pattern, "/"), "/") {
		name, parameter := strings.CutPrefix(segment, "{")
		name, closed := strings.CutSuffix(name, "}")
		switch {
		case segment == "" || parameter != closed || parameter && name == "" || strings.ContainsAny(name, "{}?"):
			return fmt.Errorf("agi: the pattern %q has a malformed segment %q", pattern, segment)
		case parameter && at.any != nil && at.anyName != name:
			return fmt.Errorf("agi: the pattern %q calls {%s} what another one calls {%s}", pattern, name, at.anyName)
		case parameter:
			at = at.parameter(name)
		default:
			at = at.child(name)
		}
	}
	if at.handler != nil {
		return fmt.Errorf("agi: the pattern %q is taken by %q", pattern, at.pattern)
	}
	for i := len(m.middleware) - 1; i >= 0; i-- {
		handler = m.middleware[i](handler)
	}
	at.handler, at.pattern = handler, strings.Trim(pattern, "/")
	return nil
}

func (n *node) child(name string) *node {
	if n.names == nil {
		n.names = map[string]*node{}
	}
	if n.names[name] == nil {
		n.names[name] = &node{}
	}
	return n.names[name]
}

func (n *node) parameter(name string) *node {
	if n.any == nil {
		n.any, n.anyName = &node{}, name
	}
	return n.any
}

// ServeAGI calls the handler whose pattern fits the session's script; the error is [ErrNoRoute] if there is none.
func (m *Mux) ServeAGI(ctx context.Context, s *Session) error {
	path, _ := splitScript(s.env.Script)
	params := map[string]string{}
	found := m.root.find(segments(path), params)
	if found == nil {
		return fmt.Errorf("%w: %.100q", ErrNoRoute, path)
	}
	s.route, s.params = found.pattern, params
	return found.handler.ServeAGI(ctx, s)
}

// find returns the node of the pattern that fits, and the values of its parameters.
func (n *node) find(rest []string, params map[string]string) *node {
	if len(rest) == 0 {
		if n.handler == nil {
			return nil
		}
		return n
	}
	if next := n.names[rest[0]]; next != nil {
		if found := next.find(rest[1:], params); found != nil {
			return found
		}
	}
	if n.any == nil || rest[0] == "" {
		return nil
	}
	found := n.any.find(rest[1:], params)
	if found != nil {
		params[n.anyName] = rest[0]
	}
	return found
}

// segments are the segments of a path, decoded.
func segments(path string) []string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i, part := range parts {
		if decoded, err := url.PathUnescape(part); err == nil {
			parts[i] = decoded
		}
	}
	return parts
}

// splitScript splits agi_network_script, which Asterisk passes on as it stands in the dialplan, into path and query.
func splitScript(script string) (path, query string) {
	path, query, _ = strings.Cut(script, "?")
	return path, query
}

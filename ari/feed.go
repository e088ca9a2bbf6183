package ari

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/coder/websocket"
)

// Feed is where an [App] takes its events from if not from a websocket of its own: see App.Listen.
type Feed interface {
	// Next waits for the next event, as Asterisk writes it. An error ends the feed.
	Next(ctx context.Context) ([]byte, error)
	// Close ends a Next that waits. It may be called more than once.
	Close() error
}

// socket is what a session needs of a *[websocket.Conn].
type socket interface {
	Reader(ctx context.Context) (websocket.MessageType, io.Reader, error)
	Write(ctx context.Context, kind websocket.MessageType, text []byte) error
	Ping(ctx context.Context) error
	Close(code websocket.StatusCode, reason string) error
	CloseNow() error
}

var _ socket = (*websocket.Conn)(nil)

// feedSocket is a feed as a session wants it.
type feedSocket struct{ feed Feed }

func (f feedSocket) Reader(ctx context.Context) (websocket.MessageType, io.Reader, error) {
	text, err := f.feed.Next(ctx)
	return websocket.MessageText, bytes.NewReader(text), err
}

// errNoRequests says that requests do not go over a feed.
var errNoRequests = errors.New("ari: App.Listen has only events: it carries no requests")

func (f feedSocket) Write(context.Context, websocket.MessageType, []byte) error { return errNoRequests }
func (f feedSocket) Ping(context.Context) error                                 { return nil }
func (f feedSocket) Close(websocket.StatusCode, string) error                   { return f.feed.Close() }

func (f feedSocket) CloseNow() error { return f.feed.Close() }

// Package connpool keeps the connections of a store: at most so many at once, each for one call at a time, and those that nobody
// needs for a while.
package connpool

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/asterism-go/asterism/recording"
)

// Conn is a connection.
type Conn interface {
	comparable
	// Kill ends it at once; what is in flight fails with the reason. Only the first one counts.
	Kill(why error)
	// Why is the reason of its end, nil if it lives.
	Why() error
}

// errUnused is why a connection that is kept is ended.
var errUnused = errors.New("not needed any more")

// Pool keeps connections. It may be used by several goroutines at once.
type Pool[C Conn] struct {
	dial  func(ctx context.Context) (C, error)
	idle  time.Duration
	slots chan struct{} // one for each connection that there may be

	mu     sync.Mutex
	free   []kept[C] // the one used last at the end
	all    map[C]struct{}
	closed bool
}

// kept is a connection that nobody uses, until the timer ends it.
type kept[C Conn] struct {
	conn C
	idle *time.Timer
}

// New makes a pool of at most so many connections, which are kept for so long. Dial makes one and calls Add with it.
func New[C Conn](most int, idle time.Duration, dial func(ctx context.Context) (C, error)) *Pool[C] {
	return &Pool[C]{dial: dial, idle: idle, slots: make(chan struct{}, most), all: map[C]struct{}{}}
}

// Get gives a connection, waiting for one if there are as many as there may be, and tells whether it was used before. Fresh wants one
// that is new.
func (p *Pool[C]) Get(ctx context.Context, fresh bool) (c C, reused bool, err error) {
	var none C
	if err := ctx.Err(); err != nil {
		return none, false, err
	}
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return none, false, ctx.Err()
	}
	c, reused, err = p.take(fresh)
	if err == nil && !reused {
		c, err = p.dial(ctx)
	}
	if err != nil {
		<-p.slots
		return none, false, err
	}
	return c, reused, nil
}

// take takes one out of the pool that has not ended, if there is one. Those that are not wanted are ended.
func (p *Pool[C]) take(fresh bool) (c C, found bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return c, false, recording.ErrClosed
	}
	for n := len(p.free); n > 0; n = len(p.free) {
		last := p.free[n-1]
		p.free = p.free[:n-1]
		if last.idle.Stop() && !fresh && last.conn.Why() == nil {
			return last.conn, true, nil
		}
		last.conn.Kill(errUnused)
		delete(p.all, last.conn)
	}
	return c, false, nil
}

// Add makes a new connection known to Close. One that is made while the pool is closed is ended: the error is recording.ErrClosed.
func (p *Pool[C]) Add(c C) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		c.Kill(recording.ErrClosed)
		return recording.ErrClosed
	}
	p.all[c] = struct{}{}
	return nil
}

// Put gives a connection back. One that has ended is forgotten.
func (p *Pool[C]) Put(c C) {
	p.mu.Lock()
	switch {
	case p.closed:
		c.Kill(recording.ErrClosed)
	case c.Why() != nil:
		delete(p.all, c)
	default:
		p.free = append(p.free, kept[C]{c, time.AfterFunc(p.idle, func() { c.Kill(errUnused) })})
	}
	p.mu.Unlock()
	<-p.slots
}

// Drop forgets a connection that has ended.
func (p *Pool[C]) Drop(c C) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.all, c)
}

// Close ends all connections.
func (p *Pool[C]) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for c := range p.all {
		c.Kill(recording.ErrClosed)
	}
	for _, unused := range p.free {
		unused.idle.Stop()
	}
	p.free = nil
	clear(p.all)
}

package ldapdir

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// server is a server with the connections to it.
type server struct {
	*endpoint
	cfg   *Config
	slots chan struct{} // one for each connection in use

	mu     sync.Mutex
	closed bool
	idle   []*conn   // the one that was used last at the end
	down   time.Time // until when it is tried last
}

func newServer(cfg *Config, url string) (*server, error) {
	e, err := cfg.endpoint(url)
	if err != nil {
		return nil, err
	}
	return &server{endpoint: e, cfg: cfg, slots: make(chan struct{}, cfg.MaxConns)}, nil
}

// try runs a step on a connection. A connection that was kept and turns out to be dead is replaced by a new one, once.
func (s *server) try(ctx context.Context, step func(*conn) error) error {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	c := s.takeIdle(time.Now())
	if c != nil {
		err := s.use(ctx, c, step)
		if err == nil || !isNetwork(err) || ctx.Err() != nil {
			return err
		}
		s.dropIdle() // the server was restarted: the others are dead too
	}
	c, err := s.connect(ctx)
	if err != nil {
		return err
	}
	return s.use(ctx, c, step)
}

// connect makes a new connection.
func (s *server) connect(ctx context.Context) (*conn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.cfg.Timeout, errAttempt)
	defer cancel()
	c, err := s.dial(ctx, s.cfg)
	if err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return c, err
}

// use runs a step on the connection and keeps or closes it.
func (s *server) use(ctx context.Context, c *conn, step func(*conn) error) error {
	c.raw.left.Store(maxAnswer)
	err := c.watch(ctx, func() error { return step(c) })
	if isNetwork(err) || c.IsClosing() || ctx.Err() != nil {
		c.close()
		return err
	}
	s.keep(c)
	return err
}

func (s *server) takeIdle(now time.Time) *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.idle) > 0 {
		c := s.idle[len(s.idle)-1]
		s.idle = s.idle[:len(s.idle)-1]
		if !c.IsClosing() && now.Sub(c.used) < s.cfg.MaxIdle {
			return c
		}
		go c.close() // not while the lock is held
	}
	return nil
}

func (s *server) keep(c *conn) {
	c.used = time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		go c.close()
		return
	}
	s.idle = append(s.idle, c)
}

func (s *server) dropIdle() {
	s.mu.Lock()
	idle := s.idle
	s.idle = nil
	s.mu.Unlock()
	for _, c := range idle {
		c.close()
	}
}

func (s *server) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.dropIdle()
}

func (s *server) isDown(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now.Before(s.down)
}

func (s *server) setDown(until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = until
}

// isNetwork tells whether an error leaves a connection of no use, because the answer to the question may still come.
func isNetwork(err error) bool {
	var answer *ldap.Error
	return err != nil && (!errors.As(err, &answer) || answer.ResultCode >= ldap.ErrorNetwork)
}

// elsewhere tells whether another server may know better: this one cannot be reached, or is not ready to serve.
func elsewhere(err error) bool {
	return isNetwork(err) || ldap.IsErrorAnyOf(err, ldap.LDAPResultBusy, ldap.LDAPResultUnavailable,
		ldap.LDAPResultUnwillingToPerform, ldap.LDAPResultReferral, ldap.LDAPResultOther, ldap.LDAPResultTimeLimitExceeded)
}

package ami

import (
	"context"
	"math/rand/v2"
	"time"
)

// adopt makes a client with a session that is logged in Up, unless Close was faster.
func (c *Client) adopt(s *session) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancel = nil
	if c.state == Ended {
		s.fail(ErrClosed)
		return c.err
	}
	c.session, c.since = s, time.Now()
	c.become(Up, nil)
	if s.announces {
		s.begin()
		s.tasks.Go(func() { c.resyncAfterLogin(s) })
	}
	c.log().Info("ami: connected", "addr", c.addr(), "banner", s.banner)
	return nil
}

// keep waits for the end of the session and makes another, until the client ends.
func (c *Client) keep(s *session) {
	defer c.running.Done()
	for s != nil {
		s.wait()
		s = c.reopen(s)
	}
}

// reopen returns the session that comes after this one, which has ended; nil if the client has ended.
func (c *Client) reopen(lost *session) *session {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	if !c.lose(lost, cancel) {
		return nil
	}
	return c.retry(ctx, true)
}

// retry tries to connect until it succeeds, or until the client has ended: then it returns nil.
func (c *Client) retry(ctx context.Context, again bool) *session {
	for ; ; again = true {
		if again && !c.backOff(ctx) {
			return nil
		}
		s, err := c.open(ctx)
		if err != nil {
			c.failed(err)
			continue
		}
		if err := c.adopt(s); err != nil {
			s.wait()
			return nil
		}
		if again {
			c.metrics.reconnects.Add(1)
		}
		return s
	}
}

// lose makes the client Reconnecting if it is to be, otherwise Ended.
func (c *Client) lose(s *session, cancel context.CancelCauseFunc) bool {
	first, most := c.backOffBounds()
	c.mu.Lock()
	c.session = nil
	if c.state != Up || first == 0 {
		why := s.err
		if c.state == Draining && s.leaving.Load() { // Asterisk closes the connection after a Logoff
			why = ErrClosed
		}
		c.mu.Unlock()
		c.end(why, false)
		return false
	}
	if time.Since(c.since) > most { // it was no flash in the pan
		c.attempts = 0
	}
	c.cancel = cancel
	c.become(Reconnecting, s.err)
	c.mu.Unlock()
	c.log().Warn("ami: connection lost", "addr", c.addr(), "error", s.err)
	c.publish(announce(Disconnected, Header{"Event", "Disconnected"}, Header{"Cause", s.err.Error()}))
	return true
}

// failed notes why an attempt to connect has failed.
func (c *Client) failed(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != Reconnecting && c.state != Connecting {
		return
	}
	c.become(c.state, why)
	c.log().Warn("ami: not connected", "addr", c.addr(), "error", why, "attempts", c.attempts)
}

// backOffBounds returns the first wait, which is 0 for a client that does not reconnect, and the longest.
func (c *Client) backOffBounds() (first, most time.Duration) {
	first = orDefault(c.ReconnectWait, DefaultReconnectWait)
	most = orDefault(c.MaxReconnectWait, DefaultMaxReconnectWait)
	return first, max(first, most)
}

// backOff waits before an attempt to connect: twice as long each time, up to a bound. The second half of each wait is left
// to chance, so that the many clients of an Asterisk that comes back do not all come at once. It reports whether the client
// is still to connect.
func (c *Client) backOff(ctx context.Context) bool {
	wait, most := c.backOffBounds()
	c.mu.Lock()
	for range c.attempts {
		if wait = 2 * wait; wait >= most {
			wait = most
			break
		}
	}
	c.attempts++
	c.mu.Unlock()
	timer := time.NewTimer(wait/2 + rand.N(wait/2+1)) //nolint:gosec // no secret
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

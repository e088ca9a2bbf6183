package ami

import (
	"context"
	"strings"
	"sync"
)

// blocks reports whether Asterisk may need long to carry the action out.
func (a Action) blocks() bool {
	switch {
	case a.Blocking, strings.EqualFold(a.Name, "WaitEvent"):
		return true
	case !strings.EqualFold(a.Name, "Originate"):
		return false
	}
	for _, h := range a.Headers {
		if strings.EqualFold(h.Key, "Async") {
			return !isTrue(h.Value)
		}
	}
	return true
}

// isTrue reports whether Asterisk takes the value for a yes (ast_true in main/utils.c).
func isTrue(value string) bool {
	for _, yes := range []string{"yes", "true", "y", "t", "1", "on"} {
		if strings.EqualFold(value, yes) {
			return true
		}
	}
	return false
}

// apart returns the second connection, for an action that blocks. It makes it if there is none.
func (c *Client) apart(ctx context.Context, a Action) (*session, error) {
	select {
	case c.dialing2 <- struct{}{}:
		defer func() { <-c.dialing2 }()
	case <-ctx.Done():
		return nil, &ActionError{Action: a.Name, Err: context.Cause(ctx)}
	case <-c.done:
		return nil, &ActionError{Action: a.Name, Err: c.Err()}
	}
	c.mu.Lock()
	s := c.second
	c.mu.Unlock()
	if s != nil && s.alive() {
		return s, nil
	}
	s, err := c.openSecond(ctx)
	if err != nil {
		return nil, &ActionError{Action: a.Name, Err: err}
	}
	return s, nil
}

// openSecond makes a connection without events.
func (c *Client) openSecond(ctx context.Context) (*session, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel(nil)
	watching.Go(func() { // the end of the client ends the attempt
		select {
		case <-c.done:
			cancel(ErrClosed)
		case <-ctx.Done():
		}
	})
	s, err := c.establish(ctx, func(inTime context.Context, s *session) error {
		s.publish = func(...Message) {}
		s.idleOnly = true
		return c.greet(inTime, s, "off")
	})
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil || c.state == Draining {
		s.fail(ErrClosed)
		s.wait()
		return nil, ErrClosed
	}
	c.second = s
	c.running.Go(s.wait)
	return s, nil
}

package ami

import (
	"context"
	"crypto/md5" //nolint:gosec // the Manager's challenge is defined with MD5
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// open returns a session that is logged in to an Asterisk that is booted.
func (c *Client) open(ctx context.Context) (*session, error) {
	return c.establish(ctx, func(inTime context.Context, s *session) error {
		c.mu.Lock()
		s.announces, s.cause = c.state == Reconnecting || c.Snapshots != 0, "connected"
		if c.state == Reconnecting {
			s.cause = "reconnected"
		}
		c.mu.Unlock()
		s.hook = c.Hooks.Message
		if err := c.greet(inTime, s, c.loginMask()); err != nil {
			return err
		}
		if c.Subscribe != nil {
			sub, err := compile(c.Subscribe)
			if err != nil {
				return err
			}
			if err := sub.subscribe(inTime, s); err != nil {
				return err
			}
		}
		if c.expectsBooted() {
			return c.waitBooted(ctx, inTime, s)
		}
		return nil
	})
}

// establish dials and gives the session to the function, which logs in, in time.
func (c *Client) establish(ctx context.Context, login func(context.Context, *session) error) (*session, error) {
	timeout := orDefault(c.ConnectTimeout, DefaultConnectTimeout)
	inTime, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("not logged in within %v", timeout))
	defer cancel()
	conn, err := c.dial(inTime)
	if err != nil {
		return nil, fmt.Errorf("ami: connecting to %s: %w", c.addr(), causeOr(inTime, err))
	}
	s := newSession(conn, c)
	if err := login(inTime, s); err != nil {
		s.fail(err)
		s.wait()
		return nil, err
	}
	return s, nil
}

// causeOr returns why ctx has ended if it has, for then the error is only what that did to the connection.
func causeOr(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func (c *Client) dial(ctx context.Context) (net.Conn, error) {
	dial := c.Dial
	if dial == nil {
		dial = c.dialer().DialContext
	}
	conn, err := dial(ctx, "tcp", c.addr())
	if err != nil || c.TLS == nil {
		return conn, err
	}
	cfg := c.TLS
	if cfg.ServerName == "" {
		cfg = cfg.Clone()
		cfg.ServerName, _, _ = net.SplitHostPort(c.addr())
	}
	secure := tls.Client(conn, cfg)
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return secure, nil
}

func (c *Client) dialer() *net.Dialer {
	return &net.Dialer{Control: giveUpAfter(orDefault(c.KeepaliveTimeout, DefaultKeepaliveTimeout))}
}

// greet reads the banner, starts the session and logs in.
func (c *Client) greet(ctx context.Context, s *session, mask string) error {
	stop := context.AfterFunc(ctx, func() { s.conn.Close() })
	banner, err := s.reader.ReadBanner()
	if !stop() || err != nil {
		return fmt.Errorf("ami: waiting for the banner of %s: %w", c.addr(), causeOr(ctx, err))
	}
	s.banner = banner
	s.start()
	return c.login(ctx, s, mask)
}

// login proves that the client knows the secret: by a digest of it with Asterisk's challenge (authenticate in
// main/manager.c), or by telling it.
func (c *Client) login(ctx context.Context, s *session, mask string) error {
	login := Action{Name: "Login"}.With("Username", c.Username)
	if c.PlainLogin {
		login = login.With("Secret", c.Secret)
	} else {
		challenge, err := s.do(ctx, Action{Name: "Challenge"}.With("AuthType", "MD5"))
		if err != nil {
			return err
		}
		digest := md5.Sum([]byte(challenge.Get("Challenge") + c.Secret))
		login = login.With("AuthType", "MD5").With("Key", hex.EncodeToString(digest[:]))
	}
	if mask != "" {
		login = login.With("Events", mask)
	}
	_, err := s.do(ctx, login)
	return err
}

// expectsBooted reports whether FullyBooted can come and is wanted. See Connect.
func (c *Client) expectsBooted() bool {
	return maskHas(c.EventMask, "system") && c.BootTimeout >= 0
}

// waitBooted sends a Ping, which is to be answered while inTime lasts, and waits for FullyBooted.
func (c *Client) waitBooted(ctx, inTime context.Context, s *session) error {
	if _, err := s.do(inTime, Action{Name: "Ping"}); err != nil {
		return err
	}
	// the answer to the Ping comes behind a FullyBooted that came with the login
	select {
	case <-s.booted:
		return nil
	default:
	}
	timeout := orDefault(c.BootTimeout, DefaultBootTimeout)
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-s.booted:
		return nil
	case <-timer.C:
		c.log().Warn("ami: no FullyBooted: Asterisk is still loading, or manager.conf has no system in the user's read",
			"addr", c.addr(), "user", c.Username, "waited", timeout)
		return nil
	case <-ctx.Done():
		return fmt.Errorf("ami: waiting for FullyBooted: %w", context.Cause(ctx))
	case <-s.done:
		return s.err
	}
}

// classes are the classes of events that an event mask may name (perms in main/manager.c).
var classes = []string{
	"all", "none", "on", "off", "system", "call", "log", "verbose", "command", "agent", "user", "config", "dtmf", "reporting",
	"cdr", "dialplan", "originate", "agi", "hook", "cc", "aoc", "test", "security", "message",
}

// checkMask refuses a mask with an unknown class: Asterisk would answer Success and send no event.
func checkMask(mask string) error {
	for class := range strings.SplitSeq(mask, ",") {
		if mask != "" && !slices.Contains(classes, class) {
			return fmt.Errorf("ami: EventMask: there is no class %q", class)
		}
	}
	return nil
}

// maskHas reports whether the mask lets events of the class through.
func maskHas(mask, class string) bool {
	switch mask {
	case "", "on", "all":
		return true
	}
	return slices.Contains(strings.Split(mask, ","), class)
}

// checkSubscription refuses what Asterisk would misunderstand in silence.
func (c *Client) checkSubscription() error {
	if c.Subscribe == nil {
		return checkMask(c.EventMask)
	}
	if c.EventMask != "" {
		return errors.New("ami: both Subscribe and EventMask are set")
	}
	_, err := compile(c.Subscribe)
	return err
}

// loginMask is the event mask of the login. With a subscription it lets in only what tells that Asterisk is booted, until the
// filters are there.
func (c *Client) loginMask() string {
	if c.Subscribe != nil {
		return "system"
	}
	return c.EventMask
}

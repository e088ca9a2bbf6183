package ldapdir

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// endpoint is how to reach a server.
type endpoint struct {
	address  string
	tls      bool // from the start
	startTLS bool
	config   *tls.Config
}

// conn is a connection that has logged in.
type conn struct {
	*ldap.Conn
	raw  *limited
	used time.Time
}

// maxAnswer bounds the bytes of one answer, whatever the server says of its length: MaxResults entries of 300 kB.
const maxAnswer = 16 << 20

// limited is a network connection that gives up when an answer is too long.
type limited struct {
	net.Conn
	left atomic.Int64 // of this answer
}

var errTooLong = fmt.Errorf("the answer is longer than %d bytes", maxAnswer)

func (l *limited) Read(b []byte) (int, error) {
	if l.left.Load() <= 0 {
		return 0, errTooLong
	}
	n, err := l.Conn.Read(b)
	l.left.Add(-int64(n))
	return n, err
}

// dial connects and logs in. ctx bounds all of it.
func (e *endpoint) dial(ctx context.Context, cfg *Config) (*conn, error) {
	var dialer net.Dialer
	plain, err := dialer.DialContext(ctx, "tcp", e.address)
	if err != nil {
		return nil, err
	}
	c := &conn{raw: &limited{Conn: plain}}
	c.raw.left.Store(maxAnswer)
	var wire net.Conn = c.raw
	if e.tls {
		secure := tls.Client(wire, e.config)
		if err := secure.HandshakeContext(ctx); err != nil {
			plain.Close()
			return nil, fmt.Errorf("TLS: %w", err)
		}
		wire = secure
	}
	c.Conn = ldap.NewConn(wire, e.tls)
	c.SetTimeout(cfg.Timeout)
	c.Start()
	err = c.watch(ctx, func() error { return c.login(e, cfg) })
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *conn) login(e *endpoint, cfg *Config) error {
	if e.startTLS {
		if err := c.StartTLS(e.config); err != nil {
			return fmt.Errorf("StartTLS: %w", err)
		}
	}
	if cfg.BindDN == "" {
		return nil
	}
	if err := c.Bind(cfg.BindDN, string(cfg.Password)); err != nil {
		return &loginError{dn: cfg.BindDN, err: err}
	}
	return nil
}

// loginError says why a login failed, without the server's own words: nobody knows what it repeats in them.
type loginError struct {
	dn  string
	err error
}

func (e *loginError) Error() string {
	var refused *ldap.Error
	if errors.As(e.err, &refused) && refused.ResultCode < ldap.ErrorNetwork {
		return fmt.Sprintf("login as %q: %s", e.dn, ldap.LDAPResultCodeMap[refused.ResultCode])
	}
	return fmt.Sprintf("login as %q: %v", e.dn, e.err)
}

func (e *loginError) Unwrap() error { return e.err }

// watch runs a step that does not know ctx. When ctx is done the connection's deadline passes, which ends the step; the
// connection is of no use then.
func (c *conn) watch(ctx context.Context, step func() error) error {
	stop := context.AfterFunc(ctx, func() {
		_ = c.raw.SetDeadline(time.Unix(1, 0)) // fails on a closed connection only
	})
	err := step()
	if !stop() {
		c.close()
		if err != nil {
			return context.Cause(ctx)
		}
	}
	return err
}

// close ends the connection. The library's Close waits for its writer, which the closed socket ends.
func (c *conn) close() {
	c.raw.Close()
	c.Conn.Close() //nolint:staticcheck // QF1008: to tell it from this close
}

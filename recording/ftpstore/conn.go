package ftpstore

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/textproto"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/jlaffaye/ftp"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/internal/connpool"
	"github.com/asterism-go/asterism/recording/internal/storeio"
)

// ErrCertificate is a server whose TLS certificate is not trusted.
var ErrCertificate = errors.New("the certificate of the server is not trusted")

// conn is a connection with its login. It belongs to one call at a time.
type conn struct {
	ftp  *ftp.ServerConn
	root string // as the server tells it
	cfg  *Config

	mu   sync.Mutex
	open map[net.Conn]struct{} // the control connection and those for data
	err  error                 // why it was ended
}

// patient sets a deadline for every wait, and tells the connection when it is closed.
type patient struct {
	net.Conn
	of *conn
}

func (p *patient) Read(b []byte) (int, error) {
	_ = p.SetReadDeadline(time.Now().Add(p.of.cfg.Timeout)) // if it fails, so will the reading
	return p.Conn.Read(b)
}

func (p *patient) Write(b []byte) (int, error) {
	_ = p.SetWriteDeadline(time.Now().Add(p.of.cfg.Timeout)) // if it fails, so will the writing
	return p.Conn.Write(b)
}

func (p *patient) Close() error {
	p.of.mu.Lock()
	delete(p.of.open, p)
	p.of.mu.Unlock()
	return p.Conn.Close()
}

// connect logs in. A server that breaks off the login, because it is busy or its process for this connection has died, is asked once
// more.
func connect(ctx context.Context, cfg *Config) (*conn, error) {
	c, err := attempt(ctx, cfg)
	var said *textproto.Error
	if errors.As(err, &said) && recording.SafeToRetry(err) {
		return attempt(ctx, cfg)
	}
	return c, err
}

func attempt(ctx context.Context, cfg *Config) (*conn, error) {
	c := &conn{cfg: cfg, open: map[net.Conn]struct{}{}}
	err := c.do(ctx, func() error { return c.login(ctx) })
	if err != nil {
		c.Kill(err)
		return nil, err
	}
	return c, nil
}

func (c *conn) login(ctx context.Context) (err error) {
	secure := c.cfg.tls()
	control := true
	options := []ftp.DialOption{
		ftp.DialWithLocation(c.cfg.Zone), ftp.DialWithForceListHidden(true), ftp.DialWithShutTimeout(c.cfg.Timeout),
		ftp.DialWithDialFunc(func(network, addr string) (net.Conn, error) {
			tcp, err := c.dial(ctx, network, addr)
			plain := control && c.cfg.TLS != Implicit || secure == nil
			control = false
			if err != nil || plain {
				return tcp, err
			}
			return tls.Client(tcp, secure), nil
		}),
	}
	switch c.cfg.TLS {
	case Explicit:
		options = append(options, ftp.DialWithExplicitTLS(secure))
	case Implicit:
		options = append(options, ftp.DialWithTLS(secure))
	case Plain:
	}
	if c.ftp, err = ftp.Dial(c.cfg.Addr, options...); err != nil {
		return err
	}
	err = c.ftp.Login(c.cfg.User, c.cfg.Password)
	if told := translate(err); told != nil && !recording.SafeToRetry(told) && !errors.Is(told, ErrCertificate) {
		return fmt.Errorf("%w: user %s: %w", recording.ErrAuth, c.cfg.User, err) // the library gives some of these without a code
	}
	if err == nil && c.cfg.Root != "" {
		err = c.ftp.ChangeDir(c.cfg.Root)
	}
	if err == nil {
		c.root, err = c.ftp.CurrentDir()
	}
	return err
}

// dial makes the control connection, or one for data, whose context is that of the login: kill ends it.
func (c *conn) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.cfg.Timeout)
	defer cancel()
	tcp, err := c.cfg.Dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	own := &patient{tcp, c}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		_ = tcp.Close() // the error is told
		return nil, c.err
	}
	c.open[own] = struct{}{}
	return own, nil
}

// Kill ends a connection at once; what is in flight fails. The first reason is kept.
func (c *conn) Kill(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = why
	}
	for open := range c.open {
		_ = open.(*patient).Conn.Close() // without a word: the other side may not listen any more
	}
	clear(c.open)
}

// Why is the reason of its end, nil if it lives.
func (c *conn) Why() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// do makes a call that waits for the server; the connection is ended when ctx ends.
func (c *conn) do(ctx context.Context, call func() error) error {
	stop := context.AfterFunc(ctx, func() { c.Kill(ctx.Err()) })
	err := call()
	stop()
	if why := c.Why(); why != nil && err != nil {
		return why
	}
	err = translate(err)
	if recording.SafeToRetry(err) {
		c.Kill(err) // it cannot be used any more
	}
	return err
}

// translate puts an error of the library into the words that all stores have.
func translate(err error) error {
	var no *textproto.Error
	var protocol textproto.ProtocolError
	var network net.Error
	var certificate *tls.CertificateVerificationError
	switch {
	case err == nil, errors.Is(err, recording.ErrConnection), errors.Is(err, recording.ErrAuth):
		return err
	case errors.As(err, &certificate):
		return fmt.Errorf("%w: %w", ErrCertificate, err)
	case errors.As(err, &no) && strings.HasPrefix(no.Msg, "OOPS"), errors.As(err, &no) && strings.HasPrefix(no.Msg, `"OOPS`):
		// vsftpd says so, with the code 500, when the process of this connection ends because of something unexpected (utility.c, die).
		return fmt.Errorf("%w: %w", recording.ErrConnection, err)
	case errors.As(err, &no) && no.Code == ftp.StatusActionAborted && strings.Contains(no.Msg, "writing to local file"):
		// all that vsftpd says when its disk is full (postlogin.c, handle_upload_common)
		return fmt.Errorf("%w: %w", recording.ErrNoSpace, err)
	case errors.As(err, &no):
		return fmt.Errorf("%w: %w", meaning(no.Code), err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &network), errors.As(err, &protocol):
		return fmt.Errorf("%w: %w", recording.ErrConnection, err)
	}
	return err
}

// errRefused is a no of the server for which there is no other word.
var errRefused = errors.New("the server refuses")

// meaning is what a code means (RFC 959, section 4.2).
func meaning(code int) error {
	switch code {
	case 421, 425, 426: // it closes; data connections
		return recording.ErrConnection
	case 452, 552:
		return recording.ErrNoSpace
	case 500, 502, 504:
		return recording.ErrUnsupported
	case 530, 532, 553:
		return fs.ErrPermission
	case 550:
		return fs.ErrNotExist
	}
	return errRefused
}

// pool keeps connections.
type pool struct {
	*connpool.Pool[*conn]
	cfg Config
}

func newPool(cfg Config) *pool {
	p := &pool{cfg: cfg}
	p.Pool = connpool.New(cfg.Connections, cfg.Idle, func(ctx context.Context) (*conn, error) {
		c, err := connect(ctx, &p.cfg)
		if err != nil {
			return nil, err
		}
		return c, p.Add(c)
	})
	return p
}

func (s *Store) fail(op, name string, err error) error { return storeio.Fail(s.name, op, name, err) }

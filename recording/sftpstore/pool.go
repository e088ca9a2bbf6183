package sftpstore

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pkg/sftp"

	"github.com/asterism-go/asterism/recording"
	"github.com/asterism-go/asterism/recording/internal/connpool"
)

// wire counts what comes, so that a server that is slow can be told from one that is gone, and knows when nothing more will
// come: golang.org/x/crypto/ssh tells an end that comes while a session is opened as an unexpected packet, without a type.
type wire struct {
	net.Conn
	got   atomic.Int64
	ended atomic.Bool
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.got.Add(int64(n))
	if err != nil {
		w.ended.Store(true)
	}
	return n, err
}

// conn is a connection with an SFTP session. It belongs to one call at a time.
type conn struct {
	ssh     *login
	sftp    *sftp.Client
	root    string // as the server resolves it
	timeout time.Duration
	dead    chan struct{}

	mu  sync.Mutex
	err error // why it was ended
}

// pool keeps connections.
type pool struct {
	*connpool.Pool[*conn]
	cfg  Config
	ends sync.WaitGroup // of what each connection has beside it
}

func newPool(cfg Config) *pool {
	p := &pool{cfg: cfg}
	p.Pool = connpool.New(cfg.Connections, cfg.Idle, p.make)
	return p
}

// make makes a connection.
func (p *pool) make(ctx context.Context) (*conn, error) {
	ssh, err := dial(ctx, &p.cfg)
	if err != nil {
		return nil, err
	}
	c := &conn{ssh: ssh, timeout: p.cfg.Timeout, dead: make(chan struct{})}
	watch := c.watch(ctx)
	c.sftp, err = sftp.NewClient(ssh.Client, sftp.UseConcurrentWrites(true), sftp.UseFstat(true), packet(string(ssh.ServerVersion())))
	if err != nil && ssh.wire.ended.Load() {
		err = fmt.Errorf("%w: %w", recording.ErrConnection, err)
	}
	if err == nil {
		c.root, err = c.sftp.RealPath(first(p.cfg.Root, "."))
	}
	if err == nil {
		err = c.isFolder()
	}
	if why := watch(); why != nil {
		err = why
	}
	if err == nil {
		err = p.Add(c)
	}
	if err != nil {
		err = c.translate(err)
		c.Kill(err)
		if c.sftp != nil {
			_ = c.sftp.Close() // waits for its reader
		}
		_ = ssh.Wait()
		return nil, err
	}
	p.cfg.Logger.Debug("sftp: connected", "addr", p.cfg.Addr, "server", string(ssh.ServerVersion()))
	p.attend(c)
	return c, nil
}

// isFolder tells whether the root is one.
func (c *conn) isFolder() error {
	info, err := c.sftp.Stat(c.root)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("the root %q is not a folder", c.root)
	}
	return err
}

// attend starts what a connection has beside it: who sees its end, and who keeps it alive.
func (p *pool) attend(c *conn) {
	p.ends.Go(func() {
		err := c.sftp.Wait()
		_ = c.ssh.Close()
		c.Kill(fmt.Errorf("%w: it was closed: %w", recording.ErrConnection, err))
		_ = c.ssh.Wait()
		p.Drop(c)
	})
	if p.cfg.Keepalive > 0 {
		p.ends.Go(func() { c.alive(p.cfg.Keepalive, p.cfg.Timeout) })
	}
}

// close ends all connections and returns when they have ended.
func (p *pool) close() {
	p.Close()
	p.ends.Wait()
}

// Kill ends a connection at once; what is in flight fails. The first reason is kept.
func (c *conn) Kill(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	c.err = why
	close(c.dead)
	_ = c.ssh.wire.Close() // without a word: the other side may not listen any more
	for _, shut := range c.ssh.through {
		_ = shut() // the same
	}
}

func (c *conn) ended() bool { return c.Why() != nil }

// Why is the reason of the end, nil if it lives.
func (c *conn) Why() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// watch ends the connection when ctx ends, or when nothing has come from the server for the timeout. done ends the watch, and tells
// why the connection was ended, if it was.
func (c *conn) watch(ctx context.Context) (done func() error) {
	stop := context.AfterFunc(ctx, func() { c.Kill(ctx.Err()) })
	var timer *time.Timer
	var mu sync.Mutex // the timer's function may run before timer is set
	seen := c.ssh.wire.got.Load()
	mu.Lock()
	timer = time.AfterFunc(c.timeout, func() {
		mu.Lock()
		defer mu.Unlock()
		if now := c.ssh.wire.got.Load(); now != seen {
			seen = now
			timer.Reset(c.timeout)
			return
		}
		c.Kill(stalled(c.timeout))
	})
	mu.Unlock()
	return func() error {
		stop()
		mu.Lock()
		timer.Stop()
		mu.Unlock()
		return c.Why()
	}
}

func stalled(timeout time.Duration) error {
	return fmt.Errorf("%w: nothing came for %v", recording.ErrConnection, timeout)
}

// do makes a call that waits for the server.
func (c *conn) do(ctx context.Context, call func() error) error {
	done := c.watch(ctx)
	err := call()
	if why := done(); why != nil && err != nil {
		return why
	}
	return c.translate(err)
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

package asyncagi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/asterism-go/asterism/agi"
	"github.com/asterism-go/asterism/agi/asyncagi"
	"github.com/asterism-go/asterism/ami"
	"github.com/asterism-go/asterism/internal/asterisktest"
)

// proxy passes connections on, and can cut them.
type proxy struct {
	net.Listener
	target string
	work   sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn
}

func startProxy(t *testing.T, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: listener, target: target}
	p.work.Go(p.run)
	t.Cleanup(func() {
		p.Close()
		p.cut()
		p.work.Wait()
	})
	return p
}

func (p *proxy) run() {
	for {
		near, err := p.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", p.target)
		if err != nil {
			near.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, near, far)
		p.mu.Unlock()
		p.work.Go(func() { defer near.Close(); _, _ = io.Copy(near, far) })
		p.work.Go(func() { defer far.Close(); _, _ = io.Copy(far, near) })
	}
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
}

// When the Manager is gone a session ends, and when it is back the call goes on in the dialplan. New calls are served.
func TestLostConnection(t *testing.T) {
	p := &pbx{Asterisk: asterisktest.Start(t, asterisktest.Config{Files: map[string]string{"extensions.conf": fmt.Sprintf(scripts, long)}})}
	between := startProxy(t, p.AMI.String())
	client := &ami.Client{
		Addr: between.Addr().String(), Username: asterisktest.Username, Secret: asterisktest.Secret,
		ReconnectWait: 10 * time.Millisecond,
	}
	listener := asyncagi.Listen(client)
	srv := &agi.Server{Handler: agi.HandlerFunc(p.serve)}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	t.Cleanup(func() {
		srv.Close()
		if err := <-served; !errors.Is(err, agi.ErrServerClosed) {
			t.Errorf("Serve: %v", err)
		}
		listener.Wait()
		client.Close()
	})
	if err := client.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := p.call(t, "lost", func(ctx context.Context, s *agi.Session) error {
		if err := s.Noop(ctx); err != nil {
			return err
		}
		between.cut()
		<-ctx.Done()
		return context.Cause(ctx)
	})
	if !errors.Is(err, agi.ErrConnectionLost) {
		t.Errorf("the session ended with %v", err)
	}
	p.after(t, "lost", "FAILURE")
	if err := p.call(t, "again", func(ctx context.Context, s *agi.Session) error { return s.Noop(ctx) }); err != nil {
		t.Errorf("a call after that: %v", err)
	}
	p.after(t, "again", "SUCCESS")
}

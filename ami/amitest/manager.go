package amitest

import (
	"context"
	"errors"
	"net"
	"sync"
)

// Manager listens on loopback and plays a script on each connection.
type Manager struct {
	// Addr is where it listens, as "host:port".
	Addr string

	listener net.Listener
	conns    sync.WaitGroup
	stop     sync.Once
	closing  chan struct{}

	mu      sync.Mutex
	scripts []Script
	open    map[net.Conn]bool
	err     error
}

// NewManager listens, and plays the first script on the first connection and so on; connections for which there is no
// script are closed at once. It panics if it cannot listen, as package httptest does. Close it at the end; tests use
// [Start].
func NewManager(scripts ...Script) *Manager {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		panic("amitest: " + err.Error())
	}
	m := &Manager{
		Addr:     l.Addr().String(),
		listener: l,
		closing:  make(chan struct{}),
		scripts:  scripts,
		open:     map[net.Conn]bool{},
	}
	m.conns.Go(m.accept)
	return m
}

// TB is the part of testing.TB that Start needs.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
}

// Start is [NewManager] for a test: the Manager is closed when the test ends, and the test fails if a script did not go as
// written.
func Start(t TB, scripts ...Script) *Manager {
	t.Helper()
	m := NewManager(scripts...)
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Errorf("%v", err)
		}
	})
	return m
}

// Close ends the Manager and its connections, and returns the errors of the scripts. A script that Close interrupts is no
// error.
func (m *Manager) Close() error {
	m.stop.Do(func() {
		m.mu.Lock()
		close(m.closing)
		for conn := range m.open {
			conn.Close()
		}
		m.mu.Unlock()
		m.listener.Close()
		m.conns.Wait()
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.err
}

func (m *Manager) accept() {
	for {
		conn, err := m.listener.Accept()
		if err != nil {
			return
		}
		if script, ok := m.admit(conn); ok {
			m.conns.Go(func() { m.play(script, conn) })
		} else {
			conn.Close()
		}
	}
}

// admit returns the script for a connection.
func (m *Manager) admit(conn net.Conn) (Script, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isClosing() || len(m.scripts) == 0 {
		return nil, false
	}
	script := m.scripts[0]
	m.scripts = m.scripts[1:]
	m.open[conn] = true
	return script, true
}

func (m *Manager) play(script Script, conn net.Conn) {
	err := script.run(conn, m.closing)
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.open, conn)
	if !m.isClosing() || !errors.Is(err, errClosing) && !errors.Is(err, net.ErrClosed) {
		m.err = errors.Join(m.err, err)
	}
}

func (m *Manager) isClosing() bool {
	select {
	case <-m.closing:
		return true
	default:
		return false
	}
}

package slapd

import (
	"context"
	"net"
	"net/netip"
	"strings"
)

// choosePorts finds free ports. One may be taken before slapd binds it: waitUp sees that, and Run chooses again.
func (s *Server) choosePorts(ctx context.Context, cfg Config) error {
	plain, err := hold(ctx, cfg.Port)
	if err != nil {
		return err
	}
	defer plain.Close()
	s.Addr = plain.Addr().(*net.TCPAddr).AddrPort()
	if len(cfg.Certificate) == 0 {
		return nil
	}
	tls, err := hold(ctx, cfg.TLSPort)
	if err != nil {
		return err
	}
	defer tls.Close()
	s.TLSAddr = tls.Addr().(*net.TCPAddr).AddrPort()
	return nil
}

// hold binds a port on loopback, any if it is 0.
func hold(ctx context.Context, port uint16) (net.Listener, error) {
	var config net.ListenConfig
	return config.Listen(ctx, "tcp4", netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port).String())
}

// waitUp returns when this slapd accepts connections: when it has said in its log that it has bound its ports, so that
// nobody else has them (servers/slapd/main.c), and then listens on them.
func (s *Server) waitUp(ctx context.Context) error {
	return s.proc.WaitUp(ctx, func() bool { return strings.Contains(s.Log(), "slapd starting") && s.listens(ctx) }, s.Log)
}

// listens tells whether the last of the ports takes connections.
func (s *Server) listens(ctx context.Context) bool {
	last := s.Addr
	if s.TLSAddr.IsValid() {
		last = s.TLSAddr
	}
	var dialer net.Dialer
	c, err := dialer.DialContext(ctx, "tcp", last.String())
	if err != nil {
		return false
	}
	c.Close()
	return true
}

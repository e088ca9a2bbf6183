package asterisktest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
)

var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

type ports struct {
	ami, http, sip netip.AddrPort
}

// choosePorts finds the ports that the configuration leaves open, and makes sure that the others are free. A port that is
// free now may be taken when Asterisk binds it: waitBooted sees that, and Run chooses again.
func choosePorts(ctx context.Context, cfg Config) (ports, error) {
	var p ports
	var held []io.Closer // until all are chosen, so that they differ
	defer func() {
		for _, c := range held {
			c.Close()
		}
	}()
	for _, want := range []struct {
		name, network string
		port          uint16
		got           *netip.AddrPort
	}{
		{"AMI", "tcp", cfg.AMI, &p.ami},
		{"HTTP", "tcp", cfg.HTTP, &p.http},
		{"SIP", "udp", cfg.SIP, &p.sip},
	} {
		c, addr, err := hold(ctx, want.network, want.port)
		if err != nil {
			return ports{}, fmt.Errorf("%s port %d/%s on 127.0.0.1 is not free (%w): choose another, or 0 for any free one", want.name, want.port, want.network, err)
		}
		held = append(held, c)
		*want.got = addr
	}
	return p, nil
}

// hold binds a port on loopback, any if it is 0.
func hold(ctx context.Context, network string, port uint16) (io.Closer, netip.AddrPort, error) {
	address := net.JoinHostPort(loopback.String(), strconv.Itoa(int(port)))
	var config net.ListenConfig
	if network == "udp" {
		c, err := config.ListenPacket(ctx, network, address)
		if err != nil {
			return nil, netip.AddrPort{}, err
		}
		return c, c.LocalAddr().(*net.UDPAddr).AddrPort(), nil
	}
	l, err := config.Listen(ctx, network, address)
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	return l, l.Addr().(*net.TCPAddr).AddrPort(), nil
}

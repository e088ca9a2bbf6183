package child

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"
)

// ErrPortTaken is the error of a start whose port was free when chosen and taken when the server came to bind it.
var ErrPortTaken = errors.New("port taken")

// Attempts is how often a start with a port of its own choice is made.
const Attempts = 5

// FreePort finds a port on loopback that is free now, or tells whether this one is.
func FreePort(ctx context.Context, port uint16) (netip.AddrPort, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp4", netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port).String())
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).AddrPort(), nil
}

// WaitUp returns when ready says so. A server that has ended is an error, ErrPortTaken if its log says taken.
func (p *Process) WaitUp(ctx context.Context, ready func() bool, log func() string) error {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for !ready() {
		select {
		case <-tick.C:
		case <-p.done:
			text := log()
			if strings.Contains(text, "Address already in use") || strings.Contains(text, "could not bind") {
				return ErrPortTaken
			}
			return fmt.Errorf("it ended while starting: %s", strings.TrimSpace(text))
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// ReadLog is what is in a log file, or why it cannot be told.
func ReadLog(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

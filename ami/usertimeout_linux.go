package ami

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// giveUpAfter is for net.Dialer.Control: it has the kernel end a connection when what was sent, a probe of TCP's keepalive
// included, has not been acknowledged for that long (TCP_USER_TIMEOUT in tcp(7)). It finds a half-open connection also where
// no Ping is sent: while an action that blocks is carried out. A busy Asterisk does not matter, for its kernel acknowledges.
func giveUpAfter(patience time.Duration) func(network, addr string, conn syscall.RawConn) error {
	return func(_, _ string, conn syscall.RawConn) error {
		return conn.Control(func(fd uintptr) {
			// a kernel that refuses this is no reason not to connect
			_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(patience.Milliseconds()))
		})
	}
}

package ami

import (
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestUserTimeout asks the kernel when it gives up a connection of a client.
func TestUserTimeout(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for configured, want := range map[time.Duration]time.Duration{
		0:                       DefaultKeepaliveTimeout,
		1500 * time.Millisecond: 1500 * time.Millisecond,
		-1:                      0, // for ever
	} {
		t.Run(configured.String(), func(t *testing.T) {
			c := &Client{Addr: listener.Addr().String(), KeepaliveTimeout: configured}
			if got := userTimeout(t, c); got != want {
				t.Errorf("the kernel gives up after %v, want %v", got, want)
			}
		})
	}
}

// userTimeout dials as the client does and asks the kernel.
func userTimeout(t *testing.T, c *Client) time.Duration {
	t.Helper()
	conn, err := c.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var milliseconds int
	var failed error
	err = raw.Control(func(fd uintptr) {
		milliseconds, failed = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)
	})
	if err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	return time.Duration(milliseconds) * time.Millisecond
}

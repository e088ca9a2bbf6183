//go:build unix

package ari

import (
	"errors"
	"net"
	"syscall"
)

// alive reports whether an idle connection is open: Asterisk may have closed it, and has nothing to say on it. A request on one
// that is closed would be lost, and nobody could tell.
func alive(conn net.Conn) bool {
	raw, ok := conn.(syscall.Conn)
	if !ok {
		return true
	}
	access, err := raw.SyscallConn()
	if err != nil {
		return false
	}
	quiet := false
	err = access.Read(func(fd uintptr) bool {
		var b [1]byte
		_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		quiet = errors.Is(err, syscall.EAGAIN)
		return true
	})
	return err == nil && quiet
}

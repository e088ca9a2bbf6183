package sftpstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"golang.org/x/crypto/ssh"
)

// Config says where the recordings lie and how to get there. Addr, User, one way to log in, and one to know the host are needed;
// the rest has defaults.
type Config struct {
	// Addr is the SSH server, as host:port; without a port it is 22.
	Addr string
	// User is who logs in.
	User string

	// Password is used for the method password, and to answer what keyboard-interactive asks without echo.
	Password string
	// Keys are private keys in PEM, as in ~/.ssh/id_ed25519; KeyPassphrase opens those that are encrypted.
	Keys [][]byte
	// KeyPassphrase opens encrypted keys.
	KeyPassphrase string
	// Agent is the socket of an SSH agent whose keys are used: what SSH_AUTH_SOCK names.
	Agent string
	// Interactive answers the questions of keyboard-interactive, as for a one-time code. Default: Password, if every question is
	// one without echo.
	Interactive func(ctx context.Context, instruction string, questions []string, echo []bool) ([]string, error)

	// KnownHosts are files in the format of known_hosts (sshd(8)) that say which key the host has. A host that is not in them
	// is ErrHostUnknown, one with another key ErrHostChanged: there is no way to skip that.
	KnownHosts []string
	// HostKeys are the keys that the host may have, if no file says so.
	HostKeys []ssh.PublicKey

	// Jump, if not nil, is a host to log in to first, from where Addr is reached; it may have one itself. Of its fields those
	// above and Timeout matter.
	Jump *Config

	// Root is the folder of the recordings on the server. Default: the one that the user is in after login. It may be a
	// symbolic link.
	Root string

	// Connections is how many connections there may be at once; every file that is open, and every other call, has one for
	// itself. Further calls wait. Default: DefaultConnections.
	Connections int
	// Timeout bounds making a connection, and every wait for the server during which no byte comes. Default:
	// DefaultTimeout.
	Timeout time.Duration
	// Idle is how long a connection that nobody needs is kept. Default: DefaultIdle.
	Idle time.Duration
	// Keepalive is how often a connection is tried; one that does not answer within Timeout is given up. Default:
	// DefaultKeepalive; below 0 means never.
	Keepalive time.Duration

	// Dial makes TCP connections. Default: that of net.Dialer.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Logger, if not nil, is told of connections.
	Logger *slog.Logger
}

// Defaults of Config.
const (
	DefaultConnections = 8
	DefaultTimeout     = 30 * time.Second
	DefaultIdle        = time.Minute
	DefaultKeepalive   = 20 * time.Second
)

// complete fills in defaults.
func (c Config) complete() (Config, error) {
	if c.Addr == "" || c.User == "" {
		return c, errors.New("no Addr or no User is given")
	}
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		c.Addr = net.JoinHostPort(c.Addr, "22")
	}
	if len(c.KnownHosts) == 0 && len(c.HostKeys) == 0 {
		return c, errors.New("neither KnownHosts nor HostKeys is given: the host cannot be known")
	}
	c.Connections = cmp.Or(max(c.Connections, 0), DefaultConnections)
	c.Timeout = cmp.Or(max(c.Timeout, 0), DefaultTimeout)
	c.Idle = cmp.Or(max(c.Idle, 0), DefaultIdle)
	c.Keepalive = cmp.Or(c.Keepalive, DefaultKeepalive)
	if c.Dial == nil {
		c.Dial = (&net.Dialer{}).DialContext
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Jump == nil {
		return c, nil
	}
	jump, err := c.Jump.complete()
	if err != nil {
		return c, fmt.Errorf("jump host: %w", err)
	}
	c.Jump = &jump
	return c, nil
}

// Package ftpstore is a folder on an FTP server as a store of recordings, plain or with TLS (FTPS). Prefer SFTP where there is a
// choice: plain FTP shows the password to the network.
//
//	store, err := ftpstore.New(ftpstore.Config{
//		Addr: "pbx.example", User: "recordings", Password: secret, TLS: ftpstore.Explicit,
//		Root: "/var/spool/asterisk/monitor",
//	})
//
// Names are confined: the server is asked where a folder really is (CWD and PWD), and what is a link (LIST). This needs a server
// whose PWD tells the real path, as vsftpd, ProFTPD and Pure-FTPd do; chroot the user in any case.
//
// FTP tells little: a file that may not be read is told as one that is not there, times of listings are those of the server's clock
// in Config.Zone.
package ftpstore

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"time"
)

// Security says how TLS is used.
type Security int

// How TLS is used.
const (
	// Plain uses none: user, password and recordings can be read on the way.
	Plain Security = iota
	// Explicit begins plain and demands TLS before the login (AUTH TLS, RFC 4217).
	Explicit
	// Implicit uses TLS from the first byte on; the usual port is 990.
	Implicit
)

// Config says where the recordings lie and how to get there. Addr, User and Password are needed.
type Config struct {
	// Addr is the server, as host:port; without a port it is 21, or 990 with Implicit.
	Addr           string
	User, Password string
	// TLS is whether and how TLS is used; a server that does not know it is an error, never used without.
	TLS Security
	// Config is for TLS; RootCAs is what is usually set. ServerName defaults to the host of Addr, MaxVersion to TLS 1.2:
	// with 1.3 uploads to vsftpd that demand the reuse of sessions, its default, were cut off. Every connection has a
	// session cache of its own, which that reuse needs.
	Config *tls.Config
	// Root is the folder of the recordings on the server. Default: the one that the user is in after login.
	Root string
	// Zone is that of the times in listings. Default: UTC, as vsftpd has it unless use_localtime is set.
	Zone *time.Location
	// Connections is how many there may be at once: every file that is open, and every other call, has one for itself.
	// Default: DefaultConnections.
	Connections int
	// Timeout bounds making a connection, and every wait for the server. Default: DefaultTimeout.
	Timeout time.Duration
	// Idle is how long a connection that nobody needs is kept. Default: DefaultIdle.
	Idle time.Duration
	// Dial makes TCP connections. Default: that of net.Dialer.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Logger, if not nil, is told what could not be cleaned up.
	Logger *slog.Logger
}

// Defaults of Config.
const (
	DefaultConnections = 4
	DefaultTimeout     = 30 * time.Second
	DefaultIdle        = time.Minute
)

// complete fills in defaults.
func (c Config) complete() (Config, error) {
	if c.Addr == "" || c.User == "" {
		return c, errors.New("recording: ftp: no Addr or no User is given")
	}
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		port := "21"
		if c.TLS == Implicit {
			port = "990"
		}
		c.Addr = net.JoinHostPort(c.Addr, port)
	}
	c.Connections = cmp.Or(max(c.Connections, 0), DefaultConnections)
	c.Timeout = cmp.Or(max(c.Timeout, 0), DefaultTimeout)
	c.Idle = cmp.Or(max(c.Idle, 0), DefaultIdle)
	c.Zone = cmp.Or(c.Zone, time.UTC)
	if c.Dial == nil {
		c.Dial = (&net.Dialer{}).DialContext
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// tls is the configuration of one connection, with a session cache of its own.
func (c *Config) tls() *tls.Config {
	if c.TLS == Plain {
		return nil
	}
	own := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.Config != nil {
		own = c.Config.Clone()
	}
	if own.ServerName == "" {
		own.ServerName, _, _ = net.SplitHostPort(c.Addr)
	}
	if own.MaxVersion == 0 {
		own.MaxVersion = tls.VersionTLS12
	}
	own.ClientSessionCache = tls.NewLRUClientSessionCache(0)
	return own
}

package sftpstore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/asterism-go/asterism/recording"
)

// login is an SSH connection, with those that it goes through, the one to the last host first.
type login struct {
	*ssh.Client
	wire    *wire
	through []func() error
}

// Close closes all of it.
func (l *login) Close() error {
	err := l.Client.Close()
	for _, shut := range l.through {
		_ = shut() // nothing is in flight any more
	}
	return err
}

// dial logs in, by way of jump hosts.
func dial(ctx context.Context, cfg *Config) (*login, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, cfg.Timeout, fmt.Errorf("%w: not connected within %v", recording.ErrConnection, cfg.Timeout))
	defer cancel()
	l := &login{}
	open := cfg.Dial
	if cfg.Jump != nil {
		jump, err := dial(ctx, cfg.Jump)
		if err != nil {
			return nil, fmt.Errorf("jump host %s: %w", cfg.Jump.Addr, err)
		}
		l.through = append(l.through, jump.Close)
		open = jump.DialContext
	}
	if err := l.connect(ctx, cfg, open); err != nil {
		for _, shut := range l.through {
			_ = shut() // the error is told already
		}
		return nil, err
	}
	return l, nil
}

func (l *login) connect(ctx context.Context, cfg *Config, open func(ctx context.Context, network, addr string) (net.Conn, error)) error {
	tcp, err := open(ctx, "tcp", cfg.Addr)
	if err != nil {
		return unreached(ctx, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = tcp.Close() })
	defer stop()
	l.wire = &wire{Conn: tcp}
	conn, channels, requests, err := handshake(ctx, cfg, l.wire)
	if err != nil {
		_ = tcp.Close() // the error is told already
		return err
	}
	l.Client = ssh.NewClient(conn, channels, requests)
	return nil
}

// handshake speaks SSH as far as the login. An error is HostKeyError, ErrAuth or ErrConnection.
func handshake(ctx context.Context, cfg *Config, tcp net.Conn) (ssh.Conn, <-chan ssh.NewChannel, <-chan *ssh.Request, error) {
	hosts, err := newHostKeys(cfg)
	if err != nil {
		return nil, nil, nil, err
	}
	methods, shut, err := methods(ctx, cfg)
	if err != nil {
		return nil, nil, nil, err
	}
	defer shut()
	var bad error // the library does not promise to keep it
	conn, channels, requests, err := ssh.NewClientConn(tcp, cfg.Addr, &ssh.ClientConfig{
		User: cfg.User,
		Auth: methods,
		HostKeyCallback: func(host string, remote net.Addr, key ssh.PublicKey) error {
			bad = hosts.check(host, remote, key)
			return bad
		},
		HostKeyAlgorithms: hosts.algorithms(cfg.Addr),
	})
	switch {
	case err == nil:
		return conn, channels, requests, nil
	case bad != nil:
		return nil, nil, nil, bad
	case refused(err):
		return nil, nil, nil, fmt.Errorf("%w: user %s: %w", recording.ErrAuth, cfg.User, err)
	case strings.Contains(err.Error(), "no common algorithm for host key"): // it has keys, and none of the known kinds
		return nil, nil, nil, &HostKeyError{Host: cfg.Addr, Fingerprint: "a key of another kind", Err: ErrHostChanged}
	default:
		return nil, nil, nil, unreached(ctx, err)
	}
}

// refused tells the errors of golang.org/x/crypto/ssh for a login that was refused, which have no type.
func refused(err error) bool {
	text := err.Error()
	return strings.Contains(text, "unable to authenticate") || strings.Contains(text, "Too many authentication failures")
}

// unreached is the error of a connection that could not be made.
func unreached(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return fmt.Errorf("%w: %w", recording.ErrConnection, err)
}

// methods are the ways to log in, in the order in which they are tried: what costs nothing first.
func methods(ctx context.Context, cfg *Config) (all []ssh.AuthMethod, shut func(), err error) {
	var signers []ssh.Signer
	for i, key := range cfg.Keys {
		signer, err := parseKey(key, cfg.KeyPassphrase)
		if err != nil {
			return nil, nil, fmt.Errorf("key %d: %w", i+1, err)
		}
		signers = append(signers, signer)
	}
	shut = func() {}
	if len(signers) > 0 && cfg.Agent == "" {
		all = append(all, ssh.PublicKeys(signers...))
	}
	if cfg.Agent != "" {
		var dialer net.Dialer
		socket, err := dialer.DialContext(ctx, "unix", cfg.Agent)
		if err != nil {
			return nil, nil, fmt.Errorf("agent: %w", err)
		}
		shut = func() { _ = socket.Close() }
		client := agent.NewClient(socket)
		all = append(all, ssh.PublicKeysCallback(func() ([]ssh.Signer, error) { // one method, which is tried once
			of, err := client.Signers()
			return append(signers, of...), err
		}))
	}
	if cfg.Password != "" {
		all = append(all, ssh.Password(cfg.Password))
	}
	if cfg.Interactive != nil || cfg.Password != "" {
		all = append(all, ssh.KeyboardInteractive(func(_, instruction string, questions []string, echo []bool) ([]string, error) {
			if cfg.Interactive != nil {
				return cfg.Interactive(ctx, instruction, questions, echo)
			}
			return answers(cfg.Password, questions, echo)
		}))
	}
	return all, shut, nil
}

// answers are those to keyboard-interactive: the password. A round without questions only tells something.
func answers(password string, questions []string, echo []bool) ([]string, error) {
	all := make([]string, len(questions))
	for i := range questions {
		if echo[i] {
			return nil, fmt.Errorf("the server asks %s, and there is nobody to answer", strconv.Quote(questions[i]))
		}
		all[i] = password
	}
	return all, nil
}

func parseKey(pem []byte, passphrase string) (ssh.Signer, error) {
	signer, err := ssh.ParsePrivateKey(pem)
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) && passphrase != "" {
		signer, err = ssh.ParsePrivateKeyWithPassphrase(pem, []byte(passphrase))
	}
	return signer, err
}

// alive tries a connection every so often until it has ended; one that does not answer is ended.
func (c *conn) alive(every, timeout time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-c.dead:
			return
		case <-tick.C:
		}
		watch := time.AfterFunc(timeout, func() { c.Kill(stalled(timeout)) })
		_, _, err := c.ssh.SendRequest("keepalive@openssh.com", true, nil) // any answer will do, also the usual one: unknown
		watch.Stop()
		if err != nil {
			c.Kill(fmt.Errorf("%w: %w", recording.ErrConnection, err))
			return
		}
	}
}

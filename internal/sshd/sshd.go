// Package sshd runs a real OpenSSH server from Debian's packages (see packages debpkg and rootless) for tests and for the demo:
// on loopback, without root, with keys and a user of its own, for SFTP.
//
//	server := sshd.Start(t, sshd.Config{})
//	folder := server.Folder(t, "monitor")
//
// It is up within about 100 ms, ends with the test, and the kernel ends it when the process that started it dies. Programs use
// [Run] in place of [Start]; the package does not import testing.
package sshd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/asterism-go/asterism/internal/child"
	"github.com/asterism-go/asterism/internal/debpkg"
	"github.com/asterism-go/asterism/internal/rootless"
)

// Who can log in: with the key that Server.Key has, and with Config.Passwords by password and keyboard-interactive too.
const (
	User     = rootless.User
	Password = rootless.Password
)

// Config says what to run. The zero value is a server for SFTP on a free port.
type Config struct {
	// Passwords lets the user log in by password, and by keyboard-interactive with the same one. Two such logins must not begin
	// at once: see package rootless.
	Passwords bool
	// Lines are more lines for sshd_config(5). They come first, so they win over the defaults.
	Lines []string
	// Port is the port on 127.0.0.1. Zero, the default, takes a free one.
	Port uint16
	// Logger, if not nil, is told of the download.
	Logger *slog.Logger
}

// Server is a running sshd. Its methods may be called by several goroutines at once.
type Server struct {
	// Addr is where it listens.
	Addr netip.AddrPort
	// Dir is the instance's directory. It is removed by Stop.
	Dir string
	// Key is the private key in PEM that the user can log in with; HostKey is the server's public key, as a line of
	// authorized_keys(5) has it.
	Key, HostKey []byte

	box    *rootless.Box
	daemon child.Daemon
}

const startTimeout = 30 * time.Second

// Set is where sshd, and OpenSSH's own clients, come from.
func Set() debpkg.Set {
	return debpkg.Set{Name: "sshd", Suite: "bookworm", Packages: []string{
		"openssh-server", "openssh-client", "libnss-wrapper", "libpam-wrapper",
	}}
}

// Run starts a server and returns when it listens. Stop ends it; ctx bounds the start only.
func Run(ctx context.Context, cfg Config) (*Server, error) {
	for attempt := 1; ; attempt++ {
		s, err := launch(ctx, cfg)
		if err == nil {
			return s, nil
		}
		if !errors.Is(err, child.ErrPortTaken) || attempt == child.Attempts {
			return nil, fmt.Errorf("sshd: %w", err)
		}
	}
}

func launch(ctx context.Context, cfg Config) (*Server, error) {
	box, err := rootless.New(ctx, rootless.Config{
		Name: "sshd", Set: Set(), Program: "usr/sbin/sshd", Logger: cfg.Logger,
		Preload: []string{"usr/lib/*/libnss_wrapper.so", "usr/lib/*/libpam_wrapper.so"},
	})
	if err != nil {
		return nil, err
	}
	s := &Server{Dir: box.Dir, box: box}
	if err := s.boot(ctx, cfg); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Server) boot(ctx context.Context, cfg Config) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("not up after %v", startTimeout))
	defer cancel()
	if s.Addr, err = child.FreePort(ctx, cfg.Port); err != nil {
		return err
	}
	if err := s.makeKeys(ctx); err != nil {
		return err
	}
	if err := s.configure(cfg); err != nil {
		return err
	}
	return s.start(ctx)
}

// makeKeys makes the user's key and the host's.
func (s *Server) makeKeys(ctx context.Context) error {
	if err := s.MakeHostKey(ctx); err != nil {
		return err
	}
	if err := s.keygen(ctx, "user"); err != nil {
		return err
	}
	public, err := os.ReadFile(s.box.Path("user.pub"))
	if err != nil {
		return err
	}
	if err := s.box.WriteFile("authorized_keys", public); err != nil {
		return err
	}
	s.Key, err = os.ReadFile(s.box.Path("user"))
	return err
}

// MakeHostKey makes a host key, a new one if there is one already: a server that was installed anew. Restart makes it seen.
func (s *Server) MakeHostKey(ctx context.Context) error {
	if err := s.keygen(ctx, "host"); err != nil {
		return err
	}
	private, err := os.ReadFile(s.box.Path("host"))
	if err != nil {
		return err
	}
	if err := s.box.WriteFile("host", private); err != nil {
		return err
	}
	s.HostKey, err = os.ReadFile(s.box.Path("host.pub"))
	return err
}

// keygen writes the files name and name.pub.
func (s *Server) keygen(ctx context.Context, name string) error {
	for _, file := range []string{name, name + ".pub"} {
		if err := os.RemoveAll(s.box.Path(file)); err != nil {
			return err
		}
	}
	cmd, err := s.box.Root.Command(ctx, "usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "asterism", "-f", s.box.Path(name))
	if err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("ssh-keygen: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// configure writes sshd_config. StrictModes is off because the folders above belong to another user.
func (s *Server) configure(cfg Config) error {
	passwords := "no"
	if cfg.Passwords {
		passwords = "yes"
	}
	lines := append([]string{}, cfg.Lines...)
	lines = append(lines,
		fmt.Sprintf("ListenAddress %s", s.Addr), "HostKey "+s.box.Path("host"), "PidFile none",
		"AuthorizedKeysFile "+s.box.Path("authorized_keys"), "StrictModes no", "UseDNS no",
		"UsePAM "+passwords, "PasswordAuthentication "+passwords, "KbdInteractiveAuthentication "+passwords,
		"MaxStartups 100:30:200", "MaxSessions 100", "LogLevel VERBOSE", "Subsystem sftp internal-sftp",
	)
	return s.box.WriteFile("sshd_config", []byte(strings.Join(lines, "\n")+"\n"))
}

// start runs sshd in the foreground (-D), with its log in a file (-e), without executing itself again for each connection (-r),
// which it could not without the loader.
func (s *Server) start(ctx context.Context) error {
	out, err := os.Create(s.box.Path("log"))
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := s.box.Command("-D", "-e", "-r", "-f", s.box.Path("sshd_config"))
	cmd.Stdout, cmd.Stderr = out, out
	proc, err := s.daemon.Start(cmd)
	if err != nil {
		return err
	}
	return proc.WaitUp(ctx, func() bool { return strings.Contains(s.Log(), "Server listening on") }, s.Log)
}

// Restart ends the server, with its connections, and starts it again on the same port.
func (s *Server) Restart(ctx context.Context) error {
	s.daemon.Process().Kill()
	return s.start(ctx)
}

// Command runs another program of OpenSSH, as "usr/bin/sftp" or "usr/bin/ssh-agent".
func (s *Server) Command(ctx context.Context, program string, args ...string) (*exec.Cmd, error) {
	return s.box.Root.Command(ctx, program, args...)
}

// KnownHosts is the line of a known_hosts file for this server (sshd(8)).
func (s *Server) KnownHosts() string {
	return fmt.Sprintf("[%s]:%d %s", s.Addr.Addr(), s.Addr.Port(), s.HostKey)
}

// MakeFolder makes a folder in the instance's directory that everybody may write to. Its path is the one that users of SFTP see.
func (s *Server) MakeFolder(names ...string) (string, error) { return s.box.Folder(names...) }

// Stop ends the server and removes its directory. Further calls do nothing and return what the first one did.
func (s *Server) Stop() error { return s.daemon.Stop(s.box.Remove) }

// Freeze makes the server a black hole: connections are accepted by the kernel, and nothing answers. Thaw ends it.
func (s *Server) Freeze() { s.daemon.Process().Freeze() }

// Thaw lets a frozen server go on.
func (s *Server) Thaw() { s.daemon.Process().Thaw() }

// Log returns what sshd has printed so far.
func (s *Server) Log() string { return child.ReadLog(s.box.Path("log")) }

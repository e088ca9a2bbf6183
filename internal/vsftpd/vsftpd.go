// Package vsftpd runs a real vsftpd from Debian's packages (see packages debpkg and rootless) for tests and for the demo: on
// loopback, without root, with a user of its own, plain or with TLS.
//
//	server := vsftpd.Start(t, vsftpd.Config{})
//	folder := server.Folder(t, "monitor")
//
// It is up within about 100 ms, ends with the test, and the kernel ends it when the process that started it dies. Programs use
// [Run] in place of [Start]; the package does not import testing.
package vsftpd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/asterism-go/asterism/internal/child"
	"github.com/asterism-go/asterism/internal/debpkg"
	"github.com/asterism-go/asterism/internal/rootless"
)

// Who can log in.
const (
	User     = rootless.User
	Password = rootless.Password
)

// Config says what to run. The zero value is a server without TLS on a free port.
type Config struct {
	// Certificate and Key are the server's, in PEM. With them it demands TLS (explicit, AUTH TLS) for logins and data,
	// and that data connections reuse the session of the control connection, which is vsftpd's default.
	Certificate, Key []byte
	// Implicit is TLS from the first byte on.
	Implicit bool
	// Lines are more settings, as "name=value"; see vsftpd.conf(5).
	Lines []string
	// Port is the port on 127.0.0.1. Zero, the default, takes a free one.
	Port uint16
	// Logger, if not nil, is told of the download.
	Logger *slog.Logger
}

// Server is a running vsftpd. Its methods may be called by several goroutines at once.
type Server struct {
	// Addr is where it listens.
	Addr netip.AddrPort
	// Dir is the instance's directory. It is removed by Stop.
	Dir string

	box    *rootless.Box
	args   []string
	daemon child.Daemon
}

const startTimeout = 30 * time.Second

// Run starts a server and returns when it listens. Stop ends it; ctx bounds the start only.
func Run(ctx context.Context, cfg Config) (*Server, error) {
	for attempt := 1; ; attempt++ {
		s, err := launch(ctx, cfg)
		if err == nil {
			return s, nil
		}
		if !errors.Is(err, child.ErrPortTaken) || attempt == child.Attempts {
			return nil, fmt.Errorf("vsftpd: %w", err)
		}
	}
}

// launch makes one attempt. vsftpd goes to an empty folder of its own by chroot before it knows the user: libfakechroot lets it
// think so.
func launch(ctx context.Context, cfg Config) (*Server, error) {
	box, err := rootless.New(ctx, rootless.Config{
		Name: "vsftpd", Program: "usr/sbin/vsftpd", Logger: cfg.Logger,
		Set: debpkg.Set{Name: "vsftpd", Suite: "bookworm", Packages: []string{
			"vsftpd", "libnss-wrapper", "libpam-wrapper", "libuid-wrapper", "libfakechroot",
		}},
		Preload: []string{
			"usr/lib/*/libnss_wrapper.so", "usr/lib/*/libpam_wrapper.so", "usr/lib/*/libuid_wrapper.so",
			"usr/lib/*/fakechroot/libfakechroot.so",
		},
		Env: []string{"UID_WRAPPER=1", "UID_WRAPPER_ROOT=1"},
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
	if err := os.Mkdir(s.box.Path("empty"), 0o555); err != nil {
		return err
	}
	if err := s.configure(cfg); err != nil {
		return err
	}
	return s.start(ctx)
}

// configure makes the arguments: a file of settings would have to belong to root.
func (s *Server) configure(cfg Config) error {
	lines := []string{
		"listen=YES", "background=NO", "listen_address=127.0.0.1", fmt.Sprintf("listen_port=%d", s.Addr.Port()),
		"pasv_address=127.0.0.1", "port_enable=NO", "connect_from_port_20=NO",
		"anonymous_enable=NO", "local_enable=YES", "write_enable=YES", "local_umask=022", "nopriv_user=" + User,
		"isolate=NO", "isolate_network=NO", "seccomp_sandbox=NO", "secure_chroot_dir=" + s.box.Path("empty"),
		"pam_service_name=vsftpd", "max_login_fails=1000", "delay_failed_login=0",
		"xferlog_enable=YES", "dual_log_enable=NO", "log_ftp_protocol=YES", "xferlog_std_format=NO", "vsftpd_log_file=" + s.box.Path("log"),
	}
	if len(cfg.Certificate) > 0 {
		for name, content := range map[string][]byte{"cert.pem": cfg.Certificate, "key.pem": cfg.Key} {
			if err := s.box.WriteFile(name, content); err != nil {
				return err
			}
		}
		lines = append(lines, "ssl_enable=YES", "rsa_cert_file="+s.box.Path("cert.pem"), "rsa_private_key_file="+s.box.Path("key.pem"),
			"force_local_logins_ssl=YES", "force_local_data_ssl=YES", "ssl_ciphers=HIGH")
		if cfg.Implicit {
			lines = append(lines, "implicit_ssl=YES")
		}
	}
	for _, line := range append(lines, cfg.Lines...) {
		s.args = append(s.args, "-o"+line)
	}
	return s.box.WriteFile("log", nil)
}

func (s *Server) start(ctx context.Context) error {
	out, err := os.Create(s.box.Path("out"))
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := s.box.Command(s.args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = out, out, out // what is wrong at the start it says on its standard input
	proc, err := s.daemon.Start(cmd)
	if err != nil {
		return err
	}
	return proc.WaitUp(ctx, func() bool { return s.listens(ctx) }, func() string { return child.ReadLog(s.box.Path("out")) })
}

func (s *Server) listens(ctx context.Context) bool {
	var dialer net.Dialer
	c, err := dialer.DialContext(ctx, "tcp", s.Addr.String())
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetReadDeadline(time.Now().Add(time.Second))
	_, err = c.Read(make([]byte, 1)) // its greeting; with implicit TLS it waits for ours
	return err == nil || errors.Is(err, os.ErrDeadlineExceeded)
}

// Restart ends the server, with its connections, and starts it again on the same port.
func (s *Server) Restart(ctx context.Context) error {
	s.daemon.Process().Kill()
	return s.start(ctx)
}

// MakeFolder makes a folder in the instance's directory that everybody may write to. Its path is the one that users of FTP see.
func (s *Server) MakeFolder(names ...string) (string, error) { return s.box.Folder(names...) }

// Stop ends the server and removes its directory. Further calls do nothing and return what the first one did.
func (s *Server) Stop() error { return s.daemon.Stop(s.box.Remove) }

// Freeze makes the server a black hole: new connections are accepted by the kernel, and nothing answers; those that there are go on,
// their processes are in groups of their own. Thaw ends it.
func (s *Server) Freeze() { s.daemon.Process().Freeze() }

// Thaw lets a frozen server go on.
func (s *Server) Thaw() { s.daemon.Process().Thaw() }

// Log returns what vsftpd has logged so far: commands and answers.
func (s *Server) Log() string {
	return strings.TrimSpace(child.ReadLog(s.box.Path("log")) + "\n" + child.ReadLog(s.box.Path("out")))
}

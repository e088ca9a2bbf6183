// Package slapd runs a real LDAP server (OpenLDAP's slapd from Debian's packages, see package debpkg) for tests and for the
// demo, without root: on loopback, with a directory of its own, filled from LDIF.
//
//	server := slapd.Start(t, slapd.Config{LDIF: slapd.School{Users: 1000}.LDIF()})
//	conn, err := ldap.DialURL(server.URL())
//
// It is up within about 50 ms, ends with the test, and the kernel ends it when the process that started it dies. Programs
// use [Run] in place of [Start]; the package does not import testing.
package slapd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/asterism-go/asterism/internal/child"
	"github.com/asterism-go/asterism/internal/debpkg"
)

// DefaultSuffix is the name below which everything is stored if nothing else is said.
const DefaultSuffix = "dc=school,dc=example"

// Password is the password of the administrator, cn=admin below the suffix.
const Password = "slapd-test"

// Config says what to run. The zero value runs a server that holds its suffix only.
type Config struct {
	// Suffix is the name of the tree. Default: DefaultSuffix.
	Suffix string
	// LDIF are the entries, the suffix's own the first. Default: that one.
	LDIF string
	// Certificate and Key are the server's, in PEM. With them it speaks StartTLS, and LDAPS on a second port.
	Certificate, Key []byte
	// SizeLimit is how many entries it returns for a search, pages together. Default: 500, which is slapd's own.
	SizeLimit int
	// Global and Database are more lines for the global part of slapd.conf and for its database; see slapd.conf(5).
	Global, Database string
	// Port and TLSPort are the ports on 127.0.0.1. Zero, the default, takes a free one.
	Port, TLSPort uint16
	// Logger, if not nil, is told of the download.
	Logger *slog.Logger
}

// Server is a running slapd. Its methods may be called by several goroutines at once.
type Server struct {
	// Addr is where it speaks LDAP (with StartTLS, if it has a certificate), TLSAddr where it speaks LDAPS.
	Addr, TLSAddr netip.AddrPort
	// Suffix is the name of the tree, AdminDN the name of the administrator, whose password is [Password].
	Suffix, AdminDN string
	// Dir is the instance's directory. It is removed by Stop.
	Dir string

	root debpkg.Root
	proc *child.Process
	stop sync.Once
	err  error
}

const startTimeout = 30 * time.Second

// Run starts a server and returns when it answers. Stop ends it; ctx bounds the start only.
func Run(ctx context.Context, cfg Config) (*Server, error) {
	s, err := run(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("slapd: %w", err)
	}
	return s, nil
}

func run(ctx context.Context, cfg Config) (*Server, error) {
	set := debpkg.Set{Name: "slapd", Suite: "bookworm", Packages: []string{"slapd"}}
	root, err := debpkg.Cache{Logger: cfg.Logger}.Fetch(ctx, set)
	if err != nil {
		return nil, err
	}
	cfg.Suffix = cmp.Or(cfg.Suffix, DefaultSuffix)
	for attempt := 1; ; attempt++ {
		s, err := launch(ctx, cfg, root)
		if err == nil || !errors.Is(err, child.ErrPortTaken) || attempt == child.Attempts {
			return s, err
		}
	}
}

// launch makes one attempt to start.
func launch(ctx context.Context, cfg Config, root debpkg.Root) (*Server, error) {
	dir, err := os.MkdirTemp("", "asterism-slapd-")
	if err != nil {
		return nil, err
	}
	s := &Server{Suffix: cfg.Suffix, AdminDN: "cn=admin," + cfg.Suffix, Dir: dir, root: root}
	if err := s.boot(ctx, cfg); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Server) boot(ctx context.Context, cfg Config) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("not up after %v", startTimeout))
	defer cancel()
	if err := s.configure(cfg); err != nil {
		return err
	}
	if err := s.load(ctx, cfg); err != nil {
		return err
	}
	if err := s.choosePorts(ctx, cfg); err != nil {
		return err
	}
	if err := s.start(); err != nil {
		return err
	}
	return s.waitUp(ctx)
}

// load fills the database while the server does not run, which is the quickest way (slapadd(8)).
func (s *Server) load(ctx context.Context, cfg Config) error {
	ldif := cmp.Or(cfg.LDIF, suffixEntry(cfg.Suffix))
	file := s.path("data.ldif")
	if err := os.WriteFile(file, []byte(ldif), 0o600); err != nil {
		return err
	}
	cmd, err := s.root.Command(ctx, "usr/sbin/slapadd", "-q", "-f", s.path("slapd.conf"), "-l", file)
	if err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("slapadd: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return os.Remove(file)
}

// start runs slapd in the foreground; what it says goes to a file.
func (s *Server) start() error {
	urls := s.URL() + "/"
	if s.TLSAddr.IsValid() {
		urls += " " + s.TLSURL() + "/"
	}
	cmd, err := s.root.Command(context.Background(), "usr/sbin/slapd", "-d", "none", "-f", s.path("slapd.conf"), "-h", urls)
	if err != nil {
		return err
	}
	out, err := os.Create(s.path("log"))
	if err != nil {
		return err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr, cmd.Dir = out, out, s.Dir
	s.proc, err = child.Start(cmd)
	return err
}

// URL is the address as ldap://127.0.0.1:port.
func (s *Server) URL() string { return "ldap://" + s.Addr.String() }

// TLSURL is the address as ldaps://127.0.0.1:port.
func (s *Server) TLSURL() string { return "ldaps://" + s.TLSAddr.String() }

// Stop ends the server and removes its directory. Further calls do nothing and return what the first one did.
func (s *Server) Stop() error {
	s.stop.Do(func() {
		if s.proc != nil {
			s.err = s.proc.Stop()
		}
		s.err = errors.Join(s.err, os.RemoveAll(s.Dir))
	})
	return s.err
}

// Kill ends the server as a crash would: at once. The directory stays until Stop.
func (s *Server) Kill() { s.proc.Kill() }

// Freeze makes the server a black hole: connections are accepted by the kernel, and nothing answers. Thaw ends it.
func (s *Server) Freeze() { s.proc.Freeze() }

// Thaw lets a frozen server go on.
func (s *Server) Thaw() { s.proc.Thaw() }

// Log returns what slapd has printed so far.
func (s *Server) Log() string {
	text, err := os.ReadFile(s.path("log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func (s *Server) path(name string) string { return filepath.Join(s.Dir, name) }

// Package asterisktest runs a real Asterisk for tests and for the demo, as easily as an embedded database.
//
//	a := asterisktest.Start(t, asterisktest.Config{Files: map[string]string{
//		"extensions.conf": "[default]\nexten => 600,1,Answer()\n same => n,Echo()\n",
//	}})
//	conn, err := net.Dial("tcp", a.AMI.String())
//
// Each instance has a temporary directory and loopback ports of its own, is up within about a second, and ends with the
// test; several run side by side. The kernel ends it too when the process that started it dies, however it dies. Programs
// use [Run] in place of [Start]; the package does not import testing.
//
// The Asterisk that runs is, in this order:
//   - what the environment variable ASTERISM_ASTERISK says: the path of an asterisk binary, or 22 or 16 for the Asterisk
//     of that series from Debian's packages, or none: then [Start] skips its test, and [Run] fails;
//   - the asterisk in PATH;
//   - Asterisk 22 in the user's cache directory, fetched from Debian's packages the first time (package debpkg).
//
// Tests that cannot get an Asterisk fail; they skip only if ASTERISM_ASTERISK=none.
package asterisktest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/asterism-go/asterism/internal/child"
)

// Username and Secret are the credentials of the manager user and the ARI user of every instance. Both may do everything;
// the ports are on loopback only.
const (
	Username = "asterism"
	Secret   = "asterism-test"
)

// Config says what to run. The zero value runs an Asterisk with an empty dialplan and no endpoints.
type Config struct {
	// Files are Asterisk's configuration files by name, e.g. "extensions.conf". They replace the package's defaults (see
	// the etc folder), but those that hold what every instance needs are kept and the file comes after them:
	// asterisk.conf, ari.conf, http.conf, logger.conf, manager.conf, modules.conf and pjsip.conf. To add options to a
	// section of the default there, write its header as "[general](+)".
	Files map[string]string
	// AMI, HTTP and SIP are the ports of the manager (TCP), of HTTP with ARI (TCP) and of SIP (UDP) on 127.0.0.1.
	// Zero, the default, takes a free one.
	AMI, HTTP, SIP uint16
	// StartTimeout bounds the start, a download apart. Default: 30 s.
	StartTimeout time.Duration
	// Logger, if not nil, is told of downloads.
	Logger *slog.Logger
}

// Asterisk is a running Asterisk. Its methods may be called by several goroutines at once.
type Asterisk struct {
	// AMI, HTTP and SIP are the addresses of the manager (TCP), of HTTP with ARI (TCP) and of SIP (UDP).
	AMI, HTTP, SIP netip.AddrPort
	// Version is Asterisk's own name of its version, e.g. "22.10.1".
	Version string
	// Dir is the instance's directory: etc, log, spool and so on. It is removed by Stop.
	Dir string

	program program
	proc    *child.Process
	stop    sync.Once
	err     error
}

// errPortTaken is the error of a start whose ports were free when chosen and taken when Asterisk came to bind them.
var errPortTaken = errors.New("port taken")

// startAttempts bounds how often Run chooses other ports.
const startAttempts = 5

// Run starts an Asterisk and returns when it is fully booted. Stop ends it; ctx bounds the start only. A configuration
// file that Asterisk complains about is an error that names file and line.
func Run(ctx context.Context, cfg Config) (*Asterisk, error) {
	a, err := run(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("asterisktest: %w", err)
	}
	return a, nil
}

func run(ctx context.Context, cfg Config) (*Asterisk, error) {
	prog, err := findProgram(ctx, cfg.Logger)
	if err != nil {
		return nil, err
	}
	if cfg.StartTimeout == 0 {
		cfg.StartTimeout = 30 * time.Second
	}
	for attempt := 1; ; attempt++ {
		a, err := launch(ctx, cfg, prog)
		if err == nil || !errors.Is(err, errPortTaken) || attempt == startAttempts {
			return a, err
		}
	}
}

// launch makes one attempt to start Asterisk.
func launch(ctx context.Context, cfg Config, prog program) (*Asterisk, error) {
	ports, err := choosePorts(ctx, cfg)
	if err != nil {
		return nil, err
	}
	// not below a test's own temporary directory: the name of the control socket in it must stay below 108 bytes
	dir, err := os.MkdirTemp("", "asterism-")
	if err != nil {
		return nil, err
	}
	a := &Asterisk{AMI: ports.ami, HTTP: ports.http, SIP: ports.sip, Version: prog.version, Dir: dir, program: prog}
	if err := a.boot(ctx, cfg); err != nil {
		return nil, errors.Join(err, a.Stop())
	}
	return a, nil
}

func (a *Asterisk) boot(ctx context.Context, cfg Config) error {
	skipped, err := a.configure(cfg.Files)
	if err != nil {
		return err
	}
	if a.proc, err = a.start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, cfg.StartTimeout, fmt.Errorf("Asterisk was not up after %v", cfg.StartTimeout))
	defer cancel()
	if err := a.waitBooted(ctx); err != nil {
		return err
	}
	return configFault(a.Log(), cfg.Files, skipped)
}

// Stop ends Asterisk and removes its directory. Further calls do nothing and return what the first one did.
func (a *Asterisk) Stop() error {
	a.stop.Do(func() {
		if a.proc != nil {
			a.err = a.proc.Stop()
		}
		a.err = errors.Join(a.err, os.RemoveAll(a.Dir))
	})
	return a.err
}

// Kill ends Asterisk as a crash would: at once, with no word to anybody. The directory stays until Stop.
func (a *Asterisk) Kill() {
	a.proc.Kill()
}

// Log returns what Asterisk has logged so far: notices, warnings and errors.
func (a *Asterisk) Log() string {
	text, err := os.ReadFile(filepath.Join(a.Dir, "log", "messages.log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// CLI runs a command of Asterisk's command line, e.g. "core show channels", and returns what it prints.
func (a *Asterisk) CLI(ctx context.Context, command string) (string, error) {
	cmd, err := a.program.command(ctx, "-C", a.configFile(), "-rx", command)
	if err != nil {
		return "", fmt.Errorf("asterisktest: %w", err)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("asterisktest: CLI %q: %w: %s", command, err, out)
	}
	return string(out), nil
}

func (a *Asterisk) configFile() string { return filepath.Join(a.Dir, "etc", "asterisk.conf") }

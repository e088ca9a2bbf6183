// Package rootless lets a server that wants to be started by root, and users of the system to log in, run without either: sshd
// and vsftpd from Debian's packages, for tests and the demo.
//
// A [Box] is a folder with the server's program and libraries, and with a user list and a PAM configuration of its own, which the
// libraries of Debian's cwrap packages (libnss-wrapper, libpam-wrapper, libuid-wrapper) put before the system's. One user can log
// in, [User] with [Password]; he is, for the kernel, whoever runs the test, or nobody if that is root.
package rootless

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/asterism-go/asterism/internal/debpkg"
)

// Who can log in.
const (
	User     = "pbx"
	Password = "open-sesame"
)

// nobody is the user that a server runs as if the test runs as root, as in Debian's base-passwd.
const nobody = 65534

// Config says what to put into a box.
type Config struct {
	// Name names the server in the folder's name, and its PAM service.
	Name string
	// Set has the server's program and the wrappers.
	Set debpkg.Set
	// Program is the program in the set, as "usr/sbin/sshd"; More are other files that belong to it.
	Program string
	// Preload are the libraries of the set to put before the others, as "usr/lib/*/libnss_wrapper.so".
	Preload []string
	// Env are more variables for the server.
	Env []string
	// Logger, if not nil, is told of the download.
	Logger *slog.Logger
}

// Box is a folder that a server runs in.
type Box struct {
	// Dir is the folder; others may enter it. Remove removes it.
	Dir string
	// Root is the set that the server comes from: its other programs can be run from there.
	Root debpkg.Root

	cfg      Config
	uid, gid int
	preload  []string
	pam      string // what the folders of libpam-wrapper begin with
}

// New makes a box.
func New(ctx context.Context, cfg Config) (*Box, error) {
	root, err := debpkg.Cache{Logger: cfg.Logger}.Fetch(ctx, cfg.Set)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "asterism-"+cfg.Name+"-")
	if err != nil {
		return nil, err
	}
	b := &Box{Dir: dir, Root: root, cfg: cfg, uid: os.Getuid(), gid: os.Getgid()}
	if b.uid == 0 {
		b.uid, b.gid = nobody, nobody
	}
	if err := b.fill(ctx); err != nil {
		_ = b.Remove()
		return nil, err
	}
	return b, nil
}

func (b *Box) fill(ctx context.Context) error {
	for _, step := range []func() error{
		func() error { return os.Chmod(b.Dir, 0o755) },
		func() error { return os.Mkdir(b.Path("lib"), 0o755) },
		func() error { return os.Mkdir(b.Path("pam.d"), 0o755) },
		func() error { return b.copyProgram(ctx) },
		b.ownPAM,
		b.writeUsers,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	_, err := b.Folder("home")
	return err
}

// ownPAM gives the box a name of its own for the folders of libpam-wrapper: every process makes one of 62 that begin with /tmp/pam, and
// ends if another one takes the same at the same time (pam_wrapper.c, pwrap_init). What is left is that of one server's own
// logins: do not let two of them begin at once where passwords are used.
func (b *Box) ownPAM() error {
	file := b.Path("lib", "libpam_wrapper.so")
	code, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	const folder = "/tmp/pam"
	if !bytes.Contains(code, []byte(folder)) {
		return fmt.Errorf("%s does not name %s", file, folder)
	}
	b.pam = "/tmp/" + strings.ToLower(rand.Text()[:3])
	return os.WriteFile(file, bytes.ReplaceAll(code, []byte(folder), []byte(b.pam)), 0o755) //nolint:gosec // others run it
}

// copyProgram copies the program with all that it needs: the cache may lie where the server's user cannot go.
func (b *Box) copyProgram(ctx context.Context) error {
	loader, err := b.Root.Path("usr/lib/*-linux-gnu*/ld-linux*.so.*", "lib/*-linux-gnu*/ld-linux*.so.*", "lib/*-linux-gnu*/ld-*.so")
	if err != nil {
		return err
	}
	if err := copyFile(loader, b.Path("ld.so")); err != nil {
		return err
	}
	if err := b.copyWithLibraries(ctx, b.cfg.Program, b.program()); err != nil {
		return err
	}
	for _, pattern := range append([]string{"usr/lib/*/pam_wrapper/pam_matrix.so"}, b.cfg.Preload...) {
		name := b.Path("lib", filepath.Base(pattern))
		if err := b.copyWithLibraries(ctx, pattern, name); err != nil {
			return err
		}
		if filepath.Base(pattern) != "pam_matrix.so" {
			b.preload = append(b.preload, name)
		}
	}
	return nil
}

// copyWithLibraries copies a file of the set, and what the loader would load with it.
func (b *Box) copyWithLibraries(ctx context.Context, pattern, to string) error {
	list, err := b.Root.Command(ctx, pattern)
	if err != nil {
		return err
	}
	from := list.Args[len(list.Args)-1]
	if err := copyFile(from, to); err != nil {
		return err
	}
	list.Args = append([]string{list.Args[0], "--list"}, list.Args[1:]...) // ld.so(8)
	out, err := list.CombinedOutput()
	if err != nil {
		return fmt.Errorf("libraries of %s: %w: %s", from, err, bytes.TrimSpace(out))
	}
	for line := range strings.Lines(string(out)) {
		name, rest, ok := strings.Cut(strings.TrimSpace(line), " => ")
		if !ok {
			continue
		}
		file, _, _ := strings.Cut(rest, " (")
		if err := copyFile(file, b.Path("lib", filepath.Base(name))); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o755)
}

// writeUsers writes the user list, and the PAM service that asks for the password (pam_matrix(8)).
func (b *Box) writeUsers() error {
	matrix, passwords := b.Path("lib", "pam_matrix.so"), b.Path("passwords")
	var service strings.Builder
	for _, kind := range []string{"auth", "account", "session", "password"} {
		fmt.Fprintf(&service, "%s required %s passdb=%s\n", kind, matrix, passwords)
	}
	for name, text := range map[string]string{
		"passwd":              fmt.Sprintf("%s:x:%d:%d:PBX:%s:/bin/sh\n", User, b.uid, b.gid, b.Path("home")),
		"group":               fmt.Sprintf("%s:x:%d:\n", User, b.gid),
		"passwords":           fmt.Sprintf("%s:%s:%s\n", User, Password, b.cfg.Name),
		"pam.d/" + b.cfg.Name: service.String(),
	} {
		if err := os.WriteFile(b.Path(name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Path is the path of something in the box.
func (b *Box) Path(names ...string) string {
	return filepath.Join(append([]string{b.Dir}, names...)...)
}

// Folder makes a folder in the box that the server's user, and everybody else, may write to.
func (b *Box) Folder(names ...string) (string, error) {
	dir := b.Path(names...)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	for at := dir; at != b.Dir; at = filepath.Dir(at) {
		if err := b.own(at, 0o777); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// WriteFile writes a file that only the server's user can read.
func (b *Box) WriteFile(name string, content []byte) error {
	if err := os.WriteFile(b.Path(name), content, 0o600); err != nil {
		return err
	}
	return b.own(b.Path(name), 0o600)
}

// own gives something to the server's user.
func (b *Box) own(path string, mode os.FileMode) error {
	if err := os.Chmod(path, mode); err != nil {
		return err
	}
	return os.Chown(path, b.uid, b.gid)
}

// Command is the server with its arguments.
func (b *Box) Command(args ...string) *exec.Cmd {
	all := append([]string{"--library-path", b.Path("lib"), b.program()}, args...)
	cmd := exec.Command(b.Path("ld.so"), all...) //nolint:gosec,noctx // a server: Stop ends it, not a context
	cmd.Dir = b.Dir
	cmd.Env = append([]string{
		"PATH=/usr/bin:/bin", "LD_PRELOAD=" + strings.Join(b.preload, ":"),
		"NSS_WRAPPER_PASSWD=" + b.Path("passwd"), "NSS_WRAPPER_GROUP=" + b.Path("group"),
		"PAM_WRAPPER=1", "PAM_WRAPPER_SERVICE_DIR=" + b.Path("pam.d"),
	}, b.cfg.Env...)
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(b.uid), Gid: uint32(b.gid)}} //nolint:gosec // ids
	}
	return cmd
}

// UID is the number of the server's user.
func (b *Box) UID() string { return strconv.Itoa(b.uid) }

// Remove removes the folder, and those of libpam-wrapper.
func (b *Box) Remove() error {
	err := os.RemoveAll(b.Dir)
	if b.pam == "" {
		return err
	}
	left, _ := filepath.Glob(b.pam + ".?") // the pattern is right
	for _, dir := range left {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}

// program is where the server lies: its name is that of its PAM service.
func (b *Box) program() string { return b.Path(filepath.Base(b.cfg.Program)) }

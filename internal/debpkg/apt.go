package debpkg

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// apt runs the machine's apt-get on a package state of its own, so that neither root nor the machine's packages matter.
type apt struct {
	dir    string // holds sources.list, the package lists, the downloads and an empty list of installed packages
	mirror string
	getCmd string // apt-get
	debCmd string // dpkg-deb
}

func (c Cache) newApt(dir, suite string) (*apt, error) {
	a := &apt{dir: dir}
	var err error
	if a.getCmd, err = exec.LookPath("apt-get"); err != nil {
		return nil, ErrNotDebian
	}
	if a.debCmd, err = exec.LookPath("dpkg-deb"); err != nil {
		return nil, ErrNotDebian
	}
	src := source{uri: cmp.Or(c.Mirror, os.Getenv("ASTERISM_DEBIAN_MIRROR"))}
	if src.uri == "" {
		if src, err = machineSource("/etc/apt"); err != nil {
			return nil, err
		}
	}
	a.mirror = src.uri
	for _, sub := range []string{"lists/partial", "cache/archives/partial"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, err
		}
	}
	line := fmt.Sprintf("deb [signed-by=%s] %s %s main\n", src.keyring(), src.uri, suite)
	if err := os.WriteFile(filepath.Join(dir, "sources.list"), []byte(line), 0o644); err != nil {
		return nil, err
	}
	return a, os.WriteFile(filepath.Join(dir, "status"), nil, 0o644)
}

// unpack downloads the packages with their dependencies and unpacks all of them into root.
func (a *apt) unpack(ctx context.Context, packages []string, root string) error {
	if err := a.get(ctx, "update"); err != nil {
		return err
	}
	if err := a.get(ctx, append([]string{"--yes", "--download-only", "install"}, packages...)...); err != nil {
		return err
	}
	debs, err := filepath.Glob(filepath.Join(a.dir, "cache/archives/*.deb"))
	if err != nil {
		return err
	}
	if len(debs) == 0 {
		return fmt.Errorf("apt-get downloaded nothing for %s", strings.Join(packages, " "))
	}
	if err := os.Mkdir(root, 0o755); err != nil {
		return err
	}
	for _, deb := range debs {
		if err := run(ctx, a.debCmd, "-x", deb, root); err != nil {
			return err
		}
	}
	return nil
}

// get runs apt-get; the options are those of apt.conf(5) and apt-get(8).
func (a *apt) get(ctx context.Context, args ...string) error {
	options := []string{"-qq"}
	for _, o := range []string{
		"Dir::Etc::sourcelist=" + filepath.Join(a.dir, "sources.list"),
		"Dir::Etc::sourceparts=/dev/null",
		"Dir::State::lists=" + filepath.Join(a.dir, "lists"),
		"Dir::State::status=" + filepath.Join(a.dir, "status"),
		"Dir::Cache=" + filepath.Join(a.dir, "cache"),
		"APT::Sandbox::User=",
		"APT::Install-Recommends=0",
		"APT::Update::Error-Mode=any", // else an unreachable mirror is but a warning
		"Acquire::Retries=2",
		"Debug::NoLocking=1",
	} {
		options = append(options, "-o", o)
	}
	if err := run(ctx, a.getCmd, append(options, args...)...); err != nil {
		return fmt.Errorf("from the mirror %s: %w", a.mirror, err)
	}
	return nil
}

// run runs a command; its error is the first line that the command itself marks as one.
func run(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if line := firstError(out.String()); line != "" {
		err = errors.New(line)
	}
	return fmt.Errorf("%s: %w", filepath.Base(name), err)
}

// firstError finds the first error in the output of apt-get ("E: ...", "Err:1 ...") or dpkg-deb ("dpkg-deb: error: ...").
func firstError(output string) string {
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		for _, prefix := range []string{"E: ", "dpkg-deb: error: "} {
			if rest, ok := strings.CutPrefix(line, prefix); ok {
				return rest
			}
		}
	}
	return ""
}

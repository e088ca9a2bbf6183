package debpkg

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// Root is the root directory of an unpacked set.
type Root string

// Path returns the first path below the root that matches one of the patterns of [filepath.Match], e.g. the directory of
// a package's modules, whose name holds the machine's architecture.
func (r Root) Path(patterns ...string) (string, error) {
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(string(r), pattern))
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			return found[0], nil
		}
	}
	return "", fmt.Errorf("debpkg: %s holds none of %s", r, strings.Join(patterns, ", "))
}

// Command returns the command that runs a program of the set, e.g. "usr/sbin/slapd", with the dynamic loader and the
// libraries of the set, and with the arguments given.
func (r Root) Command(ctx context.Context, program string, args ...string) (*exec.Cmd, error) {
	binary, err := r.Path(program)
	if err != nil {
		return nil, err
	}
	loader, err := r.Path("usr/lib/*-linux-gnu*/ld-linux*.so.*", "lib/*-linux-gnu*/ld-linux*.so.*", "lib/*-linux-gnu*/ld-*.so")
	if err != nil {
		return nil, err
	}
	var libraries []string
	for _, pattern := range []string{
		"usr/lib/*-linux-gnu*", "lib/*-linux-gnu*", "usr/lib",
		// where programs look by a path of their own, or by an alternative that only an installation makes
		"usr/lib/*-linux-gnu*/pulseaudio", "usr/lib/*-linux-gnu*/blas", "usr/lib/*-linux-gnu*/lapack",
	} {
		if dir, err := r.Path(pattern); err == nil {
			libraries = append(libraries, dir)
		}
	}
	args = append([]string{"--library-path", strings.Join(libraries, ":"), binary}, args...)
	return exec.CommandContext(ctx, loader, args...), nil
}

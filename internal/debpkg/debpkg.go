// Package debpkg unpacks Debian packages into the user's cache directory, without root and without a container, so that
// tests and the demo bring the servers they need (Asterisk, slapd, sshd, vsftpd) with them.
//
// A [Set] names a Debian suite and some packages of it. [Cache.Fetch] downloads them with their dependencies, unpacks
// everything below one folder of the cache, and returns that folder as a [Root]; the next call finds it there. Programs of
// a Root run with the Root's own dynamic loader and libraries ([Root.Command]), so a set may come from a newer or an older
// suite than the machine's.
//
// The packages come from the mirror that the machine's own apt uses, are verified by apt against Debian's archive key,
// and nothing outside the cache changes. It needs apt-get and dpkg-deb, so it works on Debian and its derivatives only.
package debpkg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
)

// ErrNotDebian is returned by [Cache.Fetch] where apt-get or dpkg-deb is missing: packages cannot be fetched on this system.
var ErrNotDebian = errors.New("this system has no apt-get and dpkg-deb, so Debian packages cannot be fetched")

// Set is a group of packages that are unpacked together.
type Set struct {
	// Name is the folder of the set in the cache: letters, digits, dots and hyphens.
	Name string
	// Suite is the Debian suite that the packages come from, by code name, e.g. "bullseye".
	Suite string
	// Packages are the packages wanted; their dependencies come with them, recommended packages do not.
	Packages []string
}

var setName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*$`)

// Cache is a directory that holds unpacked sets. It may be used by several goroutines and processes at once: a file lock
// per set makes sure that each set is fetched once. The zero value uses the user's cache directory.
type Cache struct {
	// Dir is the cache directory, made if need be. Default: the folder "asterism" in [os.UserCacheDir].
	Dir string
	// Mirror is the URL of a Debian mirror. Default: the environment variable ASTERISM_DEBIAN_MIRROR, else the first
	// mirror in the machine's apt sources.
	Mirror string
	// Logger, if not nil, is told before a download starts, because that takes half a minute.
	Logger *slog.Logger
}

// Fetch returns the root of an unpacked set, fetching it first if the cache does not hold it. It waits while another
// process fetches the same set. A set that was fetched in part (the process was killed, the disk was full) is not used.
func (c Cache) Fetch(ctx context.Context, set Set) (Root, error) {
	root, err := c.fetch(ctx, set)
	if err != nil {
		return "", fmt.Errorf("debpkg: %s: %w", set.Name, err)
	}
	return root, nil
}

func (c Cache) fetch(ctx context.Context, set Set) (Root, error) {
	if !setName.MatchString(set.Name) {
		return "", fmt.Errorf("%q is not a name for a set", set.Name)
	}
	if c.Dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no cache directory: %w", err)
		}
		c.Dir = filepath.Join(user, "asterism")
	}
	dir := filepath.Join(c.Dir, set.Name)
	if isDir(dir) {
		return Root(dir), nil
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return "", err
	}
	unlock, err := lock(ctx, dir+".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if isDir(dir) { // another process has fetched it while this one waited
		return Root(dir), nil
	}
	return Root(dir), c.fill(ctx, set, dir)
}

// fill fetches the set beside dir and renames it to dir when it is complete. The caller holds the lock of the set.
func (c Cache) fill(ctx context.Context, set Set, dir string) error {
	if err := removeStale(dir); err != nil {
		return err
	}
	part, err := os.MkdirTemp(c.Dir, set.Name+".part-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(part)
	apt, err := c.newApt(filepath.Join(part, "apt"), set.Suite)
	if err != nil {
		return err
	}
	if c.Logger != nil {
		c.Logger.Info("fetching Debian packages, once", "set", set.Name, "suite", set.Suite, "into", dir)
	}
	root := filepath.Join(part, "root")
	if err := apt.unpack(ctx, set.Packages, root); err != nil {
		return err
	}
	return os.Rename(root, dir)
}

// removeStale removes what killed fetches of the set have left.
func removeStale(dir string) error {
	parts, err := filepath.Glob(dir + ".part-*")
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := os.RemoveAll(part); err != nil {
			return err
		}
	}
	return nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

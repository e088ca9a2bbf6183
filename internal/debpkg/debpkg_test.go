package debpkg_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/internal/debpkg"
)

// childVariable makes the test binary play another process that fetches the set into the cache directory it names.
const childVariable = "DEBPKG_CHILD_CACHE"

var greeter = debpkg.Set{Name: "greeter", Suite: "bullseye", Packages: []string{"hello", "libhello"}}

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVariable); dir != "" {
		if _, err := (debpkg.Cache{Dir: dir}).Fetch(context.Background(), greeter); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// fakeApt puts an apt-get and a dpkg-deb into PATH that need no network: apt-get notes each run in a file and "downloads"
// one package, dpkg-deb "unpacks" it.
type fakeApt struct {
	runs string // the file with a line per run of apt-get
}

func newFakeApt(t *testing.T, aptGet string) fakeApt {
	t.Helper()
	bin := t.TempDir()
	fake := fakeApt{runs: filepath.Join(bin, "runs")}
	for name, script := range map[string]string{
		"apt-get":  "echo \"$*\" >>" + fake.runs + "\n" + aptGet,
		"dpkg-deb": `mkdir -p "$3/usr/bin" && cp "$2" "$3/usr/bin/hello"`,
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+":/usr/bin:/bin")
	t.Setenv("ASTERISM_DEBIAN_MIRROR", "http://mirror.example/debian")
	return fake
}

func (f fakeApt) log(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(f.runs)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// download is the part of a fake apt-get that puts a package where apt-get's option says.
const download = `
for a; do case $a in Dir::Cache=*) cache=${a#Dir::Cache=};; install) echo package >"$cache/archives/hello_1_all.deb";; esac; done`

func TestFetch(t *testing.T) {
	fake := newFakeApt(t, download)
	cache := debpkg.Cache{Dir: filepath.Join(t.TempDir(), "cache")}
	root, err := cache.Fetch(t.Context(), greeter)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(string(root), "usr/bin/hello")); err != nil || string(text) != "package\n" {
		t.Errorf("the root holds %q, %v", text, err)
	}
	log := fake.log(t)
	if len(log) != 2 || !strings.HasSuffix(log[0], " update") || !strings.HasSuffix(log[1], " install hello libhello") {
		t.Errorf("apt-get was run as %q", log)
	}
	again, err := cache.Fetch(t.Context(), greeter)
	if err != nil || again != root {
		t.Errorf("the second time: %q, %v", again, err)
	}
	if n := len(fake.log(t)); n != 2 {
		t.Errorf("the second Fetch ran apt-get: %d runs", n)
	}
	left, err := filepath.Glob(filepath.Join(cache.Dir, "*.part-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestProcessesFetchOnce(t *testing.T) {
	fake := newFakeApt(t, "sleep 0.2\n"+download)
	dir := t.TempDir()
	var children []*exec.Cmd
	for range 4 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childVariable+"="+dir)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		children = append(children, cmd)
	}
	for _, cmd := range children {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	if log := fake.log(t); len(log) != 2 {
		t.Errorf("four processes ran apt-get %d times, want 2 (update, install): %q", len(log), log)
	}
}

func TestFetchAfterAKilledFetch(t *testing.T) {
	newFakeApt(t, download)
	dir := t.TempDir()
	stale := filepath.Join(dir, "greeter.part-123", "root")
	if err := os.MkdirAll(stale, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := (debpkg.Cache{Dir: dir}).Fetch(t.Context(), greeter); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stale); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what the killed fetch left is still there: %v", err)
	}
}

func TestFetchErrors(t *testing.T) {
	tests := []struct {
		name, aptGet, want string
	}{
		{
			"no network",
			"echo 'E: Failed to fetch http://mirror.example/debian/dists/bullseye/InRelease  Could not resolve' >&2; exit 100",
			"debpkg: greeter: from the mirror http://mirror.example/debian: apt-get: Failed to fetch http://mirror.example/debian/dists/bullseye/InRelease  Could not resolve",
		},
		{
			"unknown package",
			"case \"$*\" in *install*) echo 'E: Unable to locate package hello' >&2; exit 100;; esac",
			"debpkg: greeter: from the mirror http://mirror.example/debian: apt-get: Unable to locate package hello",
		},
		{"nothing said", "exit 7", "debpkg: greeter: from the mirror http://mirror.example/debian: apt-get: exit status 7"},
		{"nothing downloaded", "exit 0", "debpkg: greeter: apt-get downloaded nothing for hello libhello"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			newFakeApt(t, test.aptGet)
			dir := t.TempDir()
			_, err := debpkg.Cache{Dir: dir}.Fetch(t.Context(), greeter)
			if err == nil || err.Error() != test.want {
				t.Errorf("error is %v\nwant      %s", err, test.want)
			}
			if _, err := os.Stat(filepath.Join(dir, "greeter")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("a failed fetch left a root: %v", err)
			}
		})
	}
}

func TestNotDebian(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := debpkg.Cache{Dir: t.TempDir()}.Fetch(t.Context(), greeter)
	if !errors.Is(err, debpkg.ErrNotDebian) {
		t.Errorf("error is %v, want ErrNotDebian", err)
	}
}

func TestBadSetName(t *testing.T) {
	for _, name := range []string{"", "..", "../greeter", "a/b", "A"} {
		if _, err := (debpkg.Cache{Dir: t.TempDir()}).Fetch(t.Context(), debpkg.Set{Name: name}); err == nil {
			t.Errorf("the name %q was taken", name)
		}
	}
}

func TestFetchGivesUpWaiting(t *testing.T) {
	newFakeApt(t, "exec sleep 60")
	dir := t.TempDir()
	cache := debpkg.Cache{Dir: dir}
	first, cancelFirst := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := cache.Fetch(first, greeter)
		done <- err
	}()
	second, cancelSecond := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancelSecond()
	if _, err := cache.Fetch(second, greeter); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a fetch that waits ends with %v", err)
	}
	cancelFirst()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled fetch ends with %v", err)
	}
}

func TestRootPath(t *testing.T) {
	root := debpkg.Root(t.TempDir())
	module := filepath.Join(string(root), "usr/lib/x86_64-linux-gnu/modules")
	if err := os.MkdirAll(module, 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := root.Path("usr/lib/modules", "usr/lib/*/modules"); err != nil || got != module {
		t.Errorf("Path is %q, %v; want %q", got, err, module)
	}
	if _, err := root.Path("usr/sbin/*"); err == nil {
		t.Error("a path that is not there was found")
	}
	if _, err := root.Command(t.Context(), "usr/sbin/slapd"); err == nil {
		t.Error("a program that is not there has a command")
	}
}

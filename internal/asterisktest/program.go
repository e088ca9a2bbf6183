package asterisktest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"regexp"
	"strings"

	"github.com/asterism-go/asterism/internal/debpkg"
)

// Environment is the environment variable that chooses the Asterisk; see the package documentation.
const Environment = "ASTERISM_ASTERISK"

// errNone is the error of Run where ASTERISM_ASTERISK=none.
var errNone = errors.New(Environment + "=none: this needs a real Asterisk")

// series are the Asterisk series that Debian's suites hold.
var series = map[string]string{"22": "forky", "16": "bullseye"}

const defaultSeries = "22"

// program is an Asterisk that can be run.
type program struct {
	path    string      // of an installed Asterisk, else empty
	root    debpkg.Root // of an unpacked one
	version string
}

func (p program) command(ctx context.Context, args ...string) (*exec.Cmd, error) {
	if p.path != "" {
		return exec.CommandContext(ctx, p.path, args...), nil
	}
	return p.root.Command(ctx, "usr/sbin/asterisk", args...)
}

func findProgram(ctx context.Context, logger *slog.Logger) (program, error) {
	p, err := locateProgram(ctx, logger)
	if err != nil {
		return program{}, err
	}
	cmd, err := p.command(ctx, "-V")
	if err != nil {
		return program{}, err
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return program{}, fmt.Errorf("%s -V: %w: %s", cmd.Path, err, strings.TrimSpace(string(out)))
	}
	if p.version = parseVersion(string(out)); p.version == "" {
		return program{}, fmt.Errorf("%s -V does not name a version of Asterisk: %q", cmd.Path, out)
	}
	return p, nil
}

func locateProgram(ctx context.Context, logger *slog.Logger) (program, error) {
	wanted := os.Getenv(Environment)
	_, known := series[wanted]
	switch {
	case wanted == "none":
		return program{}, errNone
	case known:
		return fetchProgram(ctx, wanted, logger)
	case strings.Contains(wanted, "/"):
		if info, err := os.Stat(wanted); err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			return program{}, fmt.Errorf("%s=%s is not a program: name the asterisk binary itself", Environment, wanted)
		}
		return program{path: wanted}, nil
	case wanted != "":
		return program{}, fmt.Errorf("%s=%s: want the path of an asterisk binary, 22, 16 or none", Environment, wanted)
	}
	if path, err := exec.LookPath("asterisk"); err == nil {
		return program{path: path}, nil
	}
	return fetchProgram(ctx, defaultSeries, logger)
}

func fetchProgram(ctx context.Context, name string, logger *slog.Logger) (program, error) {
	set := debpkg.Set{
		Name:     "asterisk-" + name,
		Suite:    series[name],
		Packages: []string{"asterisk", "asterisk-modules", "asterisk-core-sounds-en-gsm"},
	}
	root, err := debpkg.Cache{Logger: logger}.Fetch(ctx, set)
	if err != nil {
		return program{}, fmt.Errorf("no Asterisk to run: %w; install Asterisk 16 or later, or set %s to the path of its binary", err, Environment)
	}
	return program{root: root}, nil
}

var versionNumber = regexp.MustCompile(`Asterisk (?:certified[/-])?(\d+(?:\.\d+)*)`)

// parseVersion reads the version out of what asterisk -V prints, e.g. "Asterisk 22.10.1+dfsg+~cs6.17.60671434-1".
func parseVersion(output string) string {
	if m := versionNumber.FindStringSubmatch(output); m != nil {
		return m[1]
	}
	return ""
}

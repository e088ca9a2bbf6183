package debpkg

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// source is a Debian mirror as apt's sources name it.
type source struct {
	uri      string
	signedBy string // a keyring file, or empty
}

// debianSuites are the suites whose mirrors also serve every other suite of Debian. The suites of third parties have
// other names or other components.
var debianSuites = []string{
	"bullseye", "bookworm", "trixie", "forky", "duke", "sid",
	"oldoldstable", "oldstable", "stable", "testing", "unstable",
}

// keyrings are the places of Debian's archive keys, by package debian-archive-keyring.
var keyrings = []string{
	"/usr/share/keyrings/debian-archive-keyring.gpg",
	"/usr/share/keyrings/debian-archive-keyring.pgp",
}

func (s source) keyring() string {
	for _, file := range append([]string{s.signedBy}, keyrings...) {
		if _, err := os.Stat(file); file != "" && err == nil {
			return file
		}
	}
	return keyrings[0]
}

// machineSource finds the machine's Debian mirror in the sources of apt below dir (/etc/apt), whose formats are described
// in sources.list(5).
func machineSource(dir string) (source, error) {
	files := []string{filepath.Join(dir, "sources.list")}
	for _, pattern := range []string{"*.sources", "*.list"} {
		more, err := filepath.Glob(filepath.Join(dir, "sources.list.d", pattern))
		if err != nil {
			return source{}, err
		}
		files = append(files, more...)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return source{}, err
		}
		parse := parseList
		if strings.HasSuffix(file, ".sources") {
			parse = parseSources
		}
		if s, ok := parse(string(text)); ok {
			return s, nil
		}
	}
	return source{}, fmt.Errorf("the apt sources in %s name no Debian mirror: set ASTERISM_DEBIAN_MIRROR to the URL of one", dir)
}

// parseList reads the one-line format: deb [options] URI suite component...
func parseList(text string) (source, bool) {
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "deb ")
		if !ok {
			continue
		}
		rest = strings.TrimSpace(rest)
		var s source
		if options, after, found := strings.Cut(rest, "]"); found && strings.HasPrefix(options, "[") {
			rest = after
			for _, option := range strings.Fields(options[1:]) {
				if file, ok := strings.CutPrefix(option, "signed-by="); ok {
					s.signedBy = file
				}
			}
		}
		fields := strings.Fields(rest)
		if len(fields) < 3 || !isDebian(fields[0], fields[1:2], fields[2:]) {
			continue
		}
		s.uri = fields[0]
		return s, true
	}
	return source{}, false
}

// parseSources reads the deb822 format: stanzas of "Field: value" lines. Fields that go on over several lines (keys
// written out) are not needed here.
func parseSources(text string) (source, bool) {
	for stanza := range strings.SplitSeq(text, "\n\n") {
		field := map[string]string{}
		for line := range strings.Lines(stanza) {
			if key, value, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, " ") {
				field[strings.ToLower(key)] = strings.TrimSpace(value)
			}
		}
		if cmp.Or(field["enabled"], "yes") != "yes" || !slices.Contains(strings.Fields(field["types"]), "deb") {
			continue
		}
		for _, uri := range strings.Fields(field["uris"]) {
			if isDebian(uri, strings.Fields(field["suites"]), strings.Fields(field["components"])) {
				return source{uri: uri, signedBy: field["signed-by"]}, true
			}
		}
	}
	return source{}, false
}

// isDebian tells whether an entry of apt's sources is a mirror of Debian itself (not its security archive, not a disc).
func isDebian(uri string, suites, components []string) bool {
	return slices.Contains(components, "main") &&
		slices.ContainsFunc(suites, func(suite string) bool { return slices.Contains(debianSuites, suite) }) &&
		!strings.HasPrefix(uri, "cdrom:")
}

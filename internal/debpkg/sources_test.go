package debpkg

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMachineSource(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string // below /etc/apt
		want  source
	}{
		{"deb822", map[string]string{"sources.list.d/debian.sources": `Types: deb
# a comment: with a colon
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/key.gpg
`}, source{"http://mirror.example/debian", "/usr/share/keyrings/key.gpg"}},
		{"security archive and a disabled stanza come first", map[string]string{"sources.list.d/debian.sources": `Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://disabled.example/debian
Suites: bookworm
Components: main

Types: deb-src deb
URIs: https://mirror.example/debian
Suites: trixie
Components: main contrib
`}, source{uri: "https://mirror.example/debian"}},
		{"one-line", map[string]string{"sources.list": `# deb http://old.example/debian buster main
deb-src http://mirror.example/src bookworm main
deb http://mirror.example/debian bookworm main contrib
`}, source{uri: "http://mirror.example/debian"}},
		{
			"one-line with options",
			map[string]string{"sources.list": "deb [ arch=amd64 signed-by=/k.gpg ] http://mirror.example/debian stable main\n"},
			source{"http://mirror.example/debian", "/k.gpg"},
		},
		{"third parties are not Debian", map[string]string{
			"sources.list":                   "deb cdrom:[Debian 12]/ bookworm main\ndeb http://vendor.example/apt bookworm vendor\ndeb http://db.example/apt bookworm-pgdg main\n",
			"sources.list.d/debian.list":     "deb http://mirror.example/debian bookworm main\n",
			"sources.list.d/nodesrc.sources": "Types: deb\nURIs: http://node.example/node\nSuites: nodistro\nComponents: main\n",
		}, source{uri: "http://mirror.example/debian"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := machineSource(aptDir(t, test.files))
			if err != nil || got != test.want {
				t.Errorf("source is %v, %v; want %v", got, err, test.want)
			}
		})
	}
}

func TestNoMirror(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"no files": nil,
		"Ubuntu":   {"sources.list": "deb http://mirror.example/ubuntu noble main universe\n"},
		"rubbish":  {"sources.list": "deb [\ndeb x\n\x00", "sources.list.d/a.sources": ":\n\n:::\nTypes\n"},
	} {
		_, err := machineSource(aptDir(t, files))
		if err == nil || !strings.Contains(err.Error(), "set ASTERISM_DEBIAN_MIRROR") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func aptDir(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sources.list.d"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

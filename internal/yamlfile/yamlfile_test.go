package yamlfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/asterism-go/asterism/internal/yamlfile"
)

type config struct {
	Listen string            `yaml:"listen"`
	Wait   yamlfile.Duration `yaml:"wait"`
	Routes []struct {
		Path  string `yaml:"path"`
		Limit int    `yaml:"limit"`
	} `yaml:"routes"`
}

const good = `# a comment
listen: 127.0.0.1:4573
wait: 3s
routes:
  - path: echo
    limit: 3
  - path: play
`

func TestRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.yaml")
	if err := os.WriteFile(name, []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	var cfg config
	if _, err := yamlfile.Read(name, &cfg); err != nil {
		t.Fatal(err)
	}
	if cfg.Listen != "127.0.0.1:4573" || cfg.Wait != yamlfile.Duration(3*time.Second) || len(cfg.Routes) != 2 || cfg.Routes[0].Limit != 3 {
		t.Errorf("read %+v", cfg)
	}
	if _, err := yamlfile.Read(name+".not", &cfg); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestWhatIsWrong(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"unknown key":        {"listen: x\nroutes:\n  - pth: a\n", `f.yaml:3:5: unknown field "pth"`},
		"wrong type":         {"routes:\n  - limit: many\n", "f.yaml:2:12: want a whole number"},
		"wrong duration":     {"wait: soon\n", `f.yaml:1:7: "soon" is not a duration`},
		"negative duration":  {"wait: -1s\n", `f.yaml:1:7: "-1s" is not a duration`},
		"number as duration": {"wait: 3\n", "f.yaml:1:7: want a duration"},
		"a key twice":        {"listen: a\nlisten: b\n", `f.yaml:2:1: mapping key "listen" already defined`},
		"list for a string":  {"listen: [a]\n", "f.yaml:1:9: "},
		"no YAML":            {"listen: [a\n", "f.yaml:1:9: "},
		"a second document":  {"listen: a\n---\nlisten: b\n", "f.yaml:2:1: a second document"},
		"a tag at a list":    {"routes: !00 00\n", "f.yaml: is nothing that the YAML library can read"},
		"larger than it may": {strings.Repeat("#", yamlfile.MaxSize+1), "f.yaml: has more than 1048576 bytes"},
	} {
		_, err := yamlfile.Parse("f.yaml", []byte(test.text), new(config))
		var located *yamlfile.Error
		if !errors.As(err, &located) || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

func TestNothingIsAllDefaults(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "\n"} {
		cfg := config{Listen: "default"}
		if _, err := yamlfile.Parse("f.yaml", []byte(text), &cfg); err != nil || cfg.Listen != "default" {
			t.Errorf("%q: %v, %+v", text, err, cfg)
		}
	}
}

func TestErrorf(t *testing.T) {
	file, err := yamlfile.Parse("f.yaml", []byte(good), new(config))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"$.listen":          "f.yaml:2:9: is 7",
		"$.routes[0].limit": "f.yaml:6:12: is 7",
		"$.routes[1]":       "f.yaml:7:5: is 7",
		"$.routes[1].limit": "f.yaml:7:5: is 7",
		"$.other":           "f.yaml:2:1: is 7",
	} {
		if got := file.Errorf(path, "is %d", 7).Error(); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// FuzzParse: whatever a file holds, the answer is a value or an error that names the file.
func FuzzParse(f *testing.F) {
	f.Add(good)
	f.Add("a: &a [*a, *a]\n")
	f.Add("? x\n: - y\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := yamlfile.Parse("f.yaml", []byte(text), new(config))
		if err != nil && !strings.HasPrefix(err.Error(), "f.yaml") {
			t.Errorf("%q: %v", text, err)
		}
		if err == nil && !strings.HasPrefix(file.Errorf("$.routes[0].path", "x").Error(), "f.yaml") {
			t.Errorf("%q: no file in the error", text)
		}
	})
}

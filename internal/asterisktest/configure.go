package asterisktest

import (
	"bytes"
	"embed"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
)

//go:embed etc
var defaultFiles embed.FS

// keptDefaults are the default files that hold what every instance needs: a caller's file of that name comes after them.
var keptDefaults = []string{
	"ari.conf", "asterisk.conf", "http.conf", "logger.conf", "manager.conf", "modules.conf", "pjsip.conf",
}

// maxSocketPath is the longest path of a Unix socket (unix(7)): the control socket is in the instance's directory.
const maxSocketPath = 107

// configure writes the instance's directory. It returns, by file name, how many lines of a default come before those of
// the caller's file.
func (a *Asterisk) configure(files map[string]string) (map[string]int, error) {
	if socket := a.controlSocket(); len(socket) > maxSocketPath {
		return nil, fmt.Errorf("the path of the control socket %s is over %d bytes: set TMPDIR to a shorter directory", socket, maxSocketPath)
	}
	// the Debian packages lack spool/recording: without it ARI cannot record
	for _, sub := range []string{
		"agi-bin", "cache", "db", "etc", "log/cdr-csv", "log/cel-custom", "moh", "run", "var/keys",
		"spool/monitor", "spool/outgoing", "spool/recording", "spool/voicemail",
	} {
		if err := os.MkdirAll(filepath.Join(a.Dir, sub), 0o755); err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(filepath.Join(a.Dir, "moh", "hum.sln"), hum(), 0o644); err != nil {
		return nil, err
	}
	return a.writeFiles(files)
}

func (a *Asterisk) writeFiles(files map[string]string) (map[string]int, error) {
	values, err := a.templateValues()
	if err != nil {
		return nil, err
	}
	defaults, err := template.ParseFS(defaultFiles, "etc/*.conf")
	if err != nil {
		return nil, err
	}
	lines := map[string]int{}
	for _, t := range defaults.Templates() {
		if _, replaced := files[t.Name()]; replaced && !slices.Contains(keptDefaults, t.Name()) {
			continue
		}
		var text bytes.Buffer
		if err := t.Execute(&text, values); err != nil {
			return nil, err
		}
		lines[t.Name()] = bytes.Count(text.Bytes(), []byte("\n"))
		text.WriteString(files[t.Name()])
		if err := a.writeFile(t.Name(), text.String()); err != nil {
			return nil, err
		}
	}
	for name, text := range files {
		if _, written := lines[name]; written {
			continue
		}
		if err := a.writeFile(name, text); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

func (a *Asterisk) writeFile(name, text string) error {
	if !filepath.IsLocal(name) || strings.Contains(name, "/") {
		return fmt.Errorf("%q is not the name of a configuration file: want one like extensions.conf", name)
	}
	return os.WriteFile(filepath.Join(a.Dir, "etc", name), []byte(text), 0o644)
}

type templateValues struct {
	*Asterisk
	Username, Secret string
	Modules, Data    string // of an unpacked Asterisk; an installed one knows its own
}

func (a *Asterisk) templateValues() (templateValues, error) {
	v := templateValues{Asterisk: a, Username: Username, Secret: Secret}
	if a.program.path != "" {
		return v, nil
	}
	var err error
	if v.Modules, err = a.program.root.Path("usr/lib/*/asterisk/modules", "usr/lib/asterisk/modules"); err != nil {
		return v, err
	}
	v.Data, err = a.dataDir()
	return v, err
}

// dataDir makes the data directory of an unpacked Asterisk: its files are links, and its English prompts lie where
// Asterisk looks for them, which in the packages is a link that only their installation would make.
func (a *Asterisk) dataDir() (string, error) {
	source, err := a.program.root.Path("usr/share/asterisk")
	if err != nil {
		return "", err
	}
	dir := filepath.Join(a.Dir, "data")
	if err := os.MkdirAll(filepath.Join(dir, "sounds"), 0o755); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(source)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		if e.Name() == "sounds" {
			continue
		}
		if err := os.Symlink(filepath.Join(source, e.Name()), filepath.Join(dir, e.Name())); err != nil {
			return "", err
		}
	}
	english := filepath.Join(source, "sounds", "en_US_f_Allison")
	return dir, os.Symlink(english, filepath.Join(dir, "sounds", "en"))
}

// hum is the music on hold of every instance: two seconds of a quiet 150 Hz tone, which no phone of a test uses, as
// signed linear samples at 8 kHz.
func hum() []byte {
	const rate, frequency, amplitude, seconds = 8000, 150, 800, 2
	samples := make([]byte, 0, 2*rate*seconds)
	for i := range rate * seconds {
		sample := int16(amplitude * math.Sin(2*math.Pi*frequency*float64(i)/rate))
		samples = binary.LittleEndian.AppendUint16(samples, uint16(sample))
	}
	return samples
}

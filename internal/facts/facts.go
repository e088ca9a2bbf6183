// Package facts is what the generators of the house share: facts of Asterisk's documentation, which are printed by a command,
// committed, and read again; and what they have generated.
package facts

import (
	"embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Print is the command "facts -version VERSION SOURCE": it prints what extract finds in the source, which source describes.
func Print(args []string, source string, extract func(path, version string) ([]byte, error)) error {
	flags := flag.NewFlagSet("facts", flag.ContinueOnError)
	version := flags.String("version", "", "the version of Asterisk")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *version == "" || flags.NArg() != 1 {
		return errors.New("facts needs -version and " + source)
	}
	text, err := extract(flags.Arg(0), *version)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(text)
	return err
}

// Text is how facts are committed.
func Text(facts any) ([]byte, error) {
	text, err := json.MarshalIndent(facts, "", " ")
	return append(text, '\n'), err
}

// Load reads the committed facts below the folder facts, by the series of Asterisk, which is the beginning of the version.
func Load[Facts any](inputs embed.FS, version func(*Facts) string) (map[string]*Facts, error) {
	all := map[string]*Facts{}
	entries, err := inputs.ReadDir("facts")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		text, err := inputs.ReadFile("facts/" + e.Name())
		if err != nil {
			return nil, err
		}
		facts := new(Facts)
		if err := json.Unmarshal(text, facts); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		series, _, _ := strings.Cut(version(facts), ".")
		all[series] = facts
	}
	return all, nil
}

// Documentation opens the XML that an Asterisk comes with; dir is the folder that it runs in.
func Documentation(dir string) (*os.File, error) {
	const name = "documentation/core-en_US.xml"
	var errs []error
	for _, dir := range []string{filepath.Join(dir, "data"), "/usr/share/asterisk", "/var/lib/asterisk"} {
		f, err := os.Open(filepath.Join(dir, name))
		if err == nil {
			return f, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// Files are the texts of the files in a folder whose names are as in pattern.
func Files(dir, pattern string) (map[string]string, error) {
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		files[filepath.Base(name)] = string(text)
	}
	return files, nil
}

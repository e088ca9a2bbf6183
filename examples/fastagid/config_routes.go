package main

import (
	"encoding/base64"
	"encoding/csv"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/asterism-go/asterism/internal/yamlfile"
)

// level is the slog level of the name.
func (l logConfig) level() (slog.Level, error) {
	var level slog.Level
	err := level.UnmarshalText([]byte(l.Level))
	return level, err
}

// checker gathers what is wrong with one value of the file.
type checker func(key, format string, args ...any)

// target is one way to serve a route.
type target interface {
	check(wrong checker)
}

// targets are those that the route names, by key.
func (r *route) targets() map[string]target {
	all := map[string]target{}
	add := func(key string, given bool, t target) {
		if given {
			all[key] = t
		}
	}
	add("echo", r.Echo != nil, r.Echo)
	add("playback", r.Playback != nil, r.Playback)
	add("record", r.Record != nil, r.Record)
	add("lookup", r.Lookup != nil, r.Lookup)
	add("helpdesk", r.Helpdesk != nil, r.Helpdesk)
	add("webhook", r.Webhook != nil, r.Webhook)
	add("exec", r.Exec != nil, r.Exec)
	add("health", r.Health != nil, r.Health)
	return all
}

func (c *config) checkRoutes(file *yamlfile.File) []error {
	var errs []error
	seen := map[string]int{}
	for i := range c.Routes {
		r := &c.Routes[i]
		at := fmt.Sprintf("$.routes[%d]", i)
		wrong := func(key, format string, args ...any) {
			errs = append(errs, file.Errorf(at+key, format, args...))
		}
		r.checkPath(wrong, seen, i)
		if r.Sessions < 0 {
			wrong(".sessions", "%d: want a positive number, or 0 for no limit of its own", r.Sessions)
		}
		targets := r.targets()
		if len(targets) != 1 {
			wrong("", "route %q has %d targets: want exactly one of echo, playback, record, lookup, helpdesk, webhook, exec, health",
				r.Path, len(targets))
		}
		for key, t := range targets {
			t.check(func(sub, format string, args ...any) { wrong("."+key+sub, format, args...) })
		}
	}
	return errs
}

// segment is what a path is made of.
var segment = regexp.MustCompile(`^(?:[A-Za-z0-9._~-]+|\{[a-z][a-z0-9_]*\})$`)

func (r *route) checkPath(wrong checker, seen map[string]int, i int) {
	if r.Path == "" {
		wrong("", "a route without path")
		return
	}
	for part := range strings.SplitSeq(r.Path, "/") {
		if !segment.MatchString(part) {
			wrong(".path", "%q: the segment %q is neither a name nor {name}", r.Path, part)
			return
		}
	}
	shape := parameter.ReplaceAllString(r.Path, "{}")
	if first, taken := seen[shape]; taken {
		wrong(".path", "%q: route %d has this path already", r.Path, first+1)
		return
	}
	seen[shape] = i
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

func (*echoRoute) check(checker)   {}
func (*healthRoute) check(checker) {}

// soundFile is the name of a sound file: what Asterisk resolves below its sounds directory, or an absolute path.
var soundFile = regexp.MustCompile(`^/?[A-Za-z0-9_-]+(?:[./][A-Za-z0-9_-]+)*$`)

func (p *playbackRoute) check(wrong checker) {
	if len(p.Files) == 0 {
		wrong(".files", "no files to play")
	}
	for i, name := range p.Files {
		if !soundFile.MatchString(name) {
			wrong(fmt.Sprintf(".files[%d]", i), "%q is not the name of a sound file", name)
		}
	}
	checkDigits(wrong, ".escape", p.Escape)
}

func checkDigits(wrong checker, key, digits string) {
	if strings.Trim(digits, "0123456789*#ABCD") != "" {
		wrong(key, "%q: want digits, *, #, A to D", digits)
	}
}

func (r *recordRoute) check(wrong checker) {
	if !strings.HasPrefix(r.Directory, "/") || !soundFile.MatchString(r.Directory) {
		wrong(".directory", "%q: want an absolute path of Asterisk's machine", r.Directory)
	}
	if !regexp.MustCompile(`^[a-z0-9]+$`).MatchString(r.Format) {
		wrong(".format", "%q: want a format of Asterisk such as wav", r.Format)
	}
}

func (l *lookupRoute) check(wrong checker) {
	if _, err := readCallers(l.File); err != nil {
		wrong(".file", "%v", err)
	}
	if l.Digits < 0 {
		wrong(".digits", "%d: want how many last digits count, or 0 for all", l.Digits)
	}
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (h *helpdeskRoute) check(wrong checker) {
	if h.Rules != "" {
		h.checkRuled(wrong)
		return
	}
	if !variableName.MatchString(h.Variable) {
		wrong(".variable", "%q is not the name of a channel variable", h.Variable)
	}
	if h.Default == "" {
		wrong("", "no default: which desk do callers from elsewhere get? Or name a file of rules")
	}
	for i, d := range h.Desks {
		if d.Prefix == "" || d.Desk == "" {
			wrong(fmt.Sprintf(".desks[%d]", i), "want a prefix and a desk")
		}
	}
}

func (w *webhookRoute) check(wrong checker) {
	target, err := url.Parse(w.URL)
	if err != nil || target.Host == "" || (target.Scheme != "http" && target.Scheme != "https") {
		wrong(".url", "%q is not an address of the form https://host/path", w.URL)
	}
	if w.SecretFile == "" {
		return
	}
	if _, err := readSecret(w.SecretFile); err != nil {
		wrong(".secret_file", "%v", err)
	}
}

// readSecret reads a signing key in the form of Standard Webhooks: whsec_ and base64.
func readSecret(name string) ([]byte, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	encoded, ok := strings.CutPrefix(strings.TrimSpace(string(text)), "whsec_")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(key) < 24 {
		return nil, errors.New(name + ": want whsec_ and at least 24 bytes in base64")
	}
	return key, nil
}

func (e *execRoute) check(wrong checker) {
	info, err := os.Stat(e.Program)
	switch {
	case !strings.HasPrefix(e.Program, "/"):
		wrong(".program", "%q: want an absolute path", e.Program)
	case err != nil:
		wrong(".program", "%v", err)
	case info.IsDir() || info.Mode()&0o111 == 0:
		wrong(".program", "%s is not a program", e.Program)
	}
	for name := range e.Env {
		if !variableName.MatchString(name) {
			wrong(".env", "%q is not the name of an environment variable", name)
		}
	}
}

// readCallers reads a CSV file of callers: a line of column names, one of them number, and a line for each caller.
func readCallers(name string) ([]map[string]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(rows) == 0 {
		return nil, errors.New(name + ": empty: want a line of column names")
	}
	var callers []map[string]string
	for _, column := range rows[0] {
		if !variableName.MatchString(column) {
			return nil, fmt.Errorf("%s:1: %q is not a column name: want letters, digits and _", name, column)
		}
	}
	for _, row := range rows[1:] {
		one := map[string]string{}
		for i, column := range rows[0] {
			one[column] = row[i]
		}
		if one["number"] == "" {
			return nil, fmt.Errorf("%s: a caller without number: %v", name, row)
		}
		callers = append(callers, one)
	}
	return callers, nil
}

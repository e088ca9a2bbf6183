package sayconf

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
)

// File is the rules of a say.conf. It does not change, and may be used by several goroutines at once.
type File struct {
	sections map[string]*section
}

type section struct {
	template bool
	rules    []rule
}

// rule says what matches its pattern: sounds, and what is said by other rules.
type rule struct {
	pattern string
	parts   []string
}

// Error says what of a file is wrong, and where.
type Error struct {
	File    string
	Line    int
	Problem string
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Problem) }

// Read reads a file.
func Read(name string) (*File, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return Parse(name, text)
}

// Parse reads the text of a file, whose name is for errors. The first thing that is wrong is an [*Error].
func Parse(name string, text []byte) (*File, error) {
	p := parser{file: File{sections: map[string]*section{}}}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		if problem := p.line(p.uncomment(lines.Text())); problem != "" {
			return nil, &Error{name, n, problem}
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &p.file, nil
}

// Languages are those that have rules, sorted. Templates are none.
func (f *File) Languages() []string {
	var all []string
	for name, s := range f.sections {
		if !s.template {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

type parser struct {
	file    File
	name    string   // of the section
	section *section // nil before the first one
	comment bool     // in one of several lines
}

// uncomment returns a line without its comments: from ";" on, unless there is a "\" before it, and from ";--" to "--;" (main/config.c).
func (p *parser) uncomment(line string) string {
	var kept strings.Builder
	for line != "" {
		if p.comment {
			_, rest, ok := strings.Cut(line, "--;")
			if !ok {
				return kept.String()
			}
			p.comment, line = false, rest
			continue
		}
		i := strings.IndexByte(line, ';')
		switch {
		case i < 0:
			kept.WriteString(line)
			return kept.String()
		case i > 0 && line[i-1] == '\\':
			kept.WriteString(line[:i-1] + ";")
			line = line[i+1:]
		case strings.HasPrefix(line[i:], ";--") && !strings.HasPrefix(line[i:], ";---"):
			kept.WriteString(line[:i])
			p.comment, line = true, line[i+len(";--"):]
		default:
			kept.WriteString(line[:i])
			return kept.String()
		}
	}
	return kept.String()
}

// line takes a line without comments, and says what is wrong with it.
func (p *parser) line(text string) (problem string) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return ""
	case text[0] == '[':
		return p.header(text)
	case text[0] == '#':
		return fmt.Sprintf("%q: files are not included here: put all rules into one", text)
	case p.section == nil:
		return "a rule before the first section"
	}
	name, value, ok := strings.Cut(text, "=")
	if !ok {
		return fmt.Sprintf("%q is no rule: want pattern => sounds", text)
	}
	name, value = strings.TrimSpace(name), strings.TrimSpace(strings.TrimPrefix(value, ">"))
	if p.name == "general" {
		return ""
	}
	return p.rule(name, value)
}

// header takes the beginning of a section: [name](options).
func (p *parser) header(text string) (problem string) {
	name, options, ok := strings.Cut(text[1:], "]")
	if !ok || name == "" {
		return fmt.Sprintf("%q is no section: want [name]", text)
	}
	if options = strings.TrimSpace(options); options != "" && (options[0] != '(' || !strings.HasSuffix(options, ")")) {
		return fmt.Sprintf("%q behind [%s]: want (templates)", options, name)
	}
	s := &section{}
	for option := range strings.SplitSeq(strings.Trim(options, "()"), ",") {
		switch option = strings.TrimSpace(option); option {
		case "":
		case "!":
			s.template = true
		case "+":
			if s = p.file.sections[name]; s == nil {
				return fmt.Sprintf("there is no section [%s] to add to", name)
			}
		default:
			base := p.file.sections[option]
			if base == nil {
				return fmt.Sprintf("there is no section [%s] before [%s]", option, name)
			}
			if base == s {
				return fmt.Sprintf("[%s] cannot be its own template", name)
			}
			s.rules = append(s.rules, base.rules...)
		}
	}
	p.name, p.section = name, s
	if name != "general" {
		p.file.sections[name] = s
	}
	return ""
}

// rule takes a rule.
func (p *parser) rule(pattern, value string) (problem string) {
	if problem := checkPattern(pattern); problem != "" {
		return problem
	}
	r := rule{pattern: pattern}
	for part := range strings.SplitSeq(value, ",") {
		part = strings.TrimSpace(part)
		if err := checkPart(part); err != nil {
			return err.Error()
		}
		r.parts = append(r.parts, part)
	}
	p.section.rules = append(p.section.rules, r)
	return ""
}

// samples are values of which one makes sense to all that a rule can do: a time, numbers.
var samples = []string{"200604172030.00-1-107", "123456789", "1"}

func checkPart(part string) error {
	var first error
	for _, sample := range samples {
		_, err := fill(part, sample)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

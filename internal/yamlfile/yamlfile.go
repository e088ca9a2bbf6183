// Package yamlfile reads configuration files in YAML strictly: a key that nobody knows, a key given twice or a value of
// the wrong type is an error that names file, line and column. What only the reader of the values can judge is reported
// the same way, by the path of the value:
//
//	file, err := yamlfile.Read("fastagid.yaml", &cfg)
//	...
//	return file.Errorf("$.routes[2].path", "has no handler")
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// MaxSize is the largest file in bytes that is read.
const MaxSize = 1 << 20

// Error is what is wrong with a file, and where. Its text begins with file:line:column.
type Error struct {
	File string
	// Line and Column begin with 1. They are 0 if the error is about the whole file.
	Line, Column int
	// Problem is what is wrong, in one line.
	Problem string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Problem
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Problem)
}

// File is a file that was read, for errors about its values.
type File struct {
	name string
	tree *ast.File
}

// Read reads the file into a struct. An error about its text is an [*Error].
func Read(name string, into any) (*File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, err
	}
	return Parse(name, text, into)
}

// Parse is [Read] for text that is at hand; name stands in errors.
func Parse(name string, text []byte, into any) (*File, error) {
	if len(text) > MaxSize {
		return nil, &Error{File: name, Problem: fmt.Sprintf("has more than %d bytes", MaxSize)}
	}
	var tree *ast.File
	err := survive(func() (err error) { tree, err = parser.ParseBytes(text, 0); return err })
	if err != nil {
		return nil, located(name, err)
	}
	if len(tree.Docs) > 1 {
		return nil, at(name, tree.Docs[1].Start, "a second document: one is all that is read")
	}
	file := &File{name: name, tree: tree}
	if file.empty() {
		return file, nil // all defaults stay as they are
	}
	err = survive(func() error { return yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(into) })
	if err != nil {
		return nil, located(name, err)
	}
	return file, nil
}

// survive makes an error of a panic of the YAML library: v1.19.2 has one for a tag in front of a scalar where a list is wanted.
func survive(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("is nothing that the YAML library can read: %v", p)
		}
	}()
	return f()
}

// empty reports whether the file holds nothing but comments.
func (f *File) empty() bool {
	if len(f.tree.Docs) == 0 || f.tree.Docs[0].Body == nil {
		return true
	}
	_, comment := f.tree.Docs[0].Body.(*ast.CommentGroupNode)
	return comment
}

// Errorf returns an [*Error] about the value at a path such as "$.routes[2].path". If the file does not have it, the
// error is about the nearest value around it.
func (f *File) Errorf(path, format string, args ...any) error {
	problem := fmt.Sprintf(format, args...)
	for p := path; p != ""; p = parent(p) {
		query, err := yaml.PathString(p)
		if err != nil {
			continue
		}
		var node ast.Node
		err = survive(func() (err error) { node, err = query.FilterFile(f.tree); return err })
		if err == nil && node != nil {
			return at(f.name, first(node), problem)
		}
	}
	return &Error{File: f.name, Problem: problem}
}

// parent cuts off the last element of a path; it is empty above the root.
func parent(path string) string {
	for i := len(path) - 1; i > 0; i-- {
		if path[i] == '.' || path[i] == '[' {
			return path[:i]
		}
	}
	return ""
}

// first is where a node begins. The token of a mapping is that of its first colon, so its first key is taken.
func first(node ast.Node) *token.Token {
	switch n := node.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 {
			return n.Values[0].Key.GetToken()
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	}
	return node.GetToken()
}

// located makes an [*Error] of one of the YAML library's.
func located(name string, err error) error {
	var known yaml.Error
	var mistyped *yaml.TypeError
	if errors.As(err, &mistyped) {
		if want := wanted(mistyped.DstType.Kind()); want != "" {
			return at(name, mistyped.Token, "want "+want)
		}
	}
	if errors.As(err, &known) {
		return at(name, known.GetToken(), known.GetMessage())
	}
	return &Error{File: name, Problem: err.Error()}
}

// wanted says in words what stands for a type of Go in a file, or "" if it has no word for it.
func wanted(kind reflect.Kind) string {
	switch kind {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "keys with values"
	default:
		return ""
	}
}

func at(name string, t *token.Token, problem string) *Error {
	e := &Error{File: name, Problem: problem}
	if t != nil && t.Position != nil {
		e.Line, e.Column = t.Position.Line, t.Position.Column
	}
	return e
}

// Duration is a duration in a file, written as "1m30s" (see [time.ParseDuration]). A negative one is refused.
type Duration time.Duration

// UnmarshalYAML reads the duration.
func (d *Duration) UnmarshalYAML(node ast.Node) error {
	text, ok := node.(*ast.StringNode)
	if !ok {
		return &yaml.SyntaxError{Message: `want a duration such as "1m30s"`, Token: node.GetToken()}
	}
	parsed, err := time.ParseDuration(text.Value)
	if err != nil || parsed < 0 {
		return &yaml.SyntaxError{
			Message: fmt.Sprintf(`%q is not a duration: want one such as "1m30s"`, text.Value), Token: node.GetToken(),
		}
	}
	*d = Duration(parsed)
	return nil
}

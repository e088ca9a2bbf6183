package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// textAttr is the attribute that holds the text of a version element, the only text that is kept.
const textAttr = "#text"

// node is an element of the documentation XML. Its prose is left out.
type node struct {
	name     string
	attrs    map[string]string
	children []*node
}

func parseXML(r io.Reader) (*node, error) {
	decoder := xml.NewDecoder(r)
	decoder.Strict = false
	root := &node{}
	stack := []*node{root}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			n := &node{name: t.Name.Local, attrs: make(map[string]string, len(t.Attr))}
			for _, a := range t.Attr {
				n.attrs[a.Name.Local] = a.Value
			}
			parent := stack[len(stack)-1]
			parent.children = append(parent.children, n)
			stack = append(stack, n)
		case xml.CharData:
			if n := stack[len(stack)-1]; n.name == "version" {
				n.attrs[textAttr] += strings.TrimSpace(string(t))
			}
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		}
	}
}

// all returns the children of this name.
func (n *node) all(name string) []*node {
	var found []*node
	for _, c := range n.children {
		if c.name == name {
			found = append(found, c)
		}
	}
	return found
}

// deep returns the descendants of this name.
func (n *node) deep(name string) []*node {
	var found []*node
	for _, c := range n.children {
		if c.name == name {
			found = append(found, c)
		}
		found = append(found, c.deep(name)...)
	}
	return found
}

// expand returns the children of n with each xi:include replaced by what it names. Includes inside what is included are
// left alone: an XPointer sees the document as it was before any inclusion.
func (n *node) expand(root *node) ([]*node, error) {
	var out []*node
	for _, c := range n.children {
		if c.name != "include" {
			out = append(out, c)
			continue
		}
		found, err := root.pointer(c.attrs["xpointer"])
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// step is one step of the XPointers that Asterisk's documentation uses, such as parameter[@name='Queue'],
// parameter[contains(@name, 'ReportX')] or para[2].
var step = regexp.MustCompile(`^([A-Za-z-]+)(?:\[@name='([^']*)'\]|\[contains\(@name, ?'([^']*)'\)\]|\[\d+\])*$`)

// pointer resolves an XPointer into the same document. Some of Asterisk's lack the slash at the beginning.
func (n *node) pointer(xpointer string) ([]*node, error) {
	path := strings.TrimSuffix(strings.TrimPrefix(xpointer, "xpointer("), ")")
	found := []*node{n}
	for s := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		m := step.FindStringSubmatch(s)
		if m == nil {
			return nil, fmt.Errorf("the step %q of %q is none that is known", s, xpointer)
		}
		var next []*node
		for _, f := range found {
			for _, c := range f.all(m[1]) {
				name := c.attrs["name"]
				if (m[2] == "" || name == m[2]) && strings.Contains(name, m[3]) {
					next = append(next, c)
				}
			}
		}
		found = next
	}
	return found, nil
}

package menu

import (
	"maps"
	"slices"
)

// Edge is a way that calls can take. To is a node, or hangup, back or again.
type Edge struct {
	From, To string
	// Label is what leads there: the keys, or a word.
	Label string
	// Silent says that callers come there who press nothing.
	Silent bool
}

// Names are the names of the nodes, sorted.
func (s *Set) Names() []string { return slices.Sorted(maps.Keys(s.nodes)) }

// Start is the node where calls begin.
func (s *Set) Start() string { return s.start }

// Kind is the kind of a node, as in a file; "" if there is no such node.
func (s *Set) Kind(node string) string {
	if k, ok := s.nodes[node]; ok {
		return k.name()
	}
	return ""
}

// Edges are all ways that calls can take, by their nodes in order.
func (s *Set) Edges() []Edge {
	var list []Edge
	for _, name := range s.Names() {
		for _, e := range s.allEdges(name) {
			list = append(list, Edge{From: name, To: or(s.resolve(e.to), e.to), Label: e.label, Silent: e.silent})
		}
	}
	return list
}

// Languages are the names of the languages of the prompts; none if the menus name none.
func (s *Set) Languages() []string {
	list := make([]string, len(s.languages))
	for i, l := range s.languages {
		list[i] = l.Name
	}
	return list
}

package menu

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// allEdges are the edges of a node, those of the keys that work everywhere included.
func (s *Set) allEdges(name string) []edge {
	k := s.nodes[name]
	edges := k.edges()
	m, isMenu := k.(*Menu)
	own := func(key Text) bool {
		if !isMenu {
			return false
		}
		_, ok := m.Options[string(key)]
		return ok
	}
	if key := s.keys.Operator; key != "" && asks(k) && !own(key) && (choosing(k) || !numeric(key)) {
		edges = append(edges, edge{to: "operator", label: string(key)})
	}
	return edges
}

// asks tells whether a kind waits for digits, choosing whether they are a choice and no number.
func asks(k kind) bool {
	switch k.(type) {
	case *Menu, *LanguageMenu, *Collect, *PIN, *Directory, *Extension, *Callback:
		return true
	default:
		return false
	}
}

func choosing(k kind) bool {
	switch k.(type) {
	case *Menu, *LanguageMenu:
		return true
	default:
		return false
	}
}

func numeric(key Text) bool { return key >= "0" && key <= "9" }

// resolve is the node that a target stands for; empty if it is none.
func (s *Set) resolve(target string) string {
	if target == "operator" {
		return s.operator
	}
	if slices.Contains(reserved, target) {
		return ""
	}
	return target
}

// target tells what is wrong with a target.
func (c *checker) target(path string, e edge) {
	switch e.to {
	case "hangup":
	case "":
		c.wrong(path, "no target: want a node, back, again, operator or hangup")
	case "operator":
		if c.in.Operator == "" {
			c.wrong(path, "there is no operator")
		}
	case "back", "again":
		if e.silent {
			c.wrong(path, "%s, where callers come without pressing anything, could go on for ever", e.to)
		}
	default:
		if _, ok := c.in.Nodes[e.to]; !ok {
			c.wrong(path, "there is no node %q", e.to)
		}
	}
}

// targets tells of targets that are none.
func (c *checker) targets() {
	if c.in.Start != "" {
		c.node = ""
		if _, ok := c.in.Nodes[c.in.Start]; !ok {
			c.wrong("start", "there is no node %q", c.in.Start)
		}
	}
	if _, ok := c.in.Nodes[c.in.Operator]; !ok && c.in.Operator != "" {
		c.wrong("operator", "there is no node %q", c.in.Operator)
	}
	for _, name := range c.names() {
		k := c.set.nodes[name]
		for _, e := range k.edges() {
			c.target(quoted("nodes", name)+"."+k.name()+e.key, e)
		}
	}
}

func (c *checker) names() []string { return slices.Sorted(maps.Keys(c.set.nodes)) }

// unreachable tells of nodes that no call can come to.
func (c *checker) unreachable() {
	seen := map[string]bool{c.set.start: true}
	for todo := []string{c.set.start}; len(todo) > 0; todo = todo[1:] {
		for _, e := range c.set.allEdges(todo[0]) {
			if to := c.set.resolve(e.to); to != "" && !seen[to] {
				seen[to] = true
				todo = append(todo, to)
			}
		}
	}
	for _, name := range c.names() {
		switch {
		case seen[name]:
		case name == c.set.operator:
			c.wrong(quoted("nodes", name), "node %q is the operator, and can never be reached from %q: want a key for the operator in keys, or default: operator",
				name, c.set.start)
		default:
			c.wrong(quoted("nodes", name), "node %q can never be reached from %q", name, c.set.start)
		}
	}
}

// loops tells of ways that lead back to where they began although the caller presses nothing: a call could take them for ever.
func (c *checker) loops() {
	const onPath, done = 1, 2
	state := map[string]int{}
	var path []string
	var visit func(name string)
	visit = func(name string) {
		state[name] = onPath
		path = append(path, name)
		for _, e := range c.set.nodes[name].edges() {
			to := c.set.resolve(e.to)
			if !e.silent || to == "" {
				continue
			}
			switch state[to] {
			case 0:
				visit(to)
			case onPath:
				way := append(slices.Clone(path[slices.Index(path, to):]), to)
				c.wrong(quoted("nodes", name)+"."+c.set.nodes[name].name()+e.key, "a loop without input: %s", strings.Join(way, " -> "))
			}
		}
		path = path[:len(path)-1]
		state[name] = done
	}
	for _, name := range c.names() {
		if state[name] == 0 {
			visit(name)
		}
	}
}

// Missing are the sounds that menus play and that has does not know: of all languages those in which neither the sound nor
// one in a fallback language is there, nor a text that could be spoken. The errors name the place in the file.
func (s *Set) Missing(has func(language, sound string) bool) []error {
	var errs []error
	for _, u := range s.uses {
		if u.Spoken {
			continue
		}
		for _, language := range s.spokenIn(u) {
			chain := s.chain(language)
			if slices.ContainsFunc(chain, func(l string) bool { return has(l, u.Name) }) {
				continue
			}
			text := fmt.Sprintf("there is no sound %q in %s", u.Name, strings.Join(chain, ", nor in "))
			errs = append(errs, located(s.file, u.path, text))
		}
	}
	return errs
}

// spokenIn are the languages in which a sound may be wanted.
func (s *Set) spokenIn(u Sound) []string {
	if u.Language != "" || len(s.languages) == 0 {
		return []string{or(u.Language, "en")}
	}
	var list []string
	for _, l := range s.languages {
		list = append(list, l.Name)
	}
	return list
}

package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// extract reads the facts out of the documentation that comes with Asterisk, core-en_US.xml. Several elements for one name
// (the modules of voicemail) become one.
func extract(r io.Reader, version, source string) (*Facts, error) {
	root, err := parseXML(r)
	if err != nil {
		return nil, err
	}
	x := extractor{root: root, facts: &Facts{
		Asterisk: version, Source: source,
		Actions: map[string]*Action{}, Events: map[string]*Event{},
	}}
	for _, docs := range root.all("docs") {
		for _, n := range docs.all("manager") {
			if err := x.action(n); err != nil {
				return nil, fmt.Errorf("action %s: %w", n.attrs["name"], err)
			}
		}
		for _, n := range docs.all("managerEvent") {
			if err := x.event(n); err != nil {
				return nil, fmt.Errorf("event %s: %w", n.attrs["name"], err)
			}
		}
	}
	if len(x.facts.Actions) == 0 || len(x.facts.Events) == 0 {
		return nil, errors.New("there are no actions or no events in it")
	}
	return x.facts, nil
}

type extractor struct {
	root  *node
	facts *Facts
}

func (x *extractor) action(n *node) error {
	name := n.attrs["name"]
	action := x.facts.Actions[name]
	if action == nil {
		action = &Action{}
		x.facts.Actions[name] = action
	}
	action.Modules = module(action.Modules, n)
	action.Since = since(action.Since, n)
	params, err := x.params(n)
	if err != nil {
		return err
	}
	action.Params = mergeParams(action.Params, params)
	for _, responses := range n.all("responses") {
		children, err := responses.expand(x.root)
		if err != nil {
			return err
		}
		for _, c := range children {
			switch c.name {
			case "list-elements":
				elements, err := c.expand(x.root)
				if err != nil {
					return err
				}
				for _, e := range elements {
					action.List = union(action.List, []string{e.attrs["name"]})
				}
			case "managerEvent":
				action.Complete = c.attrs["name"]
			}
		}
	}
	return x.nestedEvents(n)
}

// nestedEvents reads the events that are described inside the list that an action is answered with.
func (x *extractor) nestedEvents(n *node) error {
	for _, e := range n.deep("managerEvent") {
		if err := x.event(e); err != nil {
			return err
		}
	}
	return nil
}

func (x *extractor) event(n *node) error {
	name := n.attrs["name"]
	event := x.facts.Events[name]
	if event == nil {
		event = &Event{}
		x.facts.Events[name] = event
	}
	event.Modules = module(event.Modules, n)
	for _, instance := range n.all("managerEventInstance") {
		for class := range strings.SplitSeq(instance.attrs["class"], "|") {
			class = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(class), "EVENT_FLAG_"))
			event.Classes = union(event.Classes, []string{class})
		}
		event.Since = since(event.Since, instance)
		fields, err := x.params(instance)
		if err != nil {
			return err
		}
		event.Fields = mergeParams(event.Fields, fields)
	}
	event.Since = since(event.Since, n)
	return nil
}

func module(modules []string, n *node) []string {
	if m := n.attrs["module"]; m != "" {
		modules = union(modules, []string{m})
		slices.Sort(modules)
	}
	return modules
}

// since reads the versions with which n came. Their text is not in the tree, so it was kept as an attribute.
func since(known []string, n *node) []string {
	for _, s := range n.all("since") {
		for _, v := range s.all("version") {
			known = union(known, []string{v.attrs[textAttr]})
		}
	}
	return known
}

func (x *extractor) params(n *node) ([]Param, error) {
	var params []Param
	for _, syntax := range n.all("syntax") {
		children, err := syntax.expand(x.root)
		if err != nil {
			return nil, err
		}
		for _, c := range children {
			var p Param
			switch c.name {
			case "parameter":
				if p, err = x.param(c); err != nil {
					return nil, err
				}
			case "channel_snapshot", "bridge_snapshot":
				p = Param{Snapshot: strings.TrimSuffix(c.name, "_snapshot"), Prefix: c.attrs["prefix"]}
			default:
				continue
			}
			params = mergeParams(params, []Param{p})
		}
	}
	return params, nil
}

func (x *extractor) param(n *node) (Param, error) {
	p := Param{
		Name:     n.attrs["name"],
		Required: n.attrs["required"] == "true" || n.attrs["required"] == "yes",
		Multiple: n.attrs["multiple"] == "true" || n.attrs["multiple"] == "yes",
		Default:  n.attrs["default"],
	}
	children, err := n.expand(x.root)
	if err != nil {
		return p, err
	}
	for _, c := range children {
		if c.name != "enumlist" {
			continue
		}
		for _, e := range c.all("enum") {
			p.Enum = union(p.Enum, []string{e.attrs["name"]})
		}
	}
	return p, nil
}

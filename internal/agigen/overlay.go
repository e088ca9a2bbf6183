package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// entry is what the overlay says of a command; see overlay.yaml.
type entry struct {
	Go        []string `yaml:"go"`
	Hand      bool     `yaml:"hand"`
	Dead      bool     `yaml:"dead"`
	Interrupt string   `yaml:"interrupt"`
	Optional  []string `yaml:"optional"`
	Extra     []string `yaml:"extra"`
	Args      []string `yaml:"args"`
	Reply     string   `yaml:"reply"`
	Doc       string   `yaml:"doc"`
}

func loadOverlay() (map[string]entry, error) {
	text, err := inputs.ReadFile("overlay.yaml")
	if err != nil {
		return nil, err
	}
	overlay := map[string]entry{}
	if err := yaml.UnmarshalWithOptions(text, &overlay, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("overlay.yaml: %w", err)
	}
	return overlay, nil
}

// command is one that is generated: the newest facts with the overlay's corrections.
type command struct {
	Command
	entry
}

// merge puts the facts of all series and the overlay together. It fails where one speaks of what another does not know.
func merge(all map[string]*Facts, overlay map[string]entry) ([]command, error) {
	byName := map[string]Command{}
	for _, series := range slices.Sorted(maps.Keys(all)) { // the newest last
		for _, c := range all[series].Commands {
			byName[c.Name] = c
		}
	}
	for name := range overlay {
		if _, known := byName[name]; !known {
			return nil, fmt.Errorf("overlay.yaml: %s is no command of any Asterisk", name)
		}
	}
	var commands []command
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		e, known := overlay[name]
		if !known {
			return nil, fmt.Errorf("overlay.yaml: nothing about %s", name)
		}
		c := command{Command: byName[name], entry: e}
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("overlay.yaml: %s: %w", name, err)
		}
		commands = append(commands, c)
	}
	return commands, nil
}

var (
	interrupts = map[string]string{"": "Waits", "silent": "StopsSilently", "answers": "StopsAndAnswers"}
	replies    = map[string]bool{"none": true, "ok": true, "removed": true}
)

func (c command) check() error {
	for _, name := range c.Optional {
		if !slices.ContainsFunc(c.Params, func(p Param) bool { return p.Name == name && p.Required }) {
			return fmt.Errorf("%q is not a required parameter", name)
		}
	}
	switch _, known := interrupts[c.Interrupt]; {
	case len(c.Go) == 0:
		return errors.New("no method")
	case !known:
		return fmt.Errorf("the interrupt %q is none", c.Interrupt)
	case c.Hand && (c.Reply != "" || c.Doc != "" || c.Args != nil):
		return errors.New("it is written by hand and described for generation")
	case c.Hand:
		return nil
	case !replies[c.Reply], c.Doc == "", len(c.Go) != 1:
		return errors.New("a generated method needs one name, a reply and a doc")
	case len(c.Args) != len(c.Params):
		return fmt.Errorf("%d arguments for %d parameters", len(c.Args), len(c.Params))
	}
	for _, text := range c.Args {
		if _, err := argumentOf(text); err != nil {
			return err
		}
	}
	return nil
}

// usage names the parameters, the optional ones in brackets.
func (c command) usage() string {
	var words []string
	for _, p := range c.Params {
		word := strings.ReplaceAll(p.Name, " ", "_")
		if !p.Required || slices.Contains(c.Optional, p.Name) {
			word = "[" + word + "]"
		}
		words = append(words, word)
	}
	for _, name := range c.Extra {
		words = append(words, "["+name+"]")
	}
	return strings.Join(words, " ")
}

package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/asterism-go/asterism/internal/yamlfile"
)

// Overlay is overlay.yaml, whose comments say what each part is for.
type Overlay struct {
	Kinds      map[string][]string          `yaml:"kinds"`
	EventKinds map[string]map[string]string `yaml:"event_kinds"`
	EventNames map[string]string            `yaml:"event_names"`
	Spelling   map[string][]string          `yaml:"spelling"`
	GoNames    map[string]string            `yaml:"go_names"`
	Skip       []string                     `yaml:"skip"`
	Snapshots  map[string][]string          `yaml:"snapshots"`
	Events     map[string]OverlayEvent      `yaml:"events"`
	Lists      map[string]OverlayList       `yaml:"lists"`
	Params     map[string]map[string]string `yaml:"params"`
	Replies    map[string][]string          `yaml:"replies"`
	Removed    map[string]Difference        `yaml:"removed"`
	Privileges map[string][]string          `yaml:"privileges"`

	kinds map[string]string // kind by name of the field, in lower case
}

// OverlayEvent is an event that the documentation lacks, or what it lacks of an event.
type OverlayEvent struct {
	Classes []string `yaml:"classes"`
	Modules []string `yaml:"modules"`
	Fields  []string `yaml:"fields"`
	// Like names the event that has the same fields.
	Like string `yaml:"like"`
}

// OverlayList is what an action is answered with.
type OverlayList struct {
	Items    []string `yaml:"items"`
	Complete string   `yaml:"complete"`
	// When says when it is answered with a list, "" is always.
	When string `yaml:"when"`
	// Miscounted says that Asterisk's ListItems is not the number of items.
	Miscounted bool `yaml:"miscounted"`
}

func loadOverlay() (*Overlay, error) {
	const name = "overlay.yaml"
	text, err := inputs.ReadFile(name)
	if err != nil {
		return nil, err
	}
	o := new(Overlay)
	file, err := yamlfile.Parse(name, text, o)
	if err != nil {
		return nil, err
	}
	o.kinds = map[string]string{}
	for kind, fields := range o.Kinds {
		for _, f := range fields {
			if other := o.kinds[strings.ToLower(f)]; other != "" && other != kind {
				return nil, file.Errorf("$.kinds", "%s is %s and %s", f, other, kind)
			}
			o.kinds[strings.ToLower(f)] = kind
		}
	}
	return o, nil
}

// kind returns the kind of an event's field, or "" if nobody says.
func (o *Overlay) kind(event, field string) string {
	for name, kind := range o.EventKinds[event] {
		if strings.EqualFold(name, field) {
			return kind
		}
	}
	return o.kinds[strings.ToLower(field)]
}

// removedIn returns the version in which what has this name had gone, or "".
func (o *Overlay) removedIn(name string) string {
	for version, d := range o.Removed {
		if slices.Contains(d.Actions, name) || slices.Contains(d.Events, name) {
			return version
		}
	}
	return ""
}

// privileges returns the privileges one of which the action needs, none if everybody may run it.
func (o *Overlay) privileges(action string) ([]string, error) {
	for classes, actions := range o.Privileges {
		if !slices.Contains(actions, action) {
			continue
		}
		if classes == "none" {
			return nil, nil
		}
		return strings.Fields(classes), nil
	}
	return nil, fmt.Errorf("the overlay does not say the privileges of %s", action)
}

package main

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/asterism-go/asterism/internal/facts"
)

// Facts are what the documentation of one Asterisk says of its AGI commands, its prose left out.
type Facts struct {
	// Asterisk is the version that it came with, Source where it lies.
	Asterisk string    `json:"asterisk"`
	Source   string    `json:"source"`
	Commands []Command `json:"commands"`
}

// Command is one AGI command.
type Command struct {
	// Name is in capital letters, as in every example of Asterisk's, such as STREAM FILE.
	Name string `json:"name"`
	// Since are the versions that have brought it, one for each branch.
	Since  []string `json:"since,omitempty"`
	Params []Param  `json:"params,omitempty"`
	// Results are those that the documentation lists.
	Results []string `json:"results,omitempty"`
}

// Param is a parameter of a command, in the order in which it is sent.
type Param struct {
	Name     string   `json:"name"`
	Required bool     `json:"required,omitempty"`
	Enum     []string `json:"enum,omitempty"`
}

// xmlCommand is an element agi of core-en_US.xml.
type xmlCommand struct {
	Name   string   `xml:"name,attr"`
	Since  []string `xml:"since>version"`
	Params []struct {
		Name     string    `xml:"name,attr"`
		Required string    `xml:"required,attr"`
		Enum     []xmlEnum `xml:"enumlist>enum"`
	} `xml:"syntax>parameter"`
	Results []xmlEnum `xml:"description>enumlist>enum"`
}

type xmlEnum struct {
	Name string `xml:"name,attr"`
}

// extract reads the facts out of the documentation that comes with Asterisk, core-en_US.xml.
func extract(r io.Reader, version string) (*Facts, error) {
	facts := &Facts{Asterisk: version, Source: factsSource}
	decoder := xml.NewDecoder(r)
	decoder.Strict = false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "agi" {
			continue
		}
		var c xmlCommand
		if err := decoder.DecodeElement(&c, &start); err != nil {
			return nil, err
		}
		facts.Commands = append(facts.Commands, c.command())
	}
	if len(facts.Commands) == 0 {
		return nil, errors.New("there are no AGI commands in it")
	}
	slices.SortFunc(facts.Commands, func(a, b Command) int { return strings.Compare(a.Name, b.Name) })
	return facts, nil
}

func (x xmlCommand) command() Command {
	c := Command{Name: strings.ToUpper(x.Name), Since: x.Since, Results: names(x.Results)}
	for _, p := range x.Params {
		c.Params = append(c.Params, Param{Name: p.Name, Required: p.Required == "true" || p.Required == "yes", Enum: names(p.Enum)})
	}
	return c
}

func names(enums []xmlEnum) []string {
	var list []string
	for _, e := range enums {
		list = append(list, e.Name)
	}
	return list
}

// loadFacts reads committed facts, by the series of Asterisk.
func loadFacts() (map[string]*Facts, error) {
	return facts.Load(inputs, func(f *Facts) string { return f.Asterisk })
}

// Command amigen generates the packages ami/action and ami/event.
//
//	amigen facts -version 22.10.1 core-en_US.xml    # prints the facts of Asterisk's documentation, for the folder facts
//	amigen action DIR                               # writes the package action
//	amigen event DIR                                # writes the package event
//
// What it generates from lies beside it: facts/asterisk-*.json, which name actions, events, parameters and fields and hold
// no prose, and overlay.yaml, which says what Asterisk's documentation does not. Nothing is read from the network.
package main

import (
	"embed"
	"errors"
	"fmt"
	"os"

	"github.com/asterism-go/asterism/internal/facts"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "amigen: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return errors.New("usage: amigen facts -version VERSION XML | amigen action DIR | amigen event DIR")
	}
	if args[0] == "facts" {
		return facts.Print(args[1:], "the XML", printable)
	}
	m, err := loadModel()
	if err != nil {
		return err
	}
	switch args[0] {
	case "action":
		return generateActions(m, args[1])
	case "event":
		return generateEvents(m, args[1])
	}
	return fmt.Errorf("%s is not one of facts, action and event", args[0])
}

//go:embed overlay.yaml facts
var inputs embed.FS

const factsSource = "core-en_US.xml of Debian's package asterisk"

// printable are the facts of an XML file as they are committed.
func printable(xml, version string) ([]byte, error) {
	f, err := os.Open(xml)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	found, err := extract(f, version, factsSource)
	if err != nil {
		return nil, err
	}
	return found.write()
}

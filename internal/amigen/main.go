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
	"flag"
	"fmt"
	"os"
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
		return printFacts(args[1:])
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

func printFacts(args []string) error {
	flags := flag.NewFlagSet("facts", flag.ContinueOnError)
	version := flags.String("version", "", "the version of Asterisk")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *version == "" || flags.NArg() != 1 {
		return errors.New("facts needs -version and the XML")
	}
	f, err := os.Open(flags.Arg(0))
	if err != nil {
		return err
	}
	defer f.Close()
	facts, err := extract(f, *version, factsSource)
	if err != nil {
		return err
	}
	text, err := facts.write()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(text)
	return err
}

// Command arigen generates the typed part of package ari.
//
//	arigen facts -version 22.10.1 DIR    # prints the facts of Asterisk's rest-api/*.json, for the folder facts
//	arigen ari DIR                       # writes the generated files of package ari
//
// What it generates from lies beside it: facts/asterisk-*.json, which name operations, parameters, models and fields and
// hold no prose, and overlay.yaml, which says what Asterisk's files do not. Nothing is read from the network.
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
		fmt.Fprintf(os.Stderr, "arigen: %v\n", err)
		os.Exit(1)
	}
}

//go:embed overlay.yaml facts
var inputs embed.FS

const factsSource = "rest-api/*.json of Debian's package asterisk"

func run(args []string) error {
	switch {
	case len(args) >= 2 && args[0] == "facts":
		return printFacts(args[1:])
	case len(args) == 2 && args[0] == "ari":
		m, err := loadModel()
		if err != nil {
			return err
		}
		return generate(m, args[1])
	}
	return errors.New("usage: arigen facts -version VERSION DIR | arigen ari DIR")
}

func printFacts(args []string) error {
	flags := flag.NewFlagSet("facts", flag.ContinueOnError)
	version := flags.String("version", "", "the version of Asterisk")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *version == "" || flags.NArg() != 1 {
		return errors.New("facts needs -version and the folder of the JSON files")
	}
	facts, err := extract(*version, os.DirFS(flags.Arg(0)))
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

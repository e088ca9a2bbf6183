// Command agigen generates the AGI commands of package agi.
//
//	agigen facts -version 22.10.1 core-en_US.xml    # prints the facts of Asterisk's documentation, for the folder facts
//	agigen commands FILE                            # writes agi/zz_gen_commands.go
//
// What it generates from lies beside it: facts/asterisk-*.json, which name commands and parameters and hold no prose, and
// overlay.yaml, which says what Asterisk's documentation does not. Nothing is read from the network.
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
		fmt.Fprintf(os.Stderr, "agigen: %v\n", err)
		os.Exit(1)
	}
}

//go:embed overlay.yaml facts
var inputs embed.FS

const factsSource = "core-en_US.xml of Debian's package asterisk"

func run(args []string) error {
	switch {
	case len(args) >= 2 && args[0] == "facts":
		return printFacts(args[1:])
	case len(args) == 2 && args[0] == "commands":
		text, err := generate()
		if err != nil {
			return err
		}
		return os.WriteFile(args[1], text, 0o644)
	}
	return errors.New("usage: agigen facts -version VERSION XML | agigen commands FILE")
}

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
	facts, err := extract(f, *version)
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

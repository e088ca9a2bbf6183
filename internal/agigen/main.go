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
	"fmt"
	"os"

	"github.com/asterism-go/asterism/internal/facts"
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
		return facts.Print(args[1:], "the XML", printable)
	case len(args) == 2 && args[0] == "commands":
		text, err := generate()
		if err != nil {
			return err
		}
		return os.WriteFile(args[1], text, 0o644)
	}
	return errors.New("usage: agigen facts -version VERSION XML | agigen commands FILE")
}

// printable are the facts of an XML file as they are committed.
func printable(xml, version string) ([]byte, error) {
	f, err := os.Open(xml)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	found, err := extract(f, version)
	if err != nil {
		return nil, err
	}
	return facts.Text(found)
}

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
	"fmt"
	"os"

	"github.com/asterism-go/asterism/internal/facts"
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
		return facts.Print(args[1:], "the folder of the JSON files", printable)
	case len(args) == 2 && args[0] == "ari":
		m, err := loadModel()
		if err != nil {
			return err
		}
		return generate(m, args[1])
	}
	return errors.New("usage: arigen facts -version VERSION DIR | arigen ari DIR")
}

// printable are the facts of a folder of JSON files as they are committed.
func printable(dir, version string) ([]byte, error) {
	found, err := extract(version, os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	return facts.Text(found)
}

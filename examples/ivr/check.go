package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/asterism-go/asterism/ivr/graph"
	"github.com/asterism-go/asterism/ivr/menu"
	"github.com/asterism-go/asterism/ivr/prompts"
)

// check says all that is wrong with a file of menus and, if it is told where Asterisk's sounds are, which are missing.
func check(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("ivr check", flag.ContinueOnError)
	flags.SetOutput(stderr)
	sounds := flags.String("sounds", "", "the `folder` of Asterisk's sounds")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("want the name of a file: check [-sounds FOLDER] FILE")
	}
	set, err := menu.Read(flags.Arg(0))
	if err != nil {
		return err
	}
	if *sounds != "" {
		library, err := prompts.FromFolder(os.DirFS(*sounds), set.Languages()...)
		if err != nil {
			return err
		}
		if err := errors.Join(set.Missing(library.Has)...); err != nil {
			return err
		}
	}
	fmt.Fprintf(stdout, "%s: %d nodes, nothing wrong\n", flags.Arg(0), set.Nodes())
	return nil
}

// draw draws the menus with the calls of the journal.
func draw(ctx context.Context, o options) error {
	set, err := o.menus()
	if err != nil {
		return err
	}
	var counts menu.Counts
	if o.journal != "" {
		if counts, err = countsOf(o.journal); err != nil {
			return err
		}
	}
	svg, err := graph.SVG(ctx, set, counts)
	if err != nil {
		return err
	}
	return os.WriteFile(o.graph, svg, 0o644)
}

// countsOf counts the calls of a journal.
func countsOf(file string) (counts menu.Counts, err error) {
	f, err := os.Open(file)
	if err != nil {
		return counts, err
	}
	defer f.Close()
	for line, d := 1, json.NewDecoder(f); ; line++ {
		var e entry
		err := d.Decode(&e)
		if errors.Is(err, io.EOF) {
			return counts, nil
		}
		if err != nil {
			return counts, fmt.Errorf("%s: entry %d: %w", file, line, err)
		}
		if e.Path != nil {
			counts.Add(*e.Path)
		}
	}
}

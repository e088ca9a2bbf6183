package main

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"

	"github.com/asterism-go/asterism/callcenter/calls"
)

// witnessed fills the calls of a stream from a channel event log and from call detail records, adds those that only they
// tell of, and says where they disagree.
func witnessed(o options, cfg calls.Config, told []calls.Call, stderr io.Writer) ([]calls.Call, error) {
	witness := calls.NewWitness(cfg)
	for _, call := range told {
		witness.Add(call)
	}
	err := errors.Join(
		hear(o.cel, stderr, calls.ReadCEL, witness.HearCEL),
		hear(o.cdr, stderr, calls.ReadCDR, func(r calls.Record) { witness.Hear(r) }))
	if err != nil {
		return nil, err
	}
	report := witness.Report()
	for _, d := range report.Disagreements {
		fmt.Fprintln(stderr, "calls:", d)
	}
	for _, call := range report.Calls {
		i := slices.IndexFunc(told, func(c calls.Call) bool { return c.ID == call.ID })
		if i < 0 {
			told = append(told, call)
		} else {
			told[i] = call
		}
	}
	return told, nil
}

// hear reads the rows of a file, if one is given. Those that cannot be read are said.
func hear[T any](path string, stderr io.Writer, read func(io.Reader, calls.CSV) iter.Seq2[T, error], take func(T)) error {
	if path == "" {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	for row, err := range read(file, calls.CSV{}) {
		bad := (*calls.RowError)(nil)
		switch {
		case errors.As(err, &bad):
			fmt.Fprintln(stderr, err)
		case err != nil:
			return fmt.Errorf("%s: %w", path, err)
		default:
			take(row)
		}
	}
	return nil
}

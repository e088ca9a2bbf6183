package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/asterism-go/asterism/ari"
)

// errFound says that something is wrong.
var errFound = errors.New("see above")

// examine prints what is wrong, and the lines that put it right.
func examine(ctx context.Context, client *ari.Client, args []string, out io.Writer) error {
	params, err := paramsOf(args)
	if err != nil {
		return err
	}
	words := func(name string) (all []string) {
		for _, value := range params[name] {
			all = append(all, strings.Split(value, ",")...)
		}
		return all
	}
	report, err := (&ari.Doctor{Client: client, Languages: words("languages"), Formats: words("formats"), Stall: len(params["stall"]) > 0}).Examine(ctx)
	if report == nil {
		return err
	}
	fmt.Fprintf(out, "; Asterisk %s\n", report.Version)
	for _, f := range report.Findings {
		fmt.Fprintf(out, "\n; %s\n%s\n", f.Problem, f.Remedy)
	}
	for _, note := range report.Notes {
		fmt.Fprintf(out, "\n; note: %s\n", note)
	}
	if len(report.Lacks) > 0 {
		fmt.Fprintf(out, "\n; this version does not have: %s\n", strings.Join(report.Lacks, ", "))
	}
	if err == nil && len(report.Findings) > 0 {
		err = errFound
	}
	return err
}
